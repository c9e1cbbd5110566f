#include "actors/name_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace parley::actors {
namespace {

TEST(name_table, finds_what_was_added_by_organisation_and_name) {
  name_table<int> table;
  table.add(1, "alice", 11);
  table.add(2, "alice", 21);
  ASSERT_NE(table.find(1, "alice"), nullptr);
  EXPECT_EQ(*table.find(1, "alice"), 11);
  EXPECT_EQ(*table.find(2, "alice"), 21);
  EXPECT_EQ(table.find(1, "bob"), nullptr);
  EXPECT_EQ(table.find(3, "alice"), nullptr);
}

TEST(name_table, leaves_everything_where_it_is_while_it_grows) {
  name_table<int> table;
  std::vector<const int*> places;
  for (int i = 0; i < 5000; ++i) {
    table.add(1, std::to_string(i), i);
    places.push_back(table.find(1, std::to_string(i)));
  }
  int sum = 0;
  table.each([&](int) { ++sum; });
  EXPECT_EQ(sum, 5000);
  for (int i = 0; i < 5000; ++i) {
    EXPECT_EQ(table.find(1, std::to_string(i)), places[static_cast<std::size_t>(i)]);
    EXPECT_EQ(*places[static_cast<std::size_t>(i)], i);
  }
}

TEST(name_table, is_read_while_it_grows) {
  constexpr int count = 20'000;
  name_table<int> table;
  std::atomic<int> added{0};
  std::thread writer{[&] {
    for (int i = 0; i < count; ++i) {
      table.add(1, std::to_string(i), i);
      added.store(i + 1, std::memory_order_release);
    }
  }};
  int seen = 0;
  while (seen < count) {
    seen = added.load(std::memory_order_acquire);
    for (const int i : {0, seen / 2, seen - 1}) {
      if (i < 0 || seen == 0)
        continue;
      const auto* found = table.find(1, std::to_string(i));
      ASSERT_NE(found, nullptr) << i << " of " << seen;
      ASSERT_EQ(*found, i);
    }
  }
  writer.join();
}

}  // namespace
}  // namespace parley::actors
