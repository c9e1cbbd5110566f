#include "parley/model/message.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace parley::model {
namespace {

using enum delivery_state;

constexpr std::array all{scheduled, queued, sending,     unknown, sent,     delivered,
                         read,      undelivered, failed, canceled, expired};

/// Where each state may go, written out: 121 pairs, of which these are the allowed ones.
const std::map<delivery_state, std::set<delivery_state>> allowed{
  {scheduled,
   {queued, sending, unknown, sent, delivered, read, undelivered, failed, canceled, expired}},
  {queued, {sending, unknown, sent, delivered, read, undelivered, failed, canceled, expired}},
  {sending, {unknown, sent, delivered, read, undelivered, failed, canceled, expired}},
  {unknown, {sent, delivered, read, undelivered, failed, canceled, expired}},
  {sent, {delivered, read, undelivered, failed, canceled, expired}},
  {delivered, {read}},
  {read, {}},
  {undelivered, {}},
  {failed, {}},
  {canceled, {}},
  {expired, {}},
};

TEST(delivery_states, advance_only_as_the_table_says) {
  for (const auto from : all)
    for (const auto to : all)
      EXPECT_EQ(advances(from, to), allowed.at(from).contains(to))
        << to_string(from) << " -> " << to_string(to);
}

TEST(delivery_states, final_ones_go_nowhere_but_to_read) {
  for (const auto from : all)
    for (const auto to : all)
      if (is_final(from) && advances(from, to)) {
        EXPECT_EQ(from, delivered);
        EXPECT_EQ(to, read);
      }
  EXPECT_FALSE(is_final(sent));
  EXPECT_TRUE(is_final(delivered));
}

TEST(delivery_states, never_lead_in_a_circle) {
  for (const auto from : all)
    for (const auto to : all)
      EXPECT_FALSE(advances(from, to) && advances(to, from));
}

TEST(delivery_states, have_names_that_read_back) {
  std::set<std::string_view> names;
  for (const auto state : all) {
    EXPECT_EQ(delivery_state_of(to_string(state)), state);
    names.insert(to_string(state));
  }
  EXPECT_EQ(names.size(), all.size());
  EXPECT_FALSE(delivery_state_of(""));
  EXPECT_FALSE(delivery_state_of("Sent"));
  EXPECT_FALSE(delivery_state_of("accepted"));
}

}  // namespace
}  // namespace parley::model
