#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "parley/model/error.hpp"

namespace parley::model {

/// A line of a bulk job that was accepted (mission 8).
struct bulk_entry {
  std::uint64_t number = 0;  ///< In what was uploaded, from 1.
  std::string to;            ///< An address, with its channel.
  std::vector<std::string> values;  ///< Of the job's variables, in their order.
  std::string body;  ///< The line's own text, filled in; empty: the job's.

  friend bool operator==(const bulk_entry&, const bulk_entry&) = default;
};

/// A line that was not accepted, and why.
struct bulk_refusal {
  std::uint64_t number = 0;
  errc code = errc::malformed;
  std::string detail;

  friend bool operator==(const bulk_refusal&, const bulk_refusal&) = default;
};

}  // namespace parley::model
