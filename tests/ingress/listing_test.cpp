#include "src/ingress/api/listing.hpp"

#include "src/ingress/problem.hpp"
#include "tests/store/store_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace parley::ingress {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view number_a = "+15550000001";
constexpr std::string_view number_b = "+15550000002";

TEST(conversation_query, reads_addresses_with_and_without_a_channel) {
  const auto query = read_conversation_query("address=sms:%2B15551230001&number=%2B15550000001");
  ASSERT_TRUE(query.address && query.number);
  EXPECT_TRUE(query.address->matches({model::channel::sms, "+15551230001"}));
  EXPECT_FALSE(query.address->matches({model::channel::whatsapp, "+15551230001"}));
  EXPECT_TRUE(query.number->matches({model::channel::whatsapp, "+15550000001"}));
  EXPECT_FALSE(query.phase.has_value());
}

TEST(conversation_query, refuses_what_makes_no_sense) {
  for (const char* query : {"state=asleep", "address=who", "address=", "number=sms:x", "limit=0",
                            "unrouted=yes", "lable=x", "state=none"})
    EXPECT_THROW((void)read_conversation_query(query), refusal) << query;
}

model::user user_of(std::string id, model::role role = model::role::agent) {
  model::user made;
  made.id = std::move(id);
  made.role = role;
  return made;
}

/// An organisation with two numbers and one team, and conversations put straight into the store.
class listing_test : public store::store_test {
protected:
  listing_test() {
    owner.index = 7;
    owner.id = "demo";
    owner.numbers.resize(2);
    owner.numbers[0].identifier = number_a;
    owner.numbers[1].identifier = number_b;
    owner.inboxes.push_back({.team = "support", .auto_reply = {}, .close_after_s = {},
                             .inactive_after_s = {}});
  }

  store::pair_driver& pair(std::string_view ours, const std::string& theirs,
                           std::uint32_t organization = 7) {
    return pairs.emplace_back(model::pair{organization,
                                          {model::channel::sms, std::string{ours}},
                                          {model::channel::sms, theirs}});
  }

  void open_conversation(store::pair_driver& of, std::uint64_t id, model::route route) {
    of.append(*log, {of.opened(id, std::move(route)), });
    of.append(*log, {of.inbound("hello", id)});
  }

  void close_conversation(store::pair_driver& of) {
    of.append(*log, {of.closed()});
    of.snapshot(*log);
  }

  /// The conversations of every page, by the number they were opened with.
  std::vector<int> list(const std::string& query) {
    settle();
    std::vector<int> found;
    std::string cursor;
    do {
      const auto page = list_conversations(
        *read, who,
        read_conversation_query(cursor.empty() ? query : query + "&cursor=" + cursor));
      for (const auto& state : page.items)
        found.push_back(state.id.bytes[15]);
      EXPECT_NE(page.next, cursor.empty() ? "none" : cursor) << "the same page again";
      cursor = page.next;
    } while (!cursor.empty());
    return found;
  }

  model::organization owner;
  viewer who{.owner = &owner};
  std::deque<store::pair_driver> pairs;
};

TEST_F(listing_test, filters_by_what_is_asked_for_newest_first) {
  open();
  model::route unrouted;
  unrouted.unrouted = true;
  open_conversation(pair(number_a, "+16660000001"), 1, store::to_users({"alice"}));
  open_conversation(pair(number_b, "+16660000001"), 2, store::to_users({"alice", "bob"},
                                                                       "support"));
  open_conversation(pair(number_b, "+16660000002"), 3, store::to_users({"bob"}, "support"));
  open_conversation(pair(number_a, "+16660000003"), 4, unrouted);
  close_conversation(pairs[2]);
  open_conversation(pair(number_a, "+16660000001", 8), 5, store::to_users({"alice"}));

  EXPECT_THAT(list("limit=100"), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(list("state=active"), ElementsAre(4, 2, 1));
  EXPECT_THAT(list("state=closed"), ElementsAre(3));
  EXPECT_THAT(list("state=inactive"), IsEmpty());
  EXPECT_THAT(list("user=alice"), ElementsAre(2, 1));
  EXPECT_THAT(list("user=bob"), ElementsAre(3, 2));
  EXPECT_THAT(list("user=bob&state=active"), ElementsAre(2));
  EXPECT_THAT(list("user=carol"), IsEmpty());
  EXPECT_THAT(list("team=support"), ElementsAre(3, 2));
  EXPECT_THAT(list("team=support&user=alice"), ElementsAre(2));
  EXPECT_THAT(list("team=sales"), IsEmpty());
  EXPECT_THAT(list("unrouted=true"), ElementsAre(4));
  EXPECT_THAT(list("unrouted=false"), ElementsAre(3, 2, 1));
  EXPECT_THAT(list("number=%2B15550000001"), ElementsAre(4, 1));
  EXPECT_THAT(list("number=whatsapp:%2B15550000001"), IsEmpty());
  EXPECT_THAT(list("address=%2B16660000001"), ElementsAre(2, 1));
  EXPECT_THAT(list("address=sms:%2B16660000001&number=%2B15550000002"), ElementsAre(2));
  EXPECT_THAT(list("address=whatsapp:%2B16660000001"), IsEmpty());
  EXPECT_THAT(list("address=%2B16660000002&state=closed"), ElementsAre(3));
  EXPECT_THAT(list("address=%2B16660000003&unrouted=true"), ElementsAre(4));
}

/// Mission 9, roles: an agent sees what he or she takes part in and what is the own teams'.
TEST_F(listing_test, shows_an_agent_the_own_conversations_and_those_of_the_own_teams) {
  open();
  owner.users = {user_of("alice"), user_of("bob"), user_of("carol", model::role::admin)};
  owner.teams = {{"support", {"bob"}}};
  model::route unrouted;
  unrouted.unrouted = true;
  open_conversation(pair(number_a, "+16660000001"), 1, store::to_users({"alice"}));
  open_conversation(pair(number_b, "+16660000001"), 2, store::to_users({"alice"}, "support"));
  open_conversation(pair(number_b, "+16660000002"), 3, store::to_users({"dave"}, "support"));
  open_conversation(pair(number_a, "+16660000003"), 4, unrouted);
  const auto seen_by = [&](std::size_t user, const std::string& query) {
    who.user = &owner.users[user];
    return list(query);
  };
  EXPECT_THAT(seen_by(0, "limit=100"), ElementsAre(2, 1));
  EXPECT_THAT(seen_by(0, "limit=1"), ElementsAre(2, 1));
  EXPECT_THAT(seen_by(0, "team=support"), ElementsAre(2));
  EXPECT_THAT(seen_by(0, "user=dave"), IsEmpty());
  EXPECT_THAT(seen_by(0, "address=%2B16660000002"), IsEmpty());
  EXPECT_THAT(seen_by(0, "unrouted=false"), ElementsAre(2, 1));
  EXPECT_THAT(seen_by(1, "limit=100"), ElementsAre(3, 2));
  EXPECT_THAT(seen_by(1, "user=alice"), ElementsAre(2));
  EXPECT_THAT(seen_by(2, "limit=100"), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(seen_by(2, "unrouted=true"), ElementsAre(4));
}

TEST_F(listing_test, unrouted_ones_are_asked_for_by_admins_and_numbers_by_who_is_shown_them) {
  owner.users = {user_of("alice"), user_of("carol", model::role::admin)};
  const auto refused = [&](const char* query) -> std::optional<model::errc> {
    try {
      require_may_list(who, read_conversation_query(query));
      return std::nullopt;
    } catch (const refusal& no) {
      return no.code();
    }
  };
  EXPECT_EQ(refused("unrouted=true&address=%2B16660000001"), std::nullopt);
  who.user = &owner.users[0];
  EXPECT_EQ(refused("unrouted=true"), model::errc::role_required);
  EXPECT_EQ(refused("unrouted=false&address=%2B16660000001"), std::nullopt);
  who.user = &owner.users[1];
  EXPECT_EQ(refused("unrouted=true"), std::nullopt);
  who.numbers = audience::masked;
  EXPECT_EQ(refused("address=%2B16660000001"), model::errc::forbidden);
  EXPECT_EQ(refused("number=%2B15550000001"), std::nullopt);
}

TEST_F(listing_test, pages_have_neither_gaps_nor_repetitions) {
  open();
  for (std::uint64_t id = 1; id <= 40; ++id) {
    const bool team = id % 3 == 0;
    open_conversation(pair(number_a, "+1666" + std::to_string(1'000'000 + id)), id,
                      store::to_users({"alice"}, team ? "support" : ""));
    if (id % 4 == 0)
      close_conversation(pairs.back());
  }
  std::vector<int> all;
  for (int id = 40; id > 0; --id)
    all.push_back(id);
  for (const char* limit : {"limit=1", "limit=7", "limit=40", "limit=1000"}) {
    EXPECT_EQ(list(limit), all) << limit;
    EXPECT_EQ(list(std::string{limit} + "&user=alice"), all) << limit;
  }
}

TEST_F(listing_test, an_address_has_its_earlier_conversations_too) {
  open();
  auto& thread = pair(number_a, "+16660000001");
  for (std::uint64_t id = 1; id <= 9; ++id) {
    if (id > 1)
      close_conversation(thread);
    open_conversation(thread, id, store::to_users({"alice"}));
  }
  EXPECT_THAT(list("address=%2B16660000001"), ElementsAre(9, 8, 7, 6, 5, 4, 3, 2, 1));
  EXPECT_THAT(list("address=%2B16660000001&limit=2"), ElementsAre(9, 8, 7, 6, 5, 4, 3, 2, 1));
  EXPECT_THAT(list("address=%2B16660000001&state=active"), ElementsAre(9));
}

TEST_F(listing_test, a_cursor_of_another_query_is_refused) {
  open();
  open_conversation(pair(number_a, "+16660000001"), 1, store::to_users({"alice"}));
  settle();
  for (const char* query :
       {"cursor=made+up", "cursor=00", "user=alice&cursor=cv_00000000000000000000000001",
        "address=%2B16660000001&cursor=zz"})
    EXPECT_THROW((void)list_conversations(*read, who, read_conversation_query(query)), refusal)
      << query;
}

}  // namespace
}  // namespace parley::ingress
