#include "src/ingress/problem.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <string>

namespace parley::ingress {
namespace {

std::string header(const http::response& what, std::string_view name) {
  for (const auto& [key, value] : what.headers)
    if (key == name)
      return value;
  return {};
}

TEST(problem, has_the_words_of_every_code) {
  for (const auto& known : model::errc_table) {
    const auto made = problem(known.code, "why \"so\"", 7);
    EXPECT_EQ(made.status, known.http_status);
    EXPECT_EQ(made.content_type, "application/problem+json");
    const auto json = boost::json::parse(made.body).as_object();
    EXPECT_EQ(json.at("code").as_string(), std::string{known.name});
    EXPECT_EQ(json.at("title").as_string(), std::string{known.title});
    EXPECT_EQ(json.at("status").as_int64(), known.http_status);
    EXPECT_EQ(json.at("detail").as_string(), "why \"so\"");
    EXPECT_EQ(json.contains("retry_after"), known.retryable);
    EXPECT_EQ(made.retry_after_s, known.retryable ? 7U : 0U);
  }
}

TEST(problem, leaves_out_an_empty_detail) {
  const auto made = problem(model::errc::not_found, {}, 7);
  EXPECT_FALSE(boost::json::parse(made.body).as_object().contains("detail"));
}

TEST(problem, becomes_a_response_with_the_headers_of_its_status) {
  const auto busy = to_response(problem(model::errc::overloaded, {}, 3));
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(header(busy, "Retry-After"), "3");
  const auto stranger = to_response(problem(model::errc::unauthenticated, {}, 3));
  EXPECT_EQ(header(stranger, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(header(stranger, "Retry-After"), "");
}

}  // namespace
}  // namespace parley::ingress
