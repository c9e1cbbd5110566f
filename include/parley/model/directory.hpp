#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/address.hpp"

namespace parley::model {

enum class licence : std::uint8_t { standard = 1, pro, pro_cx };
enum class assignment_strategy : std::uint8_t { everyone = 1 };
enum class outbound_policy : std::uint8_t { forbidden = 1, allowed, allowed_copy_team };
enum class link_format : std::uint8_t { twilio = 1, whatsapp, http };
enum class unknown_outcome_policy : std::uint8_t { hold = 1, resend };

/// A SHA-256; how API keys are kept.
using sha256_digest = std::array<std::uint8_t, 32>;

struct user {
  std::string id;
  std::string name;
  model::licence licence = licence::standard;
  std::string extension;
  std::string email;

  friend bool operator==(const user&, const user&) = default;
};

struct team {
  std::string id;
  std::vector<std::string> members;

  friend bool operator==(const team&, const team&) = default;
};

/// A team's shared inbox; its id is the team's.
struct inbox {
  std::string team;
  assignment_strategy strategy = assignment_strategy::everyone;
  outbound_policy outbound = outbound_policy::forbidden;
  std::string auto_reply;
  std::optional<std::int64_t> close_after_s;     ///< Empty: the organisation's.
  std::optional<std::int64_t> inactive_after_s;  ///< Empty: the organisation's.
  std::int64_t claim_expiry_s = 0;  ///< A claimer who is silent for so long loses it; 0: never.

  friend bool operator==(const inbox&, const inbox&) = default;
};

/// A connection to a carrier. Its id is unique over all organisations: callbacks name only it.
struct link {
  std::string id;
  link_format format = link_format::twilio;
  std::string account_sid;
  std::string auth_token;
  std::string api_base;
  std::string public_url;
  unknown_outcome_policy unknown_outcome = unknown_outcome_policy::hold;

  friend bool operator==(const link&, const link&) = default;
};

/// An address the organisation owns. At most one of `user` and `inbox` is set.
struct number {
  std::string identifier;             ///< E.164 or short code.
  std::vector<std::string> channels;  ///< `sms`, `mms`, `whatsapp`.
  std::string link;
  std::string user;
  std::string inbox;
  double rate_segments_per_s = 1.0;

  friend bool operator==(const number&, const number&) = default;
};

struct caller_id_list {
  std::string id;
  std::vector<std::string> numbers;
  std::vector<std::string> users;

  friend bool operator==(const caller_id_list&, const caller_id_list&) = default;
};

struct api_key {
  std::string name;
  sha256_digest digest{};
  std::vector<std::string> scopes;  ///< `*`, `messages:write`, `conversations:read`, …

  friend bool operator==(const api_key&, const api_key&) = default;
};

/// A tenant and all it owns. Nothing crosses organisations (I11).
struct organization {
  std::uint32_t index = 0;  ///< Given once, never reused: the organisation in keys and records.
  std::string id;
  std::string name;
  std::string time_zone = "UTC";
  std::string default_inbox;
  std::int64_t close_after_s = 2'592'000;
  std::int64_t inactive_after_s = 0;
  std::vector<user> users;
  std::vector<team> teams;
  std::vector<inbox> inboxes;
  std::vector<link> links;
  std::vector<number> numbers;
  std::vector<caller_id_list> caller_id_lists;
  std::vector<api_key> keys;

  friend bool operator==(const organization&, const organization&) = default;

  [[nodiscard]] const user* find_user(std::string_view id) const noexcept;
  [[nodiscard]] const team* find_team(std::string_view id) const noexcept;
  [[nodiscard]] const inbox* find_inbox(std::string_view team) const noexcept;
};

/// Everything the directory tables hold, with the look-ups of the hot path. Immutable once made:
/// a change makes a new one (copy-on-write), readers keep the one they have.
class directory {
public:
  struct link_entry {
    const organization* owner;
    const model::link* link;
  };
  struct number_entry {
    const organization* owner;
    const model::number* number;
    const model::link* link;
  };
  struct key_entry {
    const organization* owner;
    const api_key* key;
  };

  explicit directory(std::vector<organization> organizations);
  ~directory();
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;

  [[nodiscard]] const std::vector<organization>& organizations() const noexcept;
  [[nodiscard]] const organization* find_organization(std::uint32_t index) const noexcept;
  [[nodiscard]] const organization* find_organization(std::string_view id) const noexcept;
  /// A carrier link by the id in the callback's path.
  [[nodiscard]] std::optional<link_entry> find_link(std::string_view id) const noexcept;
  /// One of the organisation's numbers by its identifier, with the link that carries it.
  [[nodiscard]] std::optional<number_entry> find_number(std::uint32_t organization_index,
                                                        std::string_view identifier) const noexcept;
  /// An API key by its digest.
  [[nodiscard]] std::optional<key_entry> find_key(const sha256_digest& digest) const noexcept;

private:
  struct indexes;
  std::vector<organization> organizations_;
  std::unique_ptr<indexes> indexes_;
};

using directory_ptr = std::shared_ptr<const directory>;

}  // namespace parley::model
