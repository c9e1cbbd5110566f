#include "parley/cli/input_error.hpp"
#include "parley/cli/provisioning.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace parley::cli {
namespace {

constexpr std::string_view file = R"([[organization]]
id = "demo"

[organization.prices]
currency = "EUR"

[[organization.prices.sms]]
to = "+49"
per_segment = "0.0790"

[[organization.prices.sms]]
to = "+"
per_segment = "0.1"
)";

std::string refusal_after(std::string_view old, std::string_view now) {
  std::string text{file};
  const auto at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  try {
    std::ignore = provision({}, text.replace(at, old.size(), now), "f");
  } catch (const input_error& no) {
    return no.what();
  }
  return "nothing";
}

TEST(provisioned_prices, are_kept_as_they_are_written) {
  EXPECT_EQ(provision({}, file, "f").front().prices,
            (model::price_settings{"EUR", {{"+49", "0.0790"}, {"+", "0.1"}}}));
}

TEST(provisioned_prices, there_need_not_be_any) {
  EXPECT_EQ(provision({}, "[[organization]]\nid = \"demo\"\n", "f").front().prices,
            model::price_settings{});
}

TEST(provisioned_prices, names_the_place_of_what_cannot_be) {
  EXPECT_EQ(refusal_after("currency = \"EUR\"\n", ""),
            "f:4: `currency` of prices is missing");
  EXPECT_EQ(refusal_after("0.0790", "free"),
            "f:4: `prices.sms[0].per_segment` of an organization must be a number such as 0.0079, "
            "from 0 to 100 with at most six decimal places, not `free`");
  EXPECT_EQ(refusal_after("per_segment = \"0.1\"", "per_segment = 0.1"),
            "f:13: `per_segment` of a price must be a string");
  EXPECT_EQ(refusal_after("per_segment = \"0.1\"", "each = \"0.1\""),
            "f:13: a price has no `each`; it has to, per_segment");
}

}  // namespace
}  // namespace parley::cli
