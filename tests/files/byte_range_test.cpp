#include "parley/files/byte_range.hpp"

#include <gtest/gtest.h>

namespace parley::files {

namespace {

constexpr std::uint64_t size = 100;

TEST(byte_range, is_a_part_of_the_file) {
  const auto part = [](std::string_view field) {
    const auto found = read_range(field, size);
    EXPECT_EQ(found.kind, range_kind::part) << field;
    return found.range;
  };
  EXPECT_EQ(part("bytes=0-0"), (byte_range{0, 1}));
  EXPECT_EQ(part("bytes=10-19"), (byte_range{10, 10}));
  EXPECT_EQ(part("bytes=10-"), (byte_range{10, 90}));
  EXPECT_EQ(part("bytes=99-"), (byte_range{99, 1}));
  EXPECT_EQ(part("bytes=-1"), (byte_range{99, 1}));
  EXPECT_EQ(part("bytes=-1000"), (byte_range{0, 100}));
  EXPECT_EQ(part("bytes=90-1000"), (byte_range{90, 10}));
  EXPECT_EQ(part("bytes=90-99999999999999999999999"), (byte_range{90, 10}));
}

TEST(byte_range, behind_the_end_cannot_be_satisfied) {
  for (const auto* field :
       {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-"})
    EXPECT_EQ(read_range(field, size).kind, range_kind::unsatisfiable) << field;
  EXPECT_EQ(read_range("bytes=0-", 0).kind, range_kind::unsatisfiable);
}

TEST(byte_range, that_is_none_or_may_be_ignored_is_the_whole_file) {
  for (const auto* field : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-2,4-5",
                            "bytes=5-2", "lines=1-2", "bytes=+1-2", "bytes=1--2", "bytes= 1-2"}) {
    const auto found = read_range(field, size);
    EXPECT_EQ(found.kind, range_kind::whole) << field;
    EXPECT_EQ(found.range, (byte_range{0, size})) << field;
  }
}

}  // namespace

}  // namespace parley::files
