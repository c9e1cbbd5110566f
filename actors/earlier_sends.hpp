#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "parley/model/time.hpp"
#include "parley/store/reader.hpp"

namespace parley::actors {

/// What an earlier process has handed to carriers lately, as the journal's end tells it: a rate
/// must not be exceeded over a restart either (I8). Each attempt is taken for made as late as it
/// can have been: when its outcome was journalled, or just now when it has none. Of what is before
/// the part that was read, nothing is known, and whoever asks assumes the worst.
///
/// Made once, at the start; then never changed, so any thread reads it. Bounded by what is read.
class earlier_sends {
public:
  /// An attempt, before this process's start.
  struct attempt {
    std::chrono::nanoseconds ago{};
    std::uint32_t units = 1;  ///< Segments; where the text is not at hand, as many as there can be.
    std::string thread;       ///< To whom, as `pending_send` has it.
  };

  /// Reads the journal up to `committed`, back to ten minutes before `now` at the most.
  earlier_sends(const store::reader& reader, std::uint64_t committed, model::timestamp now);

  /// The attempts of a sender, earliest first, by the prefix of its outbox rows.
  [[nodiscard]] const std::vector<attempt>& of(const std::string& outbox_prefix) const;
  /// How long before the start there is nothing unknown.
  [[nodiscard]] std::chrono::nanoseconds known_for() const noexcept { return known_for_; }

private:
  void read(const store::reader& reader, std::uint64_t committed, model::timestamp now);

  std::chrono::nanoseconds known_for_{};
  std::map<std::string, std::vector<attempt>> by_sender_;
};

}  // namespace parley::actors
