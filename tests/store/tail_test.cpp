#include "src/store/environment_impl.hpp"
#include "src/store/keys.hpp"
#include "src/store/tail_index.hpp"
#include "tests/store/store_fixture.hpp"

#include <gmock/gmock.h>

#include <set>

namespace parley::store {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class tail_test : public store_test {
protected:
  /// Opened, and `messages` long.
  pair_driver talk(std::uint64_t number, std::uint64_t messages) {
    pair_driver pair{pair_of(number)};
    pair.append(*log, {pair.opened(number, to_users({"ann"}))});
    for (std::uint64_t i = 1; i <= messages; ++i)
      pair.append(*log, {pair.inbound("text " + std::to_string(i), number * 1'000 + i)});
    return pair;
  }

  model::conversation_state replayed(const pair_driver& pair) {
    const auto stored = read->load(pair.key);
    auto state = stored.snapshot.value_or(pair_driver{pair.state.pair}.state);
    for (const auto& found : stored.tail)
      conversation::apply(state, found.event, found.seq);
    return state;
  }
};

TEST_F(tail_test, a_pair_is_its_snapshot_and_its_tail) {
  open();
  auto pair = talk(1, 3);
  settle();
  EXPECT_EQ(log->tail_head(pair.key), 4U);
  EXPECT_FALSE(read->load(pair.key).snapshot);
  EXPECT_EQ(read->load(pair.key).tail.size(), 4U);
  EXPECT_EQ(replayed(pair), pair.state);

  pair.snapshot(*log);
  settle();
  log->append({});
  EXPECT_EQ(log->tail_head(pair.key), 0U);
  EXPECT_EQ(read->load(pair.key).snapshot, pair.state);
  EXPECT_TRUE(read->load(pair.key).tail.empty());

  pair.append(*log, {pair.inbound("after", 99)});
  settle();
  EXPECT_EQ(log->tail_head(pair.key), 5U);
  EXPECT_EQ(read->load(pair.key).tail.size(), 1U);
  EXPECT_EQ(replayed(pair), pair.state);
}

TEST_F(tail_test, a_pair_that_never_spoke_is_empty) {
  open();
  const auto stored = read->load(pair_of(5).key());
  EXPECT_FALSE(stored.snapshot);
  EXPECT_TRUE(stored.tail.empty());
}

TEST_F(tail_test, a_start_finds_every_pair_again) {
  open();
  auto covered = talk(1, 3);
  covered.snapshot(*log);
  auto without_snapshot = talk(2, 2);
  auto after_snapshot = talk(3, 1);
  after_snapshot.snapshot(*log);
  after_snapshot.append(*log, {after_snapshot.inbound("after", 1)});
  reopen();
  EXPECT_EQ(replayed(covered), covered.state);
  EXPECT_TRUE(read->load(covered.key).tail.empty());
  EXPECT_EQ(replayed(without_snapshot), without_snapshot.state);
  EXPECT_EQ(replayed(after_snapshot), after_snapshot.state);
  EXPECT_EQ(read->load(after_snapshot.key).tail.size(), 1U);
}

TEST_F(tail_test, a_start_reads_only_what_no_snapshot_has) {
  open();
  auto pair = talk(1, 100);
  pair.snapshot(*log);
  settle();
  auto later = talk(2, 1);  // Its batch records that the tail now begins behind the first pair.
  settle();
  log->stop();
  EXPECT_EQ(log->counts().tail_events, 2U);
  reopen();
  EXPECT_LE(log->counts().tail_events, 2U + 1U);
  EXPECT_EQ(log->tail_head(pair.key), 0U);
  EXPECT_EQ(replayed(later), later.state);
}

TEST_F(tail_test, pairs_leave_a_long_tail_and_are_found_all_the_same) {
  options.tail_events_max = 50;
  open();
  std::vector<pair_driver> pairs;
  for (std::uint64_t round = 0; round < 3; ++round)
    for (std::uint64_t i = 1; i <= 60; ++i) {
      if (round == 0)
        pairs.push_back(talk(i, 0));
      auto& pair = pairs[i - 1];
      pair.append(*log, {pair.inbound("text", i * 1'000 + round)});
      settle();
      ASSERT_LE(log->counts().tail_events, 50U + 2U);
    }
  EXPECT_GT(log->counts().heads, 0U);
  EXPECT_EQ(log->counts().snapshots, 0U);
  reopen();
  EXPECT_LE(log->counts().tail_events, 50U + 2U);
  for (auto& pair : pairs) {
    EXPECT_EQ(replayed(pair), pair.state);
    EXPECT_EQ(read->load(pair.key).tail.size(), 4U);
  }
  // What was found is gone on with, on top of a row and of a snapshot.
  pairs[0].append(*log, {pairs[0].inbound("more", 99'001)});
  pairs[1].snapshot(*log);
  pairs[1].append(*log, {pairs[1].inbound("more", 99'002)});
  pairs[2].snapshot(*log);
  settle();
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(replayed(pairs[i]), pairs[i].state);
  EXPECT_EQ(read->load(pairs[1].key).tail.size(), 1U);
  EXPECT_TRUE(read->load(pairs[2].key).tail.empty());
}

TEST_F(tail_test, an_orderly_end_leaves_nothing_to_scan) {
  open();
  std::vector<pair_driver> pairs;
  for (std::uint64_t i = 1; i <= 200; ++i)
    pairs.push_back(talk(i, 1));
  settle();
  log->stop();
  log->leave_no_tail();
  EXPECT_EQ(log->counts().tail_events, 0U);
  EXPECT_EQ(log->counts().heads, 200U);
  reopen();
  EXPECT_EQ(log->counts().tail_events, 0U);
  for (auto& pair : pairs) {
    EXPECT_EQ(replayed(pair), pair.state);
    pair.append(*log, {pair.inbound("more", pair.state.head_seq)});
  }
  settle();
  for (auto& pair : pairs)
    EXPECT_EQ(replayed(pair), pair.state);
}

TEST_F(tail_test, a_pair_that_goes_on_in_the_batch_that_takes_it_out_stays_found) {
  options.tail_events_max = 1;  // Every batch takes out whoever is in the tail.
  open();
  auto pair = talk(1, 0);
  for (std::uint64_t i = 1; i <= 50; ++i) {
    pair.append(*log, {pair.inbound("text", i)});
    settle();
    ASSERT_EQ(replayed(pair), pair.state) << i;
  }
  reopen();
  EXPECT_EQ(replayed(pair), pair.state);
}

TEST(tail_index, sweeps_the_bucket_with_the_oldest_event_and_forgets_it_when_told) {
  tail_index index;
  for (std::uint64_t seq = 1; seq <= 6; ++seq)
    EXPECT_EQ(index.add("pair " + std::to_string((seq + 1) / 2), seq), seq % 2 == 0 ? seq - 1 : 0);
  EXPECT_EQ(index.last_of("pair 1"), 2U);
  EXPECT_EQ(index.last_of("pair 9"), 0U);
  EXPECT_EQ(index.first_or(7), 1U);

  std::vector<head_row> rows;
  ASSERT_TRUE(index.sweep(rows));
  ASSERT_EQ(rows.size(), 1U) << "three keys in three of 4,096 buckets";
  EXPECT_EQ(rows[0].key, head_key("pair 1"));
  EXPECT_EQ(rows[0].last_seq, 2U);
  EXPECT_EQ(index.first_or(7), 3U) << "what is being written counts as covered";
  EXPECT_EQ(index.last_of("pair 1"), 2U) << "but not for readers: it may not be durable yet";
  index.forget_swept();
  EXPECT_EQ(index.last_of("pair 1"), 0U);

  EXPECT_TRUE(index.sweep(rows));
  EXPECT_TRUE(index.sweep(rows));
  EXPECT_FALSE(index.sweep(rows));
  EXPECT_EQ(index.first_or(7), 7U);
}

TEST(tail_index, finds_every_pair_of_a_full_bucket) {
  tail_index index;
  constexpr std::uint64_t pairs = 50'000;  // A dozen in each bucket.
  for (std::uint64_t i = 1; i <= pairs; ++i)
    index.add(pair_of(i).key(), i);
  for (std::uint64_t i = 1; i <= pairs; ++i)
    ASSERT_EQ(index.last_of(pair_of(i).key()), i);
  std::vector<head_row> rows;
  std::uint64_t first = 0;
  while (index.sweep(rows)) {
    EXPECT_GT(index.first_or(pairs + 1), first) << "oldest first";
    first = index.first_or(pairs + 1);
  }
  std::set<std::string_view> keys;
  for (const auto& row : rows) {
    keys.insert(row.key);
    EXPECT_EQ(row.key, head_key(head_pair_key(row.key)));
    EXPECT_EQ(index.last_of(head_pair_key(row.key)), row.last_seq);
  }
  EXPECT_EQ(keys.size(), pairs);
}

/// Changes the store behind the journal's back.
void tamper(environment& env, const std::function<void(MDB_txn*, const tables&)>& change) {
  lmdb::transaction txn{env.inside().env.get(), lmdb::transaction::mode::read_write};
  change(txn.get(), env.inside().handles);
  std::move(txn).commit();
}

TEST_F(tail_test, a_lost_tail_is_an_error) {
  open();
  talk(1, 5);
  settle();
  log->stop();
  tamper(*env, [](MDB_txn* txn, const tables& in) {
    const std::uint64_t last = 6;
    lmdb::erase(txn, in.journal, {reinterpret_cast<const char*>(&last), sizeof last});
  });
  EXPECT_THAT([&] { reopen(); },
              ThrowsMessage<store_error>(HasSubstr("journal: ends at 5, but 6 was acknowledged")));
}

TEST_F(tail_test, a_gap_in_the_tail_is_an_error) {
  open();
  talk(1, 5);
  settle();
  log->stop();
  tamper(*env, [](MDB_txn* txn, const tables& in) {
    const std::uint64_t third = 3;
    lmdb::erase(txn, in.journal, {reinterpret_cast<const char*>(&third), sizeof third});
  });
  EXPECT_THAT([&] { reopen(); },
              ThrowsMessage<corruption_error>(HasSubstr("journal: record 3 is missing")));
}

TEST_F(tail_test, a_journal_without_meta_is_an_error) {
  open();
  talk(1, 1);
  settle();
  log->stop();
  tamper(*env,
         [](MDB_txn* txn, const tables& in) { lmdb::erase(txn, in.meta, journal_meta_key); });
  EXPECT_THROW(reopen(), store_error);
}

TEST_F(tail_test, a_broken_chain_is_an_error) {
  open();
  auto pair = talk(1, 2);
  pair.state.head_seq = 1;  // A writer that has lost its place.
  pair.append(*log, {pair.inbound("text", 77)});
  settle();
  EXPECT_THAT([&] { reopen(); },
              ThrowsMessage<corruption_error>(HasSubstr("record 4 follows 1, which is not")));
}

}  // namespace
}  // namespace parley::store
