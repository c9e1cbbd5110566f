#include "actors/opening.hpp"

#include <memory>
#include <string_view>
#include <utility>

#include "parley/routing/hours.hpp"
#include "parley/routing/placement.hpp"
#include "parley/text/segments.hpp"

namespace parley::actors {
namespace {

bool is_open(const model::conversation_state& state) noexcept {
  return state.phase == model::conversation_phase::active
         || state.phase == model::conversation_phase::inactive;
}

std::optional<conversation::automatic_reply> reply_of(std::string text) {
  if (text.empty())
    return std::nullopt;
  const auto segments = text::segment(text).segments;
  auto what = std::make_shared<model::content>();
  what->body = std::move(text);
  return conversation::automatic_reply{std::move(what), segments};
}

/// Whose address it is, if anybody's: one look-up, two when it is somebody's.
std::optional<actions::known_contact> known_contact(const services& shared,
                                                    const model::pair& between) {
  auto found = shared.reader.contact_of(between.organization, between.theirs);
  if (!found)
    return std::nullopt;
  return actions::known_contact{found->id, std::move(found->name), std::move(found->language),
                                std::move(found->attributes)};
}

/// The message in the words of the rules. What is chosen at random follows from the conversation's
/// id, so that a repeated look gives the same.
routing::sample sample_of(const number_facts& number, const model::conversation_state& state,
                          const model::content& what, const model::conversation_id& fresh_id,
                          const std::optional<actions::known_contact>& contact) {
  routing::sample made;
  made.number = number.identifier;
  made.channel = state.pair.theirs.kind;
  made.sender = state.pair.theirs.identifier;
  made.body = what.body;
  made.first_ever = state.phase == model::conversation_phase::none;
  made.seed = model::id_hash{}(fresh_id);
  if (contact) {
    made.contact_name = contact->name;
    made.contact_language = contact->language;
    made.attributes = contact->attributes;
  }
  return made;
}

}  // namespace

std::optional<opening> prepare_opening(const services& shared, const number_facts& number,
                                       const model::conversation_state& state,
                                       const model::receive_message& what,
                                       const model::conversation_id& fresh_id,
                                       model::timestamp now) {
  if (is_open(state) || what.what == nullptr)
    return std::nullopt;
  auto contact = known_contact(shared, state.pair);
  if (number.rules == nullptr && !contact)
    return std::nullopt;
  const auto known = shared.directory.present();
  const auto* owner = known->find_organization(number.organization);
  const auto found = known->find_number(number.organization, number.identifier);
  if (number.rules == nullptr || owner == nullptr || !found) {
    // No rules; or it has just left the directory, and what was known of it holds.
    return opening{.route = route_of(number, state.pair.theirs.kind),
                   .reply = auto_reply_of(number, state.pair.theirs.kind),
                   .labels = {},
                   .contact = std::move(contact)};
  }
  auto message = sample_of(number, state, *what.what, fresh_id, contact);
  message.inside_hours = routing::is_inside_hours(*owner, *found->number, now);
  auto placed
    = routing::place_inbound(*owner, *found->number, *number.rules, message, now);
  shared.counts.members_left_out.fetch_add(placed.members_without_licence,
                                           std::memory_order_relaxed);
  return opening{.route = std::move(placed.route),
                 .reply = reply_of(std::move(placed.reply_text)),
                 .labels = std::move(placed.labels),
                 .priority = placed.priority,
                 .close = placed.close,
                 .contact = std::move(contact)};
}

}  // namespace parley::actors
