#include "bench/egress_audit.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

namespace bench = parley::bench;

/// Four messages, all acknowledged, in two conversations: a 0 and 2, b 1 and 3.
bench::egress_audit recorded() {
  bench::egress_audit audit{{1, 1, 1, 1}};
  audit.recorded("a", 0);
  audit.recorded("b", 1);
  audit.recorded("a", 2);
  audit.recorded("b", 3);
  return audit;
}

bench::egress_findings after(const std::vector<std::uint64_t>& received) {
  auto audit = recorded();
  for (const auto ordinal : received)
    audit.received(ordinal);
  return audit.result();
}

TEST(egress_audit, passes_what_came_once_and_in_order) {
  const auto findings = after({1, 0, 2, 3});  // Order holds within a conversation only.
  EXPECT_TRUE(findings.passed());
  EXPECT_EQ(findings.sent, 4U);
  EXPECT_EQ(findings.received, 4U);
}

TEST(egress_audit, finds_what_is_wrong) {
  struct example {
    const char* what;
    std::vector<std::uint64_t> received;
    bench::egress_findings expected;
  };
  const std::vector<example> examples{
    {"lost", {0, 1, 2}, {.sent = 4, .received = 3, .lost = 1}},
    {"twice", {0, 0, 1, 2, 3}, {.sent = 4, .received = 4, .twice = 1}},
    {"invented", {0, 1, 2, 3, 9}, {.sent = 4, .received = 4, .invented = 1}},
    {"out of order", {2, 0, 1, 3}, {.sent = 4, .received = 4, .out_of_order = 1}},
  };
  for (const auto& [what, received, expected] : examples) {
    const auto findings = after(received);
    EXPECT_FALSE(findings.passed()) << what;
    EXPECT_EQ(to_json(findings), to_json(expected)) << what;
  }
}

TEST(egress_audit, lets_what_was_not_acknowledged_be_either_way) {
  bench::egress_audit audit{{1, 0, 0}};
  audit.recorded("a", 0);
  audit.recorded("a", 1);
  audit.received(0);
  audit.received(1);
  EXPECT_TRUE(audit.result().passed());
}

TEST(egress_audit, misses_in_the_journal_what_was_acknowledged) {
  bench::egress_audit audit{{1}};
  audit.received(0);
  EXPECT_EQ(audit.result().unrecorded, 1U);
  EXPECT_FALSE(audit.result().passed());
}

TEST(egress_audit, reads_the_number_that_it_wrote) {
  EXPECT_EQ(bench::ordinal_in(bench::numbered_text(42)), 42U);
  EXPECT_EQ(bench::ordinal_in("Hello #7"), 7U);
  for (const auto* text : {"", "no number", "#", "# 1"})
    EXPECT_FALSE(bench::ordinal_in(text)) << text;
}

}  // namespace
