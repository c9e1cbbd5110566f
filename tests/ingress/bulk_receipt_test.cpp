#include "src/ingress/bulk_receipt.hpp"
#include "src/ingress/problem.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::ingress {
namespace {

constexpr receipt_limits limits{.line_bytes_max = 200,
                                .refused_lines_max = 3,
                                .json_depth_max = 8};

bulk_wish wish() {
  bulk_wish made;
  made.what.from = *model::address::parse("sms:+15550100001");
  made.what.body = "Hi {{name}}";
  return made;
}

store::bulk_job_record fresh() {
  store::bulk_job_record made;
  made.job.id.bytes[0] = 1;
  made.job.organization = 7;
  made.job.what = wish().what;
  return made;
}

/// So many good lines, with one that is refused behind each tenth.
std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += R"({"to":"+1555)" + std::to_string(4'000'000 + i) + R"(","vars":{"name":"n"}})" "\n";
    if (i % 10 == 9)
      text += "nonsense\n";
  }
  return text;
}

/// What is durable after all of it.
store::bulk_job_record received(const std::string& text) {
  bulk_receipt receipt{fresh(), wish(), limits};
  receipt.take(text);
  receipt.finish();
  return receipt.record();
}

TEST(bulk_receipt, counts_what_it_reads) {
  const auto record = received(lines(100));
  EXPECT_EQ(record.job.lines, 110U);
  EXPECT_EQ(record.job.accepted, 100U);
  EXPECT_EQ(record.job.refused, 10U);
  EXPECT_EQ(record.job.segments, 100U);
}

TEST(bulk_receipt, lets_lines_become_durable_by_whole_blocks_only) {
  bulk_receipt receipt{fresh(), wish(), limits};
  receipt.take(lines(63));
  (void)receipt.take_rows();
  EXPECT_EQ(receipt.record().job.accepted, 0U);
  receipt.take(lines(1));
  EXPECT_FALSE(receipt.take_rows().empty());
  EXPECT_EQ(receipt.record().job.accepted, 64U);
  EXPECT_TRUE(receipt.take_rows().empty()) << "rows are given once";
}

TEST(bulk_receipt, keeps_the_reasons_of_so_many_refused_lines_and_counts_the_others) {
  bulk_receipt receipt{fresh(), wish(), limits};
  for (int i = 0; i < 5; ++i)
    receipt.take("nonsense\n");
  EXPECT_EQ(receipt.take_rows().size(), 3U);
  EXPECT_EQ(receipt.record().job.refused, 5U);
  EXPECT_EQ(receipt.refused().size(), 5U);
}

/// I1, mission 8: wherever an upload breaks, what comes of its repetition is what would have come
/// of it in one piece.
TEST(bulk_receipt, goes_on_where_an_upload_broke_wherever_that_was) {
  const auto text = lines(300);
  const auto whole = received(text);
  for (std::size_t broken_at = 0; broken_at < text.size(); broken_at += 997) {
    bulk_receipt first{fresh(), wish(), limits};
    first.take(std::string_view{text}.substr(0, broken_at));
    const auto written_before = first.take_rows().size();
    bulk_receipt second{first.record(), wish(), limits};
    second.take(text);
    second.finish();
    EXPECT_EQ(second.record(), whole) << broken_at;
    bulk_receipt in_one{fresh(), wish(), limits};
    in_one.take(text);
    in_one.finish();
    EXPECT_EQ(written_before + second.take_rows().size(), in_one.take_rows().size()) << broken_at;
  }
}

TEST(bulk_receipt, refuses_other_lines_than_those_that_are_durable) {
  const auto text = lines(200);
  bulk_receipt first{fresh(), wish(), limits};
  first.take(text);
  auto other = text;
  other.replace(other.find("4000005"), 7, "4009999");
  bulk_receipt second{first.record(), wish(), limits};
  EXPECT_THROW(second.take(other), refusal);
  bulk_receipt shorter{first.record(), wish(), limits};
  shorter.take(lines(20));
  EXPECT_THROW(shorter.finish(), refusal);
}

TEST(bulk_receipt, compares_what_repeats_a_complete_job) {
  auto complete = received(lines(70));
  complete.job.state = model::bulk_state::completed;
  bulk_receipt same{complete, wish(), limits};
  same.take(lines(70));
  same.finish();
  EXPECT_EQ(same.record(), complete);
  EXPECT_TRUE(same.take_rows().empty());
  bulk_receipt longer{complete, wish(), limits};
  EXPECT_THROW(longer.take(lines(71)), refusal);
}

TEST(bulk_receipt, is_of_at_least_one_line) {
  bulk_receipt receipt{fresh(), wish(), limits};
  EXPECT_THROW(receipt.finish(), refusal);
}

}  // namespace
}  // namespace parley::ingress
