#include "parley/files/signed_url.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace parley::files {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr sys_seconds expires{seconds{1'800'000'000}};
constexpr auto before = expires - seconds{1};
const url_secret secret{1, 2, 3};

file_id id_of(std::uint8_t last) {
  file_id id;
  id.bytes[15] = last;
  return id;
}

/// The query as it comes back.
url_claim claim_of(const std::string& query) {
  const auto middle = query.find('&');
  const std::string_view text{query};
  return {text.substr(8, middle - 8), text.substr(middle + 11)};
}

TEST(signed_url, is_good_until_it_expires) {
  const auto query = sign_url(secret, id_of(1), expires);
  EXPECT_EQ(query.substr(0, 29), "expires=1800000000&signature=");
  EXPECT_EQ(check_url(secret, id_of(1), claim_of(query), before), url_verdict::good);
  EXPECT_EQ(check_url(secret, id_of(1), claim_of(query), expires), url_verdict::expired);
}

TEST(signed_url, is_the_hmac_that_others_compute) {
  // Python: hmac.new(bytes([1, 2, 3] + [0] * 29), b"fl_00000000000000000000000001\n1800000000",
  // hashlib.sha256).hexdigest()
  const auto query = sign_url(secret, id_of(1), expires);
  EXPECT_EQ(query.substr(29), "7708a00ed969a84d02da228fc87c3f82faeb112c65c0b0f0be81be8d49ad0253");
}

TEST(signed_url, is_forged_when_anything_of_it_is_changed) {
  const auto query = sign_url(secret, id_of(1), expires);
  const auto claim = claim_of(query);
  const auto verdict
    = [&](url_claim changed) { return check_url(secret, id_of(1), changed, before); };
  EXPECT_EQ(check_url(secret, id_of(2), claim, before), url_verdict::forged);
  EXPECT_EQ(check_url(url_secret{3, 2, 1}, id_of(1), claim, before), url_verdict::forged);
  EXPECT_EQ(verdict({"1800000001", claim.signature}), url_verdict::forged);
  EXPECT_EQ(verdict({"01800000000", claim.signature}), url_verdict::forged);
  EXPECT_EQ(verdict({"", claim.signature}), url_verdict::forged);
  EXPECT_EQ(verdict({"soon", claim.signature}), url_verdict::forged);
  EXPECT_EQ(verdict({claim.expires, ""}), url_verdict::forged);
  EXPECT_EQ(verdict({claim.expires, claim.signature.substr(1)}), url_verdict::forged);
  std::string other{claim.signature};
  other.back() = other.back() == '0' ? '1' : '0';
  EXPECT_EQ(verdict({claim.expires, other}), url_verdict::forged);
}

TEST(fresh_url, is_good_for_as_long_as_it_should_be) {
  const file_urls urls{secret, "https://parley.example", seconds{60}};
  const auto url = fresh_url(urls, id_of(1), model::timestamp{expires - seconds{60}});
  EXPECT_EQ(url, "https://parley.example/files/" + id_of(1).text() + '?'
                   + sign_url(secret, id_of(1), expires));
}

TEST(fresh_url, is_good_for_no_less_in_the_middle_of_a_second) {
  const file_urls urls{secret, {}, seconds{60}};
  const model::timestamp now{expires - seconds{60} - std::chrono::milliseconds{1}};
  EXPECT_EQ(end_of_url(urls, now), expires);
  EXPECT_EQ(fresh_url(urls, id_of(1), now), fresh_url(urls, id_of(1), model::timestamp{expires
                                                                               - seconds{60}}));
}

TEST(with_fresh_urls, touches_own_files_only) {
  const file_urls urls{secret, {}, seconds{60}};
  auto what = std::make_shared<model::content>();
  what->files = {{"https://a.example/1", "image/png"}};
  const model::content_ptr given = what;
  EXPECT_EQ(with_fresh_urls(given, urls, {}), given);
  EXPECT_EQ(with_fresh_urls(nullptr, urls, {}), nullptr);
  what->files.push_back({"", "image/png", id_of(1)});
  const auto shown = with_fresh_urls(given, urls, {});
  EXPECT_EQ(shown->files[0], given->files[0]);
  EXPECT_EQ(shown->files[1].url, fresh_url(urls, id_of(1), {}));
  EXPECT_EQ(given->files[1].url, "");
}

}  // namespace

}  // namespace parley::files
