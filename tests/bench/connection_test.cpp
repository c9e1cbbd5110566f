#include "bench/connection.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using parley::bench::chunk_skipper;
using state = parley::bench::chunk_skipper::state;

/// A chunked body and what it comes to.
struct chunked_case {
  const char* name;
  std::string_view bytes;
  state outcome;
};

class chunked_body : public ::testing::TestWithParam<chunked_case> {};

TEST_P(chunked_body, is_skipped_whole_or_byte_by_byte) {
  const auto& param = GetParam();
  chunk_skipper whole;
  whole.skip(param.bytes);
  EXPECT_EQ(whole.now(), param.outcome);
  chunk_skipper bytewise;
  for (const auto byte : param.bytes)
    bytewise.skip({&byte, 1});
  EXPECT_EQ(bytewise.now(), param.outcome);
}

INSTANTIATE_TEST_SUITE_P(
  bodies, chunked_body,
  ::testing::Values(chunked_case{"empty", "0\r\n\r\n", state::complete},
                    chunked_case{"one_chunk", "2\r\nOK\r\n0\r\n\r\n", state::complete},
                    chunked_case{"data_that_looks_like_the_end", "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
                                 state::complete},
                    chunked_case{"extension_and_trailer",
                                 "a;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\n", state::complete},
                    chunked_case{"unfinished", "2\r\nOK\r\n", state::size_line},
                    chunked_case{"no_size", "zz\r\n", state::malformed},
                    chunked_case{"wrong_size", "1\r\nOK\r\n", state::malformed}),
  [](const auto& instance) { return instance.param.name; });

}  // namespace
