#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "parley/model/time.hpp"

namespace parley::model {

/// 128 bits, most significant byte first: 48 bits of Unix milliseconds, then 80 bits that make the
/// id unique. Byte order is time order.
struct id128 {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const id128&, const id128&) = default;

  /// False for the all-zero id, which stands for "none".
  [[nodiscard]] bool has_value() const noexcept { return *this != id128{}; }
};

/// 26 Crockford base-32 characters, upper case, most significant first (as in ULID).
[[nodiscard]] std::string to_base32(const id128& id);
[[nodiscard]] std::optional<id128> from_base32(std::string_view text);

/// 32 lower-case hex digits: the form inside Twilio's `SM…` sids.
[[nodiscard]] std::string to_hex(const id128& id);
[[nodiscard]] std::optional<id128> from_hex(std::string_view text);

/// An id of one kind; kinds do not mix. Printed as the kind's prefix and 26 characters.
template <class Tag>
struct id : id128 {
  static constexpr std::string_view prefix = Tag::prefix;

  [[nodiscard]] std::string text() const { return std::string{prefix} + to_base32(*this); }

  /// Empty when the prefix, the length or a character is wrong.
  [[nodiscard]] static std::optional<id> parse(std::string_view text) {
    if (!text.starts_with(prefix))
      return std::nullopt;
    const auto raw = from_base32(text.substr(prefix.size()));
    if (!raw)
      return std::nullopt;
    return id{*raw};
  }
};

struct conversation_tag {
  static constexpr std::string_view prefix = "cv_";
};
struct message_tag {
  static constexpr std::string_view prefix = "ms_";
};
struct event_tag {
  static constexpr std::string_view prefix = "ev_";
};

struct contact_tag {
  static constexpr std::string_view prefix = "ct_";
};

struct file_tag {
  static constexpr std::string_view prefix = "fl_";
};

struct bulk_tag {
  static constexpr std::string_view prefix = "bk_";
};

using contact_id = id<contact_tag>;
using conversation_id = id<conversation_tag>;
using message_id = id<message_tag>;
using event_id = id<event_tag>;
using file_id = id<file_tag>;
using bulk_id = id<bulk_tag>;

/// Makes time-ordered ids. Ids of one source never repeat and never decrease; ids of different
/// sources differ by 48 random bits. Not thread-safe: one source a thread or actor.
class id_source {
public:
  /// Seeds the unique part from the operating system's random numbers.
  id_source();
  /// A fixed seed, for tests.
  explicit id_source(std::uint64_t seed);

  [[nodiscard]] id128 next(timestamp now) noexcept;

  template <class Id>
  [[nodiscard]] Id next_as(timestamp now) noexcept {
    return Id{next(now)};
  }

private:
  std::uint64_t seed_;
  std::uint64_t last_ms_ = 0;
  std::uint32_t counter_ = 0;
};

/// The calling thread's own source.
[[nodiscard]] id_source& thread_ids();

/// The id of the journal's event `seq`: derived, so that it need not be stored.
[[nodiscard]] event_id event_id_of(std::uint64_t seq, timestamp at) noexcept;

/// The id of the second event that one record shows: byte 7 is zero in every derived id.
[[nodiscard]] event_id twin_of(event_id id) noexcept;

/// The sequence number that an event's id stands for; another event may have it if the id is none.
[[nodiscard]] std::uint64_t seq_of(const event_id& id) noexcept;

/// Hash for unordered containers; the low bytes are already well spread.
struct id_hash {
  std::size_t operator()(const id128& id) const noexcept {
    std::size_t low = 0;
    std::memcpy(&low, id.bytes.data() + 8, sizeof low);
    std::size_t high = 0;
    std::memcpy(&high, id.bytes.data(), sizeof high);
    return low ^ (high * 0x9e3779b97f4a7c15U);
  }
};

}  // namespace parley::model
