#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"
#include "parley/model/event.hpp"
#include "src/ingress/masking.hpp"

namespace parley::ingress {

/// The scope whose absence masks customers' numbers where the organisation hides them.
inline constexpr std::string_view contact_numbers_scope = "contact_numbers:read";

/// Who asks: what a request may do and is shown besides what its key's scopes say (mission 9,
/// "roles"). Points into the directory that it was made of. Pure, like everything here.
struct viewer {
  const model::organization* owner = nullptr;
  /// Whom the key acts for; null: the organisation's own application, whose scopes decide alone.
  const model::user* user = nullptr;
  audience numbers = audience::clear;
};

/// Who asks with this key. Throws `refusal` (role_required) when the user whom it acts for is not
/// in the directory any more: nobody is left whose role could allow anything.
[[nodiscard]] viewer viewer_of(const model::directory::key_entry& caller);

/// The role that the request has: an application's is as good as an owner's.
[[nodiscard]] model::role role_of(const viewer& who) noexcept;

/// Throws `refusal` (role_required) naming the role that is needed, unless the request has it or
/// one that may do more.
void require_role(const viewer& who, model::role least);

/// Whether the request is shown every conversation of its organisation: applications, owners and
/// admins.
[[nodiscard]] bool sees_everything(const viewer& who) noexcept;

/// Whether that user may see the conversation: owners and admins every one, others those that they
/// take part in and those of inboxes whose team they are a member of. Nobody sees an unrouted one
/// but owners and admins. False for who is no user of the organisation.
[[nodiscard]] bool may_see(const model::organization& owner, std::string_view user,
                           const model::conversation_state& state);

/// As above, for whoever asks.
[[nodiscard]] bool may_see(const viewer& who, const model::conversation_state& state);

/// The index of the last message that the request is not shown of a conversation that it sees; 0:
/// it is shown all. Where history is shown from joining on (mission 3) that is what came before,
/// and everything for who has not joined.
[[nodiscard]] std::uint64_t hidden_up_to(const viewer& who,
                                         const model::conversation_state& state);

/// What an event is about, as far as it decides who sees it.
struct event_subject {
  model::conversation_id conversation;  ///< None: about a colleague, for everybody.
  std::uint64_t index = 0;              ///< Of the message that it tells of; 0: of none.
  bool for_admins = false;  ///< About no conversation, and only for those who see every one.
  std::string user;  ///< Who just ceased to take part and is told of that; empty: nobody.
};

[[nodiscard]] event_subject subject_of(const model::event& event);

/// What a request is shown of one conversation.
struct sight {
  bool any = false;                ///< `may_see`.
  std::uint64_t hidden_up_to = 0;  ///< As the function of that name says.
};

[[nodiscard]] sight sight_of(const viewer& who, const model::conversation_state& state);

/// Whether the request is shown the event, by what it is shown of the event's conversation.
[[nodiscard]] bool is_shown(const viewer& who, const event_subject& about, const sight& of_it);

}  // namespace parley::ingress
