#include "bench/bulk_upload.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "bench/bulk_jobs.hpp"
#include "tests/bench/answering_server.hpp"

namespace {

namespace bench = parley::bench;
namespace http = parley::http;
using bench::testing::answering_server;
using namespace std::chrono_literals;

/// What a broker would see of an upload.
struct seen_upload {
  std::string query;
  std::string key;
  std::string content_type;
  std::string body;
};

class bulk_upload : public ::testing::TestWithParam<bool> {};

TEST_P(bulk_upload, is_one_request_with_a_line_for_each_recipient) {
  seen_upload seen;
  answering_server server{[&](http::request& incoming) {
    seen = {std::string{incoming.query}, std::string{incoming.header("idempotency-key")},
            std::string{incoming.header("content-type")}, incoming.body};
    http::response answer;
    answer.status = 202;
    answer.body = R"({"id":"bk_1"})";
    return answer;
  }};
  bench::bulk_order order;
  order.from = "+15550100001";
  order.user = "agent1";
  order.first_ordinal = 5;
  order.lines = 2000;
  order.idempotency_key = "k";
  order.chunked = GetParam();
  const auto answer = bench::upload(server.at(), bench::bulk_request(server.at(), "s", order), 30s);
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"id":"bk_1"})");
  EXPECT_GT(answer.elapsed, 0ns);
  EXPECT_NE(seen.query.find("from=%2B15550100001&user=agent1&body="), std::string::npos);
  EXPECT_EQ(seen.query.find("start_at"), std::string::npos);
  EXPECT_EQ(seen.key, "k");
  EXPECT_EQ(seen.content_type, "application/x-ndjson");
  EXPECT_EQ(std::count(seen.body.begin(), seen.body.end(), '\n'), 2000);
  const auto first = boost::json::parse(seen.body.substr(0, seen.body.find('\n')));
  EXPECT_EQ(first.at("to").as_string(), "+12012000005");
  EXPECT_EQ(first.at("vars").at("name").as_string(), "#5");
}

INSTANTIATE_TEST_SUITE_P(with_a_length_and_chunked, bulk_upload, ::testing::Bool());

TEST(bulk_upload_refused, is_read_although_the_rest_is_not_taken) {
  // The server takes at most 1 MiB and answers before it has read the body.
  answering_server server{[](http::request&) { return http::response{}; }};
  bench::bulk_order order;
  order.lines = 200'000;
  const auto answer = bench::upload(server.at(), bench::bulk_request(server.at(), "s", order), 30s);
  EXPECT_EQ(answer.status, 413);
}

TEST(bulk_jobs, share_the_lines_and_want_each_of_them_accepted) {
  std::size_t refused = 0;
  std::vector<std::size_t> lines;
  answering_server server{[&](http::request& incoming) {
    lines.push_back(
      static_cast<std::size_t>(std::count(incoming.body.begin(), incoming.body.end(), '\n')));
    http::response answer;
    answer.status = 202;
    answer.body = R"({"id":"bk_)" + std::to_string(lines.size()) + R"(","accepted":)"
                  + std::to_string(lines.back() - refused) + "}";
    return answer;
  }};
  bench::bulk_settings settings;
  settings.target = server.at().url();
  settings.lines = 10;
  settings.jobs = 3;
  bench::bulk_jobs jobs{settings, {}, 1};
  jobs.upload_all();
  EXPECT_EQ(lines, (std::vector<std::size_t>{3, 3, 4}));
  EXPECT_EQ(jobs.ids(), (std::vector<std::string>{"bk_1", "bk_2", "bk_3"}));
  EXPECT_EQ(jobs.lines(), 10U);
  EXPECT_GT(jobs.elapsed(), 0ns);

  refused = 1;
  bench::bulk_jobs again{settings, {}, 2};
  EXPECT_THROW(again.upload_all(), std::runtime_error);
}

}  // namespace
