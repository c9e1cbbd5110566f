#include "parley/model/ids.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace parley::model {
namespace {

using namespace std::chrono_literals;

id128 id_of(const std::vector<std::uint8_t>& bytes) {
  id128 id;
  std::ranges::copy(bytes, id.bytes.begin());
  return id;
}

id128 any_id() {
  const auto byte = rc::gen::arbitrary<std::uint8_t>();
  return id_of(*rc::gen::container<std::vector<std::uint8_t>>(16, byte));
}

id128 filled(std::uint8_t byte) {
  id128 id;
  id.bytes.fill(byte);
  return id;
}

TEST(id_texts, are_the_known_ones) {
  EXPECT_EQ(to_base32(id128{}), "00000000000000000000000000");
  EXPECT_EQ(to_base32(filled(0xff)), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  // 2^5 in the last place is the last digit but one.
  id128 thirty_three;
  thirty_three.bytes[15] = 33;
  EXPECT_EQ(to_base32(thirty_three), "00000000000000000000000011");
  EXPECT_EQ(to_hex(filled(0xa5)), "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
}

TEST(id_texts, are_refused_when_not_canonical) {
  const std::string good = to_base32(filled(0x5a));
  ASSERT_TRUE(from_base32(good));
  EXPECT_FALSE(from_base32("")) << "empty";
  EXPECT_FALSE(from_base32(good.substr(1))) << "short";
  EXPECT_FALSE(from_base32(good + '0')) << "long";
  EXPECT_FALSE(from_base32("8" + good.substr(1))) << "more than 128 bits";
  for (const char wrong : {'I', 'L', 'O', 'U', 'a', '-', ' ', '\0', '\xff'}) {
    auto text = good;
    text[13] = wrong;
    EXPECT_FALSE(from_base32(text)) << static_cast<int>(wrong);
  }
  EXPECT_TRUE(from_hex("0123456789abcdef0123456789abcdef"));
  EXPECT_FALSE(from_hex("0123456789abcdef0123456789abcdeF")) << "upper case";
  EXPECT_FALSE(from_hex("0123456789abcdef0123456789abcde")) << "short";
  EXPECT_FALSE(from_hex("0123456789abcdef0123456789abcdefa")) << "long";
  EXPECT_FALSE(from_hex("0123456789abcdeg0123456789abcdef")) << "not a digit";
}

TEST(id_texts, kinds_do_not_mix) {
  const message_id message{filled(7)};
  const auto text = message.text();
  EXPECT_TRUE(text.starts_with("ms_"));
  EXPECT_EQ(message_id::parse(text), message);
  EXPECT_FALSE(conversation_id::parse(text));
  EXPECT_FALSE(message_id::parse(text.substr(3)));
}

RC_GTEST_PROP(id_texts, round_trip, ()) {
  const auto id = any_id();
  RC_ASSERT(from_base32(to_base32(id)) == id);
  RC_ASSERT(from_hex(to_hex(id)) == id);
}

RC_GTEST_PROP(id_texts, sort_as_their_ids, ()) {
  const auto a = any_id();
  const auto b = any_id();
  RC_ASSERT((to_base32(a) < to_base32(b)) == (a < b));
}

RC_GTEST_PROP(id_texts, whatever_reads_is_canonical, (const std::string& text)) {
  if (const auto id = from_base32(text))
    RC_ASSERT(to_base32(*id) == text);
  if (const auto id = from_hex(text))
    RC_ASSERT(to_hex(*id) == text);
}

TEST(id_source, puts_the_time_first_and_its_seed_last) {
  id_source source{0xabcd'0123'4567'89ab};
  const auto id = source.next(timestamp{0x0102'0304'0506ms});
  EXPECT_EQ(to_hex(id).substr(0, 12), "010203040506");
  EXPECT_EQ(to_hex(id).substr(20), "0123456789ab");
}

TEST(id_source, counts_on_from_a_start_that_depends_on_the_seed) {
  id_source source{1};
  id_source other{2};
  const timestamp now{1ms};
  const auto first = to_hex(source.next(now));
  EXPECT_NE(first.substr(12, 8), to_hex(other.next(now)).substr(12, 8));
  const auto counter = std::stoull(first.substr(12, 8), nullptr, 16);
  EXPECT_EQ(std::stoull(to_hex(source.next(now)).substr(12, 8), nullptr, 16), counter + 1);
}

TEST(id_source, borrows_from_the_next_millisecond_when_its_counter_wraps) {
  id_source source{5'724'132'918 - 1};  // Any start; the one of the next line ends in 0xffffffff.
  id_source last{5'724'132'918};
  const auto before = source.next(timestamp{7ms});
  const auto wrapped = last.next(timestamp{7ms});
  EXPECT_EQ(to_hex(before).substr(0, 12), "000000000007");
  EXPECT_EQ(to_hex(wrapped).substr(0, 20), "00000000000800000000");
  EXPECT_GT(last.next(timestamp{7ms}), wrapped);
}

TEST(id_source, of_the_system_differ) {
  id_source a;
  id_source b;
  EXPECT_NE(a.next(timestamp{1ms}), b.next(timestamp{1ms}));
}

/// Whatever the clock does, forwards, backwards, or before the epoch.
RC_GTEST_PROP(id_source, increases_strictly_under_any_clock,
              (std::uint64_t seed, const std::vector<std::int64_t>& clock)) {
  id_source source{seed};
  id128 last;
  for (const auto ms : clock) {
    const auto id = source.next(timestamp{std::chrono::milliseconds{ms}});
    RC_ASSERT(id > last);
    last = id;
  }
}

TEST(event_ids, are_ordered_by_time_and_then_by_position) {
  const timestamp now{1'700'000'000'000ms};
  EXPECT_LT(event_id_of(1, now), event_id_of(2, now));
  EXPECT_LT(event_id_of(255, now), event_id_of(256, now));
  EXPECT_LT(event_id_of(9, now), event_id_of(1, now + 1ms));
  EXPECT_EQ(event_id_of(1, now), event_id_of(1, now));
  EXPECT_TRUE(event_id_of(1, timestamp{}).has_value());
}

TEST(id_hash, tells_neighbours_apart) {
  id_source source{42};
  std::unordered_set<std::size_t> hashes;
  for (int i = 0; i < 1000; ++i)
    hashes.insert(id_hash{}(source.next(timestamp{1ms})));
  EXPECT_GT(hashes.size(), 990U);
}

}  // namespace
}  // namespace parley::model
