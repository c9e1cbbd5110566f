#include "src/ingress/masking.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parley::ingress {
namespace {

struct mask_case {
  model::address whole;
  std::string masked;
};

class masking : public ::testing::TestWithParam<mask_case> {};

TEST_P(masking, keeps_channel_length_and_the_last_two) {
  const auto& [whole, masked] = GetParam();
  EXPECT_EQ(shown_address(whole, audience::clear), whole);
  const auto once = shown_address(whole, audience::masked);
  EXPECT_EQ(once.text(), masked);
  EXPECT_EQ(shown_address(once, audience::masked), once) << "masking twice is masking once";
}

INSTANTIATE_TEST_SUITE_P(
  addresses, masking,
  ::testing::Values(mask_case{{model::channel::sms, "+15551230001"}, "sms:+*********01"},
                    mask_case{{model::channel::sms, "+1555123"}, "sms:+*****23"},
                    mask_case{{model::channel::sms, "12345"}, "sms:***45"},
                    mask_case{{model::channel::whatsapp, "+4915551230001"},
                              "whatsapp:+***********01"},
                    mask_case{{model::channel::whatsapp, "US.13491208655302741918"},
                              "whatsapp:*********************18"},
                    mask_case{{model::channel::whatsapp, "+1"}, "whatsapp:+1"},
                    mask_case{{model::channel::whatsapp, "x"}, "whatsapp:x"},
                    mask_case{{model::channel::whatsapp, ""}, "whatsapp:"},
                    mask_case{{model::channel::chat, "alice"}, "chat:alice"}));

TEST(shown_recipient, masks_customers_and_not_colleagues) {
  EXPECT_EQ(shown_recipient("sms:+15551230001", audience::masked), "sms:+*********01");
  EXPECT_EQ(shown_recipient("sms:+15551230001", audience::clear), "sms:+15551230001");
  EXPECT_EQ(shown_recipient("chat:alice", audience::masked), "chat:alice");
}

TEST(shown_author_id, masks_contacts_only) {
  using kind = model::author::kind;
  EXPECT_EQ(shown_author_id({kind::contact, "sms:+15551230001"}, audience::masked),
            "sms:+*********01");
  EXPECT_EQ(shown_author_id({kind::contact, "whatsapp:+15551230001"}, audience::masked),
            "whatsapp:+*********01");
  EXPECT_EQ(shown_author_id({kind::contact, "sms:+15551230001"}, audience::clear),
            "sms:+15551230001");
  EXPECT_EQ(shown_author_id({kind::user, "alice.from.sales"}, audience::masked),
            "alice.from.sales");
}

}  // namespace
}  // namespace parley::ingress
