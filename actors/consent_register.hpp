#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

#include "parley/model/event.hpp"
#include "parley/store/reader.hpp"

namespace parley::actors {

/// Who wants no messages: what the store has, and over it the changes that are appended and not yet
/// durable, so that a conversation knows at once what another of the same person has heard (I7).
///
/// A change is about one of our numbers or about all of them; the newest of the two counts.
/// Thread-safe. Holds as many entries as changes wait for the journal. Reads throw
/// `store::store_error`.
class consent_register {
public:
  explicit consent_register(const store::reader& reader) : reader_(reader) {}

  /// Whether an address, with channel, wants no messages from one of our numbers.
  [[nodiscard]] bool has_opted_out(std::uint32_t organization, std::string_view address,
                                   std::string_view number) const;

  /// A change has been given its place in the journal.
  void note(std::uint32_t organization, const model::consent_changed& change, std::uint64_t seq);
  /// It is durable.
  void settle(std::uint32_t organization, const model::consent_changed& change, std::uint64_t seq);

private:
  /// Organisation, address, our number or nothing.
  using scope = std::tuple<std::uint32_t, std::string, std::string>;

  struct standing {
    std::uint64_t seq = 0;  ///< 0: nothing is known.
    model::consent_state state = model::consent_state::opted_in;
  };

  [[nodiscard]] standing newest_of(const scope& asked) const;

  const store::reader& reader_;
  mutable std::mutex mutex_;
  std::map<scope, standing> pending_;  ///< The newest of each.
};

}  // namespace parley::actors
