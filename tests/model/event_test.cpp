#include "parley/model/event.hpp"

#include <gtest/gtest.h>

namespace parley::model {
namespace {

TEST(external_type, names_what_is_shown_and_only_that) {
  EXPECT_EQ(external_type(conversation_opened{}), "conversation.created");
  EXPECT_EQ(external_type(message_added{}), "conversation.message.created");
  EXPECT_EQ(external_type(delivery_changed{}), "delivery.updated");
  EXPECT_EQ(external_type(conversation_idled{}), "conversation.inactive");
  EXPECT_EQ(external_type(conversation_closed{}), "conversation.closed");
  EXPECT_EQ(external_type(read_advanced{}), "conversation.updated");
  EXPECT_EQ(external_type(report_parked{}), "");
  EXPECT_EQ(external_type(timer_rearmed{}), "");
}

TEST(enumerators, have_the_names_of_the_interface) {
  EXPECT_EQ(to_string(conversation_phase::active), "active");
  EXPECT_EQ(to_string(conversation_phase::inactive), "inactive");
  EXPECT_EQ(to_string(conversation_phase::closed), "closed");
  EXPECT_EQ(to_string(close_reason::idle), "idle");
  EXPECT_EQ(to_string(direction::inbound), "inbound");
  EXPECT_EQ(to_string(direction::note), "note");
  EXPECT_EQ(to_string(author::kind::contact), "contact");
  EXPECT_EQ(to_string(channel::whatsapp), "whatsapp");
}

}  // namespace
}  // namespace parley::model
