#include "bench/callbacks.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "parley/carrier/form.hpp"
#include "parley/carrier/twilio_signature.hpp"

namespace {

namespace bench = parley::bench;
namespace carrier = parley::carrier;

/// A request's parts, read back from its bytes.
struct parts {
  std::string line;
  std::string head;
  std::string body;

  explicit parts(const std::string& bytes) {
    const auto end = bytes.find("\r\n\r\n");
    line = bytes.substr(0, bytes.find("\r\n"));
    head = bytes.substr(0, end + 2);
    body = bytes.substr(end + 4);
  }

  [[nodiscard]] std::string field(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos)
      return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

bench::traffic some_traffic() {
  bench::traffic what;
  what.target = {.host = "127.0.0.1", .port = 8080};
  what.public_url = "https://example.test";
  what.pairs = 1000;
  what.numbers = 10;
  what.seed = 42;
  return what;
}

TEST(callbacks, inbound_is_signed_for_the_public_url) {
  const auto what = some_traffic();
  const parts request{bench::inbound_request(what, 5, 123)};
  EXPECT_EQ(request.line, "POST /carriers/twilio/tw/inbound HTTP/1.1");
  EXPECT_EQ(request.field("Content-Length"), std::to_string(request.body.size()));
  const carrier::form form{request.body, 64};
  ASSERT_TRUE(form.ok()) << form.fault();
  EXPECT_TRUE(
    carrier::twilio_signature_matches(what.token, "https://example.test/carriers/twilio/tw/inbound",
                                      form.parameters(), request.field("X-Twilio-Signature")));
  EXPECT_EQ(form.get("MessageSid"), bench::message_sid(what.seed, 5));
  EXPECT_EQ(form.get("From"), bench::contact_of(123));
  EXPECT_EQ(form.get("To"), "+15550100004");  // Pair 123 modulo 10 numbers is the fourth.
  EXPECT_EQ(form.get("Body").size(), what.body_bytes);
  EXPECT_EQ(form.get("SmsStatus"), "received");
}

TEST(callbacks, status_is_signed_for_the_public_url) {
  const auto what = some_traffic();
  const parts request{bench::status_request(
    what, {.message_sid = "SM1", .status = "delivered", .to = "+15551", .from = "+15552"})};
  EXPECT_EQ(request.line, "POST /carriers/twilio/tw/status HTTP/1.1");
  const carrier::form form{request.body, 64};
  ASSERT_TRUE(form.ok()) << form.fault();
  EXPECT_EQ(form.get("MessageStatus"), "delivered");
  EXPECT_TRUE(
    carrier::twilio_signature_matches(what.token, "https://example.test/carriers/twilio/tw/status",
                                      form.parameters(), request.field("X-Twilio-Signature")));
}

TEST(callbacks, sequential_order_touches_each_pair_once) {
  auto what = some_traffic();
  const auto requests = bench::inbound_requests(what, 0, 1000, bench::pair_order::sequential);
  ASSERT_EQ(requests.size(), 1000U);
  std::set<std::string> contacts;
  std::set<std::string> sids;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const parts request{std::string{requests[i]}};
    const carrier::form form{request.body, 64};
    contacts.emplace(form.get("From"));
    sids.emplace(form.get("MessageSid"));
  }
  EXPECT_EQ(contacts.size(), 1000U);
  EXPECT_EQ(sids.size(), 1000U);
}

TEST(callbacks, one_seed_makes_the_same_requests_again) {
  const auto what = some_traffic();
  const auto once = bench::inbound_requests(what, 7, 50, bench::pair_order::random);
  const auto again = bench::inbound_requests(what, 7, 50, bench::pair_order::random);
  auto other = what;
  other.seed = 43;
  const auto different = bench::inbound_requests(other, 7, 50, bench::pair_order::random);
  for (std::size_t i = 0; i < once.size(); ++i) {
    EXPECT_EQ(once[i], again[i]);
    EXPECT_NE(once[i], different[i]);
  }
}

TEST(callbacks, numbers_follow_each_other) {
  EXPECT_EQ(bench::number_at("+15550100001", 0), "+15550100001");
  EXPECT_EQ(bench::number_at("+15550100001", 99), "+15550100100");
  EXPECT_THROW(static_cast<void>(bench::number_at("15550100001", 1)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(bench::number_at("+1555x", 1)), std::invalid_argument);
}

TEST(callbacks, contacts_of_ten_million_pairs_differ) {
  EXPECT_EQ(bench::contact_of(0), "+12012000000");
  EXPECT_EQ(bench::contact_of(7'999'999), "+12019999999");
  EXPECT_EQ(bench::contact_of(8'000'000), "+12022000000");
}

}  // namespace
