#include "actors/consent_view.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "actors/consent_register.hpp"
#include "parley/carrier/twilio.hpp"
#include "parley/consent/keywords.hpp"
#include "parley/routing/conditions.hpp"
#include "parley/text/segments.hpp"

namespace parley::actors {
namespace {

using model::consent_notice;

std::vector<std::string> parties_of(const model::address& theirs) {
  std::vector<std::string> all;
  if (!theirs.is_group())
    return {theirs.text()};
  for (const auto& party : theirs.members())
    all.push_back(party.text());
  return all;
}

/// Whether the command may send something, or be about a message that waits to be sent.
bool may_send(const model::conversation_state& state, const model::command& what) {
  if (const auto* send = std::get_if<model::send_message>(&what))
    return !send->note;
  if (const auto* ended = std::get_if<model::end_attempt>(&what))
    return ended->error_code == model::carrier_opted_out;
  if (std::holds_alternative<model::fire_timer>(what))
    return std::ranges::any_of(state.deliveries, [](const model::delivery& one) {
      return one.state == model::delivery_state::scheduled;
    });
  return std::holds_alternative<model::start_conversation>(what)
         || std::holds_alternative<model::resolve_delivery>(what)
         || std::holds_alternative<model::begin_attempt>(what)
         || std::holds_alternative<model::settle_question>(what);
}

std::string language_of(const services& shared, const model::pair& between,
                        const model::address& author, const actions::known_contact* contact) {
  if (contact != nullptr)
    return contact->language;
  const auto found = shared.reader.contact_of(between.organization, author);
  return found ? found->language : std::string{};
}

std::optional<consent_notice::kind> kind_of(consent::wish means, bool acts_on_intent) {
  switch (means) {
    case consent::wish::opt_out:
      return consent_notice::kind::opt_out;
    case consent::wish::opt_in:
      return consent_notice::kind::opt_in;
    case consent::wish::help:
      return consent_notice::kind::help;
    case consent::wish::maybe_opt_out:
      return acts_on_intent ? consent_notice::kind::opt_out : consent_notice::kind::asks_person;
    case consent::wish::none:
      break;
  }
  return std::nullopt;
}

/// Reads one inbound text in the words of its organisation.
class notice_reader {
public:
  notice_reader(const services& shared, const number_facts& number, const model::pair& between,
                const model::receive_message& what, const actions::known_contact* contact)
    : shared_(shared), number_(number), between_(between), what_(what), contact_(contact) {}

  [[nodiscard]] std::optional<consent_notice> read(bool opted_out) const {
    consent_notice made;
    made.address = what_.from.empty() ? between_.theirs.text() : what_.from;
    made.everywhere = number_.consent->everywhere;
    if (const auto carriers = carrier::opt_out_type(what_.what->extra)) {
      made.source = model::consent_source::carrier;
      made.wants = *carriers;
      return made;
    }
    const auto said = say(made.address, opted_out);
    const auto kind = kind_of(said.means, number_.consent->acts_on_intent);
    if (!kind)
      return std::nullopt;
    made.wants = *kind;
    if (said.means == consent::wish::maybe_opt_out)
      made.source = model::consent_source::intent;
    if (!said.answer.empty()) {
      auto text = std::make_shared<model::content>();
      text->body = said.answer;
      made.segments = text::segment(text->body).segments;
      made.answer = std::move(text);
    }
    return made;
  }

private:
  [[nodiscard]] consent::reading say(const std::string& address, bool opted_out) const {
    const auto& words = number_.consent->words;
    const auto author = model::address::parse(address);
    std::string language;
    std::string country;
    if (author && words.asks_language())
      language = language_of(shared_, between_, *author, contact_);
    if (author && words.asks_country())
      country = routing::country_of(*author);
    return words.read({what_.what->body, language, country, opted_out});
  }

  const services& shared_;
  const number_facts& number_;
  const model::pair& between_;
  const model::receive_message& what_;
  const actions::known_contact* contact_;
};

/// Whether the text can say anything about consent.
bool may_be_notice(const number_facts& number, const model::content& what) {
  return number.consent != nullptr
         && (carrier::opt_out_type(what.extra)
             || (!what.body.empty()
                 && what.body.size() <= number.consent->words.body_bytes_max()));
}

}  // namespace

consent_view look_for_consent(const services& shared, const number_facts& number,
                              const model::conversation_state& state, const model::command& what,
                              const actions::known_contact* contact, bool answers) {
  consent_view view;
  const auto* received = std::get_if<model::receive_message>(&what);
  const bool notice = received != nullptr && received->what != nullptr
                      && may_be_notice(number, *received->what);
  const bool passed_on = received != nullptr && state.pair.theirs.is_group();
  const bool answered
    = received != nullptr && answers && state.phase != model::conversation_phase::active;
  if (state.pair.ours.kind == model::channel::chat
      || !(notice || passed_on || answered || may_send(state, what)))
    return view;
  for (auto& party : parties_of(state.pair.theirs))
    if (shared.consents.has_opted_out(number.organization, party, number.identifier))
      view.opted_out.push_back(std::move(party));
  if (notice) {
    const auto author = received->from.empty() ? state.pair.theirs.text() : received->from;
    const bool out = std::ranges::find(view.opted_out, author) != view.opted_out.end();
    view.notice = notice_reader{shared, number, state.pair, *received, contact}.read(out);
  }
  return view;
}

}  // namespace parley::actors
