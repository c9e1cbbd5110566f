#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json.hpp>

namespace parley::bench {

/// A text that says which message of a run it is, such as `Your order #17 is on its way.`
[[nodiscard]] std::string numbered_text(std::uint64_t ordinal);

/// The digits after the first `#`; empty when there are none.
[[nodiscard]] std::optional<std::uint64_t> ordinal_in(std::string_view text);

/// What became of the sends of a run. A broker that keeps its word has all but `sent` and
/// `received` at 0.
struct egress_findings {
  std::uint64_t sent = 0;          ///< Acknowledged by the broker.
  std::uint64_t received = 0;      ///< By the carrier, each message once.
  std::uint64_t lost = 0;          ///< Acknowledged, and the carrier does not have it.
  std::uint64_t twice = 0;         ///< More than once at the carrier.
  std::uint64_t invented = 0;      ///< At the carrier, and no message of the run.
  std::uint64_t out_of_order = 0;  ///< At the carrier after a later one of its conversation.
  std::uint64_t unrecorded = 0;    ///< Acknowledged, and not in the journal.

  [[nodiscard]] bool passed() const noexcept {
    return lost + twice + invented + out_of_order + unrecorded == 0;
  }
};

/// Compares what was acknowledged, what the journal says and what the carrier got, by the ordinals
/// of `numbered_text`. First every message of the journal, in its order; then every receipt, in
/// the carrier's.
class egress_audit {
public:
  /// @param acknowledged a byte for each message of the run.
  explicit egress_audit(std::vector<std::uint8_t> acknowledged);

  /// Message `ordinal` is the next of the journal, in that conversation.
  void recorded(std::string_view conversation, std::uint64_t ordinal);
  /// The carrier got message `ordinal` next.
  void received(std::uint64_t ordinal);
  [[nodiscard]] egress_findings result() const;

private:
  struct fate {
    std::uint64_t position = 0;  // In the journal, from 1; 0: not there.
    std::uint32_t conversation = 0;
    std::uint32_t received = 0;
  };

  std::vector<std::uint8_t> acknowledged_;
  std::vector<fate> fates_;
  std::unordered_map<std::string, std::uint32_t> conversations_;
  std::vector<std::uint64_t> reached_;  // The last position received, by conversation.
  std::uint64_t positions_ = 0;
  std::uint64_t invented_ = 0;
  std::uint64_t out_of_order_ = 0;
};

[[nodiscard]] boost::json::object to_json(const egress_findings& findings);

/// The findings in one line, on standard output.
void print(const egress_findings& findings);

}  // namespace parley::bench
