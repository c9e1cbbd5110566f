#include "bench/fill.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include "bench/report.hpp"

namespace parley::bench {

namespace {

constexpr std::uint64_t part_max = 200'000;  // About 150 MB.

}  // namespace

load_result fill(load_generator& generator, const traffic& what, std::uint64_t first_ordinal,
                 std::uint64_t count) {
  load_result total;
  for (std::uint64_t done = 0; done < count;) {
    const auto part = static_cast<std::size_t>(std::min(part_max, count - done));
    const auto requests
      = inbound_requests(what, first_ordinal + done, part, pair_order::sequential);
    const auto sent = generator.run({.requests = &requests, .first = 0, .count = part});
    if (!clean(sent))
      throw std::runtime_error(
        fmt::format("{} of {} callbacks of the fill were not accepted", sent.failed(), sent.sent));
    total.succeeded += sent.succeeded;
    total.elapsed += sent.elapsed;
    done += part;
  }
  fmt::print("filled {} conversations at {:.0f}/s\n", count, total.throughput_per_s());
  return total;
}

}  // namespace parley::bench
