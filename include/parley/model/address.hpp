#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::model {

/// What carries a message. SMS and MMS share addresses, so they are one channel.
enum class channel : std::uint8_t { sms = 1, whatsapp = 2, chat = 3 };

[[nodiscard]] std::string_view to_string(channel value) noexcept;

/// Channel and identifier: `sms:+15551230001`, `whatsapp:+1555…`, `whatsapp:US.13491…`,
/// `chat:alice`.
struct address {
  channel kind = channel::sms;
  std::string identifier;

  friend auto operator<=>(const address&, const address&) = default;

  [[nodiscard]] std::string text() const;

  /// Whether it stands for several outside parties at once: the other end of a group SMS.
  [[nodiscard]] bool is_group() const noexcept;
  /// The addresses that a group stands for, in order; the address itself when it is none.
  [[nodiscard]] std::vector<address> members() const;
  /// One address for several of `kind`, whatever their order: the sorted set of them (mission 3).
  /// Its identifier is theirs, joined by commas. Empty unless there are 2 to `group_parties_max`,
  /// each once.
  [[nodiscard]] static std::optional<address> group_of(channel kind,
                                                       std::vector<std::string> identifiers);

  /// Reads `channel:identifier`. Identifiers are 1 to 64 printable ASCII characters without spaces;
  /// an SMS identifier is E.164 (`+` and 7 to 15 digits) or a short code (3 to 8 digits).
  [[nodiscard]] static std::optional<address> parse(std::string_view text);

  /// As a carrier writes it: no prefix means SMS.
  [[nodiscard]] static std::optional<address> parse_carrier(std::string_view text);

  /// As `parse`, and groups as `text` writes them.
  [[nodiscard]] static std::optional<address> parse_peer(std::string_view text);
};

/// Our end of every chat among users is `chat:internal`. Their end is a digest of who they are, so
/// that the same users have one thread, whoever of them begins it.
inline constexpr std::string_view internal_identifier = "internal";

/// Both ends of a thread, within one organisation. At most one open conversation per pair (I4).
struct pair {
  std::uint32_t organization = 0;  ///< `organization::index`.
  address ours;
  address theirs;

  friend auto operator<=>(const pair&, const pair&) = default;

  /// The key of the `conversations` table: organisation (4 bytes, big-endian), ours, NUL, theirs.
  [[nodiscard]] std::string key() const;
  [[nodiscard]] static std::optional<pair> from_key(std::string_view key);
};

}  // namespace parley::model
