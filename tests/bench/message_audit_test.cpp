#include "bench/message_audit.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace parley::bench;

boost::json::object nested(const std::string& provider_id, const char* direction = "inbound") {
  return {{"message", {{"provider_id", provider_id}, {"direction", direction}}}};
}

void see(message_audit& audit, const boost::json::object& data,
         std::string_view type = "conversation.message.created") {
  audit.see({.seq = 1, .type = type, .data = &data});
}

TEST(message_audit, passes_when_every_acknowledged_message_is_there_once) {
  message_audit audit;
  audit.expect("a", true);
  audit.expect("b", false);
  audit.expect("c", false);
  see(audit, nested("a"));
  see(audit, {{"provider_id", "b"}});  // Not nested is as good.
  const auto result = audit.result();
  EXPECT_TRUE(result.passed());
  EXPECT_EQ(result.acknowledged, 1U);
  EXPECT_EQ(result.kept_unacknowledged, 1U);
}

TEST(message_audit, finds_what_is_lost_doubled_and_invented) {
  message_audit audit;
  audit.expect("lost", true);
  audit.expect("twice", true);
  see(audit, nested("twice"));
  see(audit, nested("twice"));
  see(audit, nested("nobody"));
  const auto result = audit.result();
  EXPECT_FALSE(result.passed());
  EXPECT_EQ(result.lost, 1U);
  EXPECT_EQ(result.twice, 1U);
  EXPECT_EQ(result.invented, 1U);
}

TEST(message_audit, ignores_other_events_and_outbound_messages) {
  message_audit audit;
  see(audit, nested("x", "outbound"));
  see(audit, nested("y"), "conversation.created");
  EXPECT_TRUE(audit.result().passed());
}

}  // namespace
