#include "actors/send_queue.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace parley::actors {
namespace {

using namespace std::chrono_literals;
using store::lane;

constexpr send_queue::clock_time start{1h};

/// A message to `thread`, accepted as number `seq`; of job `job`, or a reply.
pending_send message(std::uint64_t seq, const std::string& thread, std::uint8_t job = 0) {
  pending_send made;
  made.seq = seq;
  made.thread = thread;
  made.lane = job == 0 ? lane::reply : lane::bulk;
  made.job.bytes[0] = job;
  return made;
}

/// Takes whatever may begin, and holds it.
std::vector<pending_send> take_all(send_queue& queue, lane which,
                                   send_queue::clock_time now = start) {
  std::vector<pending_send> taken;
  while (queue.has(which, now))
    taken.push_back(queue.take(which, now));
  return taken;
}

std::vector<std::uint64_t> numbers_of(const std::vector<pending_send>& taken) {
  std::vector<std::uint64_t> numbers;
  for (const auto& one : taken)
    numbers.push_back(one.seq);
  return numbers;
}

using numbers = std::vector<std::uint64_t>;

TEST(send_queue, gives_replies_in_the_order_of_acceptance) {
  send_queue queue;
  for (const auto seq : {1U, 2U, 3U})
    queue.add(message(seq, "to " + std::to_string(seq)));
  EXPECT_EQ(queue.held(lane::reply), 3U);
  EXPECT_EQ(numbers_of(take_all(queue, lane::reply)), (numbers{1, 2, 3}));
  EXPECT_EQ(queue.held(lane::reply), 0U);
}

TEST(send_queue, I3_begins_the_next_of_a_pair_when_the_one_before_is_done) {
  send_queue queue;
  queue.add(message(1, "ann"));
  queue.add(message(2, "ann"));
  queue.add(message(3, "ben"));
  auto taken = take_all(queue, lane::reply);
  EXPECT_EQ(numbers_of(taken), (numbers{1, 3})) << "nobody waits for somebody else's";
  queue.done(taken[0]);
  EXPECT_EQ(numbers_of(take_all(queue, lane::reply)), (numbers{2}));
}

TEST(send_queue, gives_who_waited_for_the_pair_the_place_of_its_acceptance) {
  send_queue queue;
  queue.add(message(1, "ann"));
  queue.add(message(2, "ann"));
  queue.add(message(3, "ben"));
  const auto first = queue.take(lane::reply, start);
  queue.done(first);
  EXPECT_EQ(numbers_of(take_all(queue, lane::reply)), (numbers{2, 3}));
}

TEST(send_queue, gives_each_bulk_job_its_turn) {
  send_queue queue;
  for (const auto seq : {1U, 2U, 3U, 4U})
    queue.add(message(seq, "a" + std::to_string(seq), 1));
  for (const auto seq : {5U, 6U})
    queue.add(message(seq, "b" + std::to_string(seq), 2));
  queue.add(message(7, "c", 3));
  EXPECT_FALSE(queue.has(lane::reply, start));
  EXPECT_EQ(numbers_of(take_all(queue, lane::bulk)), (numbers{1, 5, 7, 2, 6, 3, 4}));
}

TEST(send_queue, lets_nobody_else_into_a_pair_whose_message_was_put_off) {
  send_queue queue;
  queue.add(message(1, "ann"));
  queue.add(message(2, "ann"));
  queue.put_off(queue.take(lane::reply, start), start + 5s);
  EXPECT_FALSE(queue.has(lane::reply, start + 4s));
  EXPECT_EQ(queue.next_due(lane::reply), start + 5s);
  EXPECT_EQ(queue.held(lane::reply), 2U);
  EXPECT_EQ(numbers_of(take_all(queue, lane::reply, start + 5s)), (numbers{1}));
}

TEST(send_queue, takes_back_what_nothing_has_come_of_at_its_old_place) {
  send_queue queue;
  queue.add(message(1, "ann"));
  queue.add(message(2, "ben"));
  auto taken = take_all(queue, lane::reply);
  queue.give_back(std::move(taken[0]));
  queue.add(message(3, "cem"));
  EXPECT_EQ(numbers_of(take_all(queue, lane::reply)), (numbers{1, 3}));
}

TEST(send_queue, lets_bulk_that_a_reply_waits_for_go_first_and_as_a_reply) {
  send_queue queue;
  queue.add(message(9, "ann"));
  queue.add(message(10, "ben"));
  auto reply = queue.take(lane::reply, start);
  queue.yield_to(std::move(reply), message(4, "ann", 1));
  EXPECT_FALSE(queue.has(lane::bulk, start));
  auto taken = take_all(queue, lane::reply);
  EXPECT_EQ(numbers_of(taken), (numbers{4, 10}));
  queue.done(taken[0]);
  EXPECT_EQ(numbers_of(take_all(queue, lane::reply)), (numbers{9}));
}

TEST(send_queue, finds_what_waits_behind_in_another_lane) {
  send_queue queue;
  queue.add(message(9, "ann"));
  queue.add(message(4, "ann", 1));
  auto reply = queue.take(lane::reply, start);
  EXPECT_EQ(queue.find_behind(reply, 5), std::nullopt);
  auto bulk = queue.find_behind(reply, 4);
  ASSERT_TRUE(bulk);
  EXPECT_EQ(queue.held(lane::bulk), 0U);
  queue.yield_to(std::move(reply), std::move(*bulk));
  EXPECT_EQ(numbers_of(take_all(queue, lane::reply)), (numbers{4}));
}

TEST(send_queue, I12_remembers_no_pair_that_has_nothing_to_send) {
  send_queue queue;
  for (std::uint64_t seq = 1; seq <= 100; ++seq)
    queue.add(message(seq, "to " + std::to_string(seq % 10), static_cast<std::uint8_t>(seq % 3)));
  while (queue.has(lane::reply, start) || queue.has(lane::bulk, start))
    for (const auto which : {lane::reply, lane::bulk})
      if (queue.has(which, start))
        queue.done(queue.take(which, start));
  EXPECT_EQ(queue.threads(), 0U);
  EXPECT_EQ(queue.held(lane::reply) + queue.held(lane::bulk), 0U);
}

}  // namespace
}  // namespace parley::actors
