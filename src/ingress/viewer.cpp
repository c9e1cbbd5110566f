#include "src/ingress/viewer.hpp"

#include "parley/model/directory_words.hpp"
#include "src/ingress/auth.hpp"
#include "src/ingress/problem.hpp"

#include <algorithm>
#include <limits>
#include <variant>
#include <vector>

namespace parley::ingress {

namespace {

constexpr auto every_message = std::numeric_limits<std::uint64_t>::max();

bool contains(const std::vector<std::string>& all, std::string_view wanted) {
  return std::ranges::find(all, wanted) != all.end();
}

const model::participant* find_in(const std::vector<model::participant>& all,
                                  std::string_view user) noexcept {
  const auto found = std::ranges::find(all, user, &model::participant::user);
  return found == all.end() ? nullptr : &*found;
}

/// The participant, or the member of the team whom a claim keeps away for a while.
const model::participant* find_joined(const model::conversation_state& state,
                                      std::string_view user) noexcept {
  const auto* part = find_in(state.participants, user);
  return part != nullptr ? part : find_in(state.away, user);
}

/// Mission 9: numbers are hidden from agents, and from keys without the scope. So what an agent's
/// key may do in general (`*`) does not include them: somebody has to have said so.
bool is_shown_numbers(const viewer& who, const model::api_key& key) {
  return sees_everything(who) ? has_scope(key, contact_numbers_scope)
                              : contains(key.scopes, contact_numbers_scope);
}

}  // namespace

viewer viewer_of(const model::directory::key_entry& caller) {
  viewer made;
  made.owner = caller.owner;
  if (!caller.key->user.empty()) {
    made.user = caller.owner->find_user(caller.key->user);
    if (made.user == nullptr)
      throw refusal{model::errc::role_required,
                    "the key acts for `" + caller.key->user + "`, who is no user any more"};
  }
  if (caller.owner->hide_contact_numbers && !is_shown_numbers(made, *caller.key))
    made.numbers = audience::masked;
  return made;
}

model::role role_of(const viewer& who) noexcept {
  return who.user == nullptr ? model::role::owner : who.user->role;
}

void require_role(const viewer& who, model::role least) {
  if (role_of(who) > least)
    throw refusal{model::errc::role_required,
                  "`" + who.user->id + "` has the role " + std::string{word_for(who.user->role)}
                    + " and needs " + std::string{word_for(least)}};
}

bool sees_everything(const viewer& who) noexcept {
  return role_of(who) <= model::role::admin;
}

bool may_see(const model::organization& owner, std::string_view user,
             const model::conversation_state& state) {
  const auto* known = owner.find_user(user);
  if (known == nullptr)
    return false;
  if (known->role <= model::role::admin || find_in(state.participants, user) != nullptr)
    return true;
  const auto* team = state.route.inbox.empty() ? nullptr : owner.find_team(state.route.inbox);
  return team != nullptr && contains(team->members, user);
}

bool may_see(const viewer& who, const model::conversation_state& state) {
  return sees_everything(who) || may_see(*who.owner, who.user->id, state);
}

std::uint64_t hidden_up_to(const viewer& who, const model::conversation_state& state) {
  if (sees_everything(who) || !state.route.history_from_join)
    return 0;
  const auto* joined = find_joined(state, who.user->id);
  return joined == nullptr ? every_message : joined->joined_index;
}

event_subject subject_of(const model::event& event) {
  event_subject made;
  if (std::holds_alternative<model::availability_changed>(event.body))
    return made;
  made.conversation = event.conversation;
  made.for_admins = !event.conversation.has_value()
                    && (std::holds_alternative<model::consent_changed>(event.body)
                        || std::holds_alternative<model::bulk_changed>(event.body));
  if (const auto* added = std::get_if<model::message_added>(&event.body))
    made.index = added->index;
  else if (const auto* moved = std::get_if<model::delivery_changed>(&event.body))
    made.index = moved->index;
  else if (const auto* redacted = std::get_if<model::message_redacted>(&event.body))
    made.index = redacted->index;
  else if (const auto* edited = std::get_if<model::message_edited>(&event.body))
    made.index = edited->index;
  else if (const auto* settled = std::get_if<model::media_settled>(&event.body))
    made.index = settled->index;
  else if (const auto* removed = std::get_if<model::participant_removed>(&event.body))
    made.user = removed->user;
  else if (const auto* given = std::get_if<model::conversation_transferred>(&event.body))
    made.user = given->by;
  return made;
}

sight sight_of(const viewer& who, const model::conversation_state& state) {
  return {may_see(who, state), hidden_up_to(who, state)};
}

bool is_shown(const viewer& who, const event_subject& about, const sight& of_it) {
  if (about.for_admins && !sees_everything(who))
    return false;
  if (sees_everything(who) || !about.conversation.has_value() || about.user == who.user->id)
    return true;
  return of_it.any && (about.index == 0 || about.index > of_it.hidden_up_to);
}

}  // namespace parley::ingress
