#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include <boost/json.hpp>

#include "bench/api_client.hpp"

namespace parley::bench {

/// What an audit found. A broker that keeps its word has `lost`, `twice` and `invented` at 0.
struct audit_result {
  std::uint64_t acknowledged = 0;
  std::uint64_t lost = 0;      ///< Acknowledged and not in the journal.
  std::uint64_t twice = 0;     ///< More than once in the journal, acknowledged or not.
  std::uint64_t invented = 0;  ///< Inbound messages in the journal that nobody sent.
  /// Not acknowledged, and in the journal all the same: right, as the answer can be lost.
  std::uint64_t kept_unacknowledged = 0;

  [[nodiscard]] bool passed() const noexcept { return lost + twice + invented == 0; }
};

/// Compares what was sent and acknowledged with what the broker's journal says.
class message_audit {
public:
  /// A message that was sent.
  void expect(std::string provider_id, bool acknowledged);
  /// An event of the journal; those that are no inbound message are ignored.
  void see(const api_event& event);
  [[nodiscard]] audit_result result() const;

private:
  struct fate {
    bool acknowledged = false;
    std::uint32_t seen = 0;
  };

  std::unordered_map<std::string, fate> messages_;
  std::uint64_t invented_ = 0;
};

[[nodiscard]] boost::json::object to_json(const audit_result& result);

}  // namespace parley::bench
