#include "tests/actors/cast_fixture.hpp"

namespace parley::actors {
namespace {

TEST_F(cast_test, I1_answers_a_callback_only_when_it_is_durable) {
  receive("+15557000001", "SM1", 1);
  run();
  EXPECT_FALSE(answered(1)) << "nothing was committed yet";
  commit();
  EXPECT_TRUE(answered(1));
  EXPECT_EQ(stored("+15557000001").last_index, 1U);
}

TEST_F(cast_test, I4_two_first_messages_of_a_pair_open_one_conversation) {
  receive("+15557000001", "SM1", 1);
  receive("+15557000001", "SM2", 2);
  run_and_commit();
  EXPECT_EQ(counts_.conversations_opened.load(), 1U);
  EXPECT_EQ(stored("+15557000001").last_index, 2U);
}

TEST_F(cast_test, I5_a_duplicate_before_the_first_is_durable_waits_for_that_commit) {
  receive("+15557000001", "SM1", 1);
  receive("+15557000001", "SM1", 2);
  run();
  EXPECT_FALSE(answered(2)) << "acknowledged before the original was durable";
  commit();
  EXPECT_TRUE(answered(1));
  EXPECT_TRUE(answered(2));
  EXPECT_EQ(stored("+15557000001").last_index, 1U);
}

TEST_F(cast_test, I5_the_same_carrier_id_is_one_message_across_a_restart) {
  receive("+15557000001", "SM1", 1);
  run_and_commit();
  restart();
  receive("+15557000001", "SM1", 2);
  run_and_commit();
  EXPECT_TRUE(answered(2));
  EXPECT_EQ(stored("+15557000001").last_index, 1U);
}

TEST_F(cast_test, I1_what_was_not_committed_before_a_restart_was_not_answered_either) {
  receive("+15557000001", "SM1", 1);
  run();
  restart();
  EXPECT_FALSE(answered(1));
  receive("+15557000001", "SM1", 2);
  run_and_commit();
  EXPECT_TRUE(answered(2));
  EXPECT_EQ(stored("+15557000001").last_index, 1U);
}

TEST_F(cast_test, an_idle_conversation_leaves_and_is_loaded_again_as_it_was) {
  receive("+15557000001", "SM1", 1);
  run_and_commit();
  const auto before = stored("+15557000001");
  caf::anon_send(number_, atom::sweep::value);  // The command was long ago by the wall clock? No:
  run_and_commit();                             // it lies in the future of it, so nobody leaves.
  EXPECT_EQ(number_inside().residents.size(), 1U);
  for (auto& each : number_inside().residents)
    each.last_command = {};
  caf::anon_send(number_, atom::sweep::value);
  run_and_commit();
  EXPECT_EQ(number_inside().residents.size(), 0U);
  EXPECT_EQ(counts_.passivated.load(), 1U);
  EXPECT_EQ(stored("+15557000001"), before) << "I10: the snapshot is the state";
  receive("+15557000001", "SM2", 2);
  run_and_commit();
  EXPECT_EQ(stored("+15557000001").last_index, 2U);
  EXPECT_EQ(counts_.conversations_opened.load(), 1U);
}

TEST_F(cast_test, no_message_falls_between_leaving_and_loading) {
  receive("+15557000001", "SM1", 1);
  run();
  for (auto& each : number_inside().residents)
    each.last_command = {};
  caf::anon_send(number_, atom::sweep::value);
  run();  // The first message is not durable yet, so the conversation waits for that …
  EXPECT_EQ(number_inside().residents.size(), 1U);
  receive("+15557000001", "SM2", 2);
  run();  // … and a message gets there before `left` does.
  commit();
  run_and_commit();
  EXPECT_EQ(number_inside().residents.size(), 1U) << "it has work, so it stays";
  EXPECT_TRUE(answered(2));
  EXPECT_EQ(stored("+15557000001").last_index, 2U);
}

TEST_F(cast_test, I12_residents_stay_near_their_limit) {
  for (int i = 0; i < 300; ++i) {
    receive("+1555800" + std::to_string(1000 + i), "SM" + std::to_string(i),
            static_cast<std::uint64_t>(i) + 1);
    run_and_commit();
  }
  EXPECT_LE(number_inside().residents.size(), options_.residents_max + 2);
  EXPECT_EQ(counts_.residents.load(),
            static_cast<std::int64_t>(number_inside().residents.size()));
  for (int i = 0; i < 300; ++i)
    EXPECT_EQ(stored("+1555800" + std::to_string(1000 + i)).last_index, 1U) << i;
}

TEST_F(cast_test, a_long_replay_is_kept_short_by_a_snapshot) {
  const auto key = pair_with("+15557000001").key();
  for (std::uint64_t i = 1; i <= options_.snapshot_events_max; ++i) {  // And one for the opening.
    EXPECT_FALSE(reader_->load(key).snapshot) << i;
    receive("+15557000001", "SM" + std::to_string(i), i);
    run_and_commit();
  }
  const auto before = stored("+15557000001");
  const auto kept = reader_->load(key);
  ASSERT_TRUE(kept.snapshot);
  EXPECT_TRUE(kept.tail.empty());
  EXPECT_EQ(*kept.snapshot, before) << "I10: the snapshot is the state";
  restart();
  receive("+15557000001", "SM after", 99);
  run_and_commit();
  EXPECT_EQ(reader_->load(key).tail.size(), 1U);
  EXPECT_EQ(stored("+15557000001").last_index, before.last_index + 1);
}

TEST_F(cast_test, a_closed_conversation_is_final_and_the_next_message_opens_a_linked_one) {
  receive("+15557000001", "SM1", 1);
  run_and_commit();
  const auto first = stored("+15557000001").id;
  auto close = std::make_shared<envelope>();
  close->pair = pair_with("+15557000001");
  close->what = model::close_conversation{first, {}};
  submit(std::move(close), 2);
  run_and_commit();
  EXPECT_TRUE(answered(2));
  EXPECT_EQ(stored("+15557000001").phase, model::conversation_phase::closed);
  receive("+15557000001", "SM2", 3);
  run_and_commit();
  const auto next = stored("+15557000001");
  EXPECT_NE(next.id, first);
  EXPECT_EQ(next.previous, first);
  const auto place = reader_->find(first);
  ASSERT_TRUE(place && place->closed);
  EXPECT_EQ(place->closed->last_index, 1U);
}

TEST_F(cast_test, I12_an_automatic_reply_does_not_go_into_a_full_queue) {
  auto facts = std::make_shared<number_facts>();
  facts->organization = 1;
  facts->identifier = "+15550100001";
  facts->route.users = {"alice"};
  facts->link = std::make_shared<const model::link>();
  facts->queued = std::make_shared<std::atomic<std::int64_t>>(10 * 3'600 - 1);  // One a second.
  auto soon = std::make_shared<model::content>();
  soon->body = "soon";
  facts->auto_reply = conversation::automatic_reply{std::move(soon), 1};
  caf::anon_send(number_, number_facts_ptr{facts});
  receive("+15557000001", "SM1", 1);
  run_and_commit();
  EXPECT_EQ(stored("+15557000001").last_index, 2U);
  receive("+15557000002", "SM2", 2);
  run_and_commit();
  EXPECT_TRUE(answered(2)) << "the message itself is kept";
  EXPECT_EQ(stored("+15557000002").last_index, 1U);
}

}  // namespace
}  // namespace parley::actors
