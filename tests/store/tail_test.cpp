#include "src/store/environment_impl.hpp"
#include "src/store/keys.hpp"
#include "src/store/tail_index.hpp"
#include "tests/store/store_fixture.hpp"

#include <gmock/gmock.h>

#include <set>

namespace parley::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
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

TEST_F(tail_test, covered_pairs_leave_the_tail_after_a_start) {
  open();
  std::vector<pair_driver> pairs;
  for (std::uint64_t i = 1; i <= 40; ++i)
    pairs.push_back(talk(i, 1));
  for (std::size_t i = 1; i < pairs.size(); ++i)  // All but the oldest, which holds the tail open.
    pairs[i].snapshot(*log);
  reopen();
  EXPECT_EQ(log->counts().tail_events, 80U);
  pairs[0].snapshot(*log);
  auto fresh = talk(99, 0);
  // Each batch compares a few; as many batches as that takes, one append each.
  for (std::uint64_t i = 0; i < 10; ++i)
    sink->wait_for_seq(fresh.append(*log, {fresh.inbound("text", i)}));
  log->stop();
  EXPECT_EQ(log->counts().tail_events, 11U);
}

TEST_F(tail_test, asks_for_the_oldest_snapshots_when_the_tail_is_long) {
  options.tail_events_max = 50;
  options.snapshots_per_batch_max = 2;
  open();
  std::vector<pair_driver> pairs;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    pairs.push_back(talk(i, 4));
    settle();
  }
  settle();
  const auto asked = sink->due();
  ASSERT_FALSE(asked.empty());
  EXPECT_EQ(asked.front(), pairs.front().key);

  // Whoever is asked answers; then the tail is short again.
  std::set<std::string> answered;
  for (std::uint64_t round = 0; answered.size() < 10; ++round) {
    for (const auto& key : sink->due())
      if (answered.insert(key).second)
        std::ranges::find(pairs, key, &pair_driver::key)->snapshot(*log);
    sink->wait_for_seq(pairs.back().append(*log, {pairs.back().inbound("more", 90'000 + round)}));
    ASSERT_LT(round, 1'000U);
  }
  log->stop();
  EXPECT_LE(log->counts().tail_events, 50U + 5U * 4U + answered.size());
}

TEST(tail_index, asks_the_oldest_first_and_again_only_later) {
  tail_index index;
  for (std::uint64_t seq = 1; seq <= 6; ++seq)
    index.add_unchecked("pair " + std::to_string((seq + 1) / 2), seq);
  const std::chrono::steady_clock::time_point now{std::chrono::hours{1}};
  EXPECT_THAT(index.due(6, 10, now), IsEmpty());  // Nobody has looked at their snapshots yet.
  index.check_some(10, [](std::string_view pair) { return pair == "pair 1" ? 2U : 0U; });
  EXPECT_EQ(index.last_of("pair 1"), 0U);
  EXPECT_EQ(index.first_or(7), 3U);
  EXPECT_EQ(index.last_of("pair 3"), 6U);

  EXPECT_THAT(index.due(2, 10, now), IsEmpty());
  EXPECT_THAT(index.due(6, 1, now), ElementsAre("pair 2"));
  EXPECT_THAT(index.due(6, 10, now), ElementsAre("pair 3"));
  EXPECT_THAT(index.due(6, 10, now), IsEmpty());
  EXPECT_THAT(index.due(6, 10, now + tail_index::ask_again_after),
              ElementsAre("pair 2", "pair 3"));
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
