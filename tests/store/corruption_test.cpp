#include "parley/store/directory_table.hpp"
#include "src/store/bytes.hpp"
#include "src/store/keys.hpp"
#include "src/store/sealed.hpp"
#include "tests/store/table_fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <tuple>

namespace parley::store {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

std::string_view seq_key(const std::uint64_t& seq) {
  return {reinterpret_cast<const char*>(&seq), sizeof seq};
}

class corruption_test : public table_test {
protected:
  corruption_test() { open(); }

  /// Two pairs with everything that a store can hold: snapshots, a closed conversation, an outbox,
  /// timers, listings.
  void fill() {
    first.append(*log, {first.opened(1, to_users({"ann"}), at_ms(70'000)),
                        first.inbound("needle in the first", 1)});
    first.append(*log, {first.outbound("reply", 2)});
    first.snapshot(*log);
    first.append(*log, {first.inbound("needle in the tail", 3)});
    second.append(*log, {second.opened(2, to_users({}, "sales"), at_ms(80'000))});
    second.append(*log, {second.closed()});
    second.snapshot(*log);
    second.append(*log, {second.opened(3, to_users({}, "sales"), at_ms(90'000))});
    settle();
    log->stop();
  }

  /// Two pairs, the first of them known by its row of `heads` alone.
  void take_out_of_the_tail() {
    options.tail_events_max = 1;
    reopen();
    first.append(*log, {first.opened(1, to_users({"ann"})), first.inbound("text", 1)});
    settle();
    second.append(*log, {second.opened(2, to_users({"ann"}))});
    settle();
    log->stop();
    ASSERT_EQ(log->tail_head(first.key), 0U);
  }

  pair_driver first{pair_of(1)};
  pair_driver second{pair_of(2)};
};

TEST_F(corruption_test, a_sound_store_has_no_faults) {
  fill();
  const auto found = verified();
  EXPECT_THAT(found.faults, IsEmpty());
  EXPECT_EQ(found.records, 7U);
  EXPECT_EQ(found.pairs, 2U);
  EXPECT_EQ(found.snapshots, 2U);
}

TEST_F(corruption_test, a_users_thread_which_has_a_presence_and_no_conversation_is_sound) {
  using model::presence;
  const model::address own{model::channel::chat, "ann"};
  pair_driver thread{{.organization = 7, .ours = own, .theirs = own}};
  for (const auto now : {presence::available, presence::busy})
    thread.append(*log, {{{}, at_ms(1), model::availability_changed{"ann", now, false}}});
  thread.snapshot(*log);
  thread.append(*log,
                {{{}, at_ms(2), model::availability_changed{"ann", presence::offline, true}}});
  settle();
  log->stop();
  EXPECT_THAT(verified().faults, IsEmpty());
  const auto stored = read->load(thread.key);
  ASSERT_TRUE(stored.snapshot);
  EXPECT_EQ(stored.snapshot->presence, presence::busy);
  EXPECT_EQ(stored.tail.size(), 1U);
}

TEST_F(corruption_test, one_bit_of_a_record_is_found_and_named) {
  fill();
  const std::uint64_t seq = 4;
  with_each_byte_damaged(in().journal, seq_key(seq), [&] {
    EXPECT_THAT([&] { std::ignore = read->at(seq); },
                ThrowsMessage<corruption_error>(HasSubstr("journal: record 4 ")));
    EXPECT_THROW(std::ignore = read->load(first.key), corruption_error);
  });
  EXPECT_EQ(read->load(first.key).tail.size(), 1U);
}

TEST_F(corruption_test, one_bit_of_a_snapshot_is_found_and_named) {
  fill();
  with_each_byte_damaged(in().conversations, first.key, [&] {
    EXPECT_THAT([&] { std::ignore = read->load(first.key); },
                ThrowsMessage<corruption_error>(
                  AllOf(HasSubstr("conversations"), HasSubstr("+16661000001"))));
    EXPECT_EQ(read->load(second.key).tail.size(), 1U);  // Nobody else is touched.
  });
  EXPECT_TRUE(read->load(first.key).snapshot);
}

TEST_F(corruption_test, one_bit_of_a_row_is_found) {
  fill();
  const auto id = id_of<model::conversation_id>(1);
  with_each_byte_damaged(in().conversation_ids, id_key(id), [&] {
    EXPECT_THROW(std::ignore = read->find(id), corruption_error);
  });
  auto outbox_key = outbox_lane_key(7, first.state.pair.ours, lane::reply);
  const auto prefix = outbox_prefix(7, first.state.pair.ours);
  append_big(outbox_key, std::uint64_t{3});
  with_each_byte_damaged(in().outbox, outbox_key, [&] {
    const auto rows = read->outbox(prefix, lane::reply, 0, 10);
    ASSERT_EQ(rows.size(), 1U) << "it holds up no other, so it is not thrown";
    EXPECT_EQ(rows.front().seq, 3U);
    EXPECT_THAT(rows.front().fault, HasSubstr("outbox: the row "));
  });
  with_each_byte_damaged(in().timers, timer_key(at_ms(70'000), first.key), [&] {
    EXPECT_THROW(std::ignore = read->due_timers(at_ms(70'000), 10), corruption_error);
    EXPECT_THROW(std::ignore = read->next_timer(), corruption_error);
  });
  EXPECT_THAT(verified().faults, IsEmpty());
}

TEST_F(corruption_test, one_bit_of_a_head_is_found_and_named) {
  take_out_of_the_tail();
  EXPECT_THAT(verified().faults, IsEmpty());
  with_each_byte_damaged(in().heads, head_key(first.key), [&] {
    EXPECT_THAT([&] { std::ignore = read->load(first.key); },
                ThrowsMessage<corruption_error>(
                  AllOf(HasSubstr("heads"), HasSubstr("+16661000001"))));
    EXPECT_THAT(verified().faults, Contains(HasSubstr("heads")));
  });
  EXPECT_EQ(read->load(first.key).tail.size(), 2U);
}

TEST_F(corruption_test, verify_finds_a_last_event_that_no_row_has) {
  take_out_of_the_tail();
  erase(in().heads, head_key(first.key));
  EXPECT_THAT(verified().faults, Contains(AllOf(HasSubstr("heads"),
                                                HasSubstr("+16661000001, 2, is before the tail"))));
}

TEST_F(corruption_test, verify_finds_a_head_that_is_another_pairs) {
  take_out_of_the_tail();
  const auto key = head_key(first.key);
  const auto other = head_value(3);
  std::string sealed(seal_bytes + other.size(), '\0');
  seal_into(sealed.data(), key, {other.data(), other.size()});
  put(in().heads, key, sealed);
  EXPECT_THAT(verified().faults, Contains(HasSubstr("names record 3, which is not the pair's")));
  EXPECT_THROW(std::ignore = read->load(first.key), corruption_error);
}

TEST_F(corruption_test, verify_names_what_was_damaged) {
  fill();
  const std::uint64_t seq = 2;
  auto record = value_at(in().journal, seq_key(seq));
  record.back() = static_cast<char>(record.back() ^ 1);
  put(in().journal, seq_key(seq), record);
  auto snapshot = value_at(in().conversations, second.key);
  snapshot[20] = static_cast<char>(snapshot[20] ^ 1);
  put(in().conversations, second.key, snapshot);
  const auto faults = verified().faults;
  EXPECT_EQ(faults.size(), 2U) << ::testing::PrintToString(faults);
  EXPECT_THAT(faults, Contains(HasSubstr("journal: record 2 does not match its checksum")));
  EXPECT_THAT(faults, Contains(AllOf(HasSubstr("conversations"), HasSubstr("+16661000002"))));
}

TEST_F(corruption_test, verify_finds_a_snapshot_that_is_not_what_its_events_say) {
  first.append(*log, {first.opened(1, to_users({"ann"})), first.inbound("text", 1)});
  first.state.last_activity += std::chrono::milliseconds{1};
  first.snapshot(*log);
  settle();
  EXPECT_THAT(verified().faults, Contains(HasSubstr("is not what its events replay to")));
}

TEST_F(corruption_test, verify_finds_gaps_and_rows_without_cause) {
  fill();
  const std::uint64_t seq = 3;
  erase(in().journal, seq_key(seq));
  const auto faults = verified().faults;
  EXPECT_THAT(faults, Contains(HasSubstr("journal: record 3 is missing")));
  EXPECT_THAT(faults, Contains(AllOf(HasSubstr("outbox"), HasSubstr("names record 3"))));
}

TEST_F(corruption_test, verify_finds_what_nobody_would_do) {
  fill();
  erase(in().timers, timer_key(at_ms(70'000), first.key));
  auto outbox_key = outbox_lane_key(7, first.state.pair.ours, lane::reply);
  append_big(outbox_key, std::uint64_t{3});
  erase(in().outbox, outbox_key);
  const auto faults = verified().faults;
  EXPECT_EQ(faults.size(), 2U) << ::testing::PrintToString(faults);
  EXPECT_THAT(faults, Contains(HasSubstr("timers: the timer of")));
  EXPECT_THAT(faults, Contains(HasSubstr("outbox: the row of ms_")));
}

TEST_F(corruption_test, one_bit_of_the_file_is_found_at_start_and_by_verify) {
  fill();
  close();
  const auto file = directory / "data.mdb";
  std::ifstream in_file{file, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{in_file}, {}};
  const auto at = bytes.find("needle in the tail");
  ASSERT_NE(at, std::string::npos);
  for (auto found = at; found != std::string::npos;  // Old copies of the page may lie about.
       found = bytes.find("needle in the tail", found + 1))
    bytes[found] = static_cast<char>(bytes[found] ^ 4);
  std::ofstream{file, std::ios::binary} << bytes;
  EXPECT_THAT([&] { open(); },
              ThrowsMessage<corruption_error>(HasSubstr("record 4 does not match its checksum")));
  EXPECT_THAT(verified().faults, Contains(HasSubstr("record 4 does not match its checksum")));
}

TEST_F(corruption_test, a_damaged_directory_is_found) {
  model::organization one;
  one.index = 1;
  one.id = "acme";
  EXPECT_EQ(save_directory(*env, {one}), 1U);
  std::string key;
  append_big(key, std::uint32_t{1});
  with_each_byte_damaged(in().directory, key, [&] {
    EXPECT_THROW(std::ignore = load_directory(*env), corruption_error);
  });
}

}  // namespace
}  // namespace parley::store
