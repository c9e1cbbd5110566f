#pragma once

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"
#include "parley/model/event.hpp"

#include <rapidcheck.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Arbitrary values of everything that the store encodes.
namespace parley::store::any {

inline model::id128 id() {
  model::id128 out;
  if (*rc::gen::inRange(0, 4) > 0)
    for (auto& byte : out.bytes)
      byte = *rc::gen::arbitrary<std::uint8_t>();
  return out;
}

inline model::timestamp time() {
  return model::timestamp{std::chrono::milliseconds{*rc::gen::arbitrary<std::int64_t>()}};
}

/// Any bytes, not only UTF-8: the store does not look into texts.
inline std::string text() { return *rc::gen::arbitrary<std::string>(); }

inline std::uint64_t number() {
  const auto bits = *rc::gen::inRange(0, 65);
  const auto raw = *rc::gen::arbitrary<std::uint64_t>();
  return bits == 0 ? 0 : raw >> static_cast<unsigned>(64 - bits);
}

inline std::int32_t code() { return *rc::gen::arbitrary<std::int32_t>(); }
inline std::uint32_t small() { return static_cast<std::uint32_t>(number()); }
inline bool flag() { return *rc::gen::arbitrary<bool>(); }

template <class Enum>
Enum choice(Enum first, Enum last) {
  return static_cast<Enum>(
    *rc::gen::inRange(static_cast<int>(first), static_cast<int>(last) + 1));
}

template <class Make>
auto several(Make make) {
  std::vector<decltype(make())> out;
  const auto count = *rc::gen::inRange(0, 20);
  for (int i = 0; i < count; ++i)
    out.push_back(make());
  return out;
}

inline model::delivery_state delivery_state() {
  return choice(model::delivery_state::scheduled, model::delivery_state::expired);
}

inline std::vector<model::escalation> escalations() {
  return several([] {
    model::escalation step;
    step.after_ms = *rc::gen::arbitrary<std::int64_t>();
    step.users = several(text);
    return step;
  });
}

inline model::route route() {
  model::route out;
  out.users = several(text);
  out.inbox = text();
  out.unrouted = flag();
  out.inactive_after_ms = *rc::gen::arbitrary<std::int64_t>();
  out.close_after_ms = *rc::gen::arbitrary<std::int64_t>();
  out.claim_expiry_ms = *rc::gen::arbitrary<std::int64_t>();
  out.assigned = flag();
  out.escalations = escalations();
  out.reopen_within_ms = *rc::gen::arbitrary<std::int64_t>();
  out.history_from_join = flag();
  out.data_action = text();
  out.asks_every_message = flag();
  return out;
}

inline model::open_question question() {
  model::open_question out;
  out.action = text();
  out.index = number();
  out.until = time();
  out.holds = flag();
  return out;
}

inline model::attribute attribute() {
  auto name = text();
  return {std::move(name), text()};
}

inline model::priority priority() {
  return choice(model::priority::low, model::priority::urgent);
}

inline model::presence presence() {
  return choice(model::presence::offline, model::presence::available);
}

inline model::close_reason close_reason() {
  return choice(model::close_reason::none, model::close_reason::data_action);
}

inline model::parked_report parked() {
  return {text(), delivery_state(), code(), time(), model::message_id{id()}, text()};
}

inline model::bulk_line bulk_line() {
  if (flag())
    return {};
  // Without a job the position is not written.
  auto job = model::bulk_id{id()};
  job.bytes[0] |= 1U;
  return {job, number()};
}

inline model::edition edition() {
  // Without a time it was never edited, and the rest is not written.
  auto at = time();
  if (at == model::timestamp{})
    at += std::chrono::milliseconds{1};
  return {at, time(), small()};
}

inline model::bulk_changed bulk_changed() {
  model::bulk_changed out{model::bulk_id{id()},
                          choice(model::bulk_state::receiving, model::bulk_state::canceled),
                          number(), number(), number(), {}};
  for (auto& count : out.counts.by_state)
    count = number();
  return out;
}

inline model::event_body body(std::size_t kind) {
  switch (kind) {
    case 0:
      return model::conversation_opened{model::conversation_id{id()}, route(), time(), text()};
    case 1: {
      auto what = std::make_shared<model::content>();
      what->body = text();
      what->files = several([] {
        const auto url = text();
        const auto type = text();
        const model::file_id file{id()};
        return model::media{url, type, file,
                            choice(model::media_fault::none, model::media_fault::unreachable)};
      });
      what->provider_id = text();
      what->extra = text();
      what->redacted = flag();
      if (flag())
        what->made_from = model::sent_template{text(), text(), text()};
      model::message_added added;
      added.message = model::message_id{id()};
      added.index = number();
      added.direction = choice(model::direction::inbound, model::direction::note);
      added.author.type = choice(model::author::kind::contact, model::author::kind::system);
      added.author.id = text();
      added.what = std::move(what);
      added.segments = small();
      added.idempotency_key = id();
      added.request_digest = id();
      added.dedupe = id();
      added.text_digest = small();
      added.mentions = several(text);
      added.recipients = several(text);
      added.confirms_opt_out = flag();
      added.bulk = bulk_line();
      added.send_at = time();
      added.validity_ms = *rc::gen::arbitrary<std::int64_t>();
      if (flag())
        added.edited = edition();
      return added;
    }
    case 2:
      return model::delivery_changed{model::message_id{id()}, number(), delivery_state(), code(),
                                     small(), text(), text()};
    case 3:
      return model::report_parked{parked()};
    case 4:
      return model::conversation_idled{time()};
    case 5:
      return model::conversation_closed{close_reason(), text()};
    case 6:
      return model::read_advanced{text(), number()};
    case 7:
      return model::timer_rearmed{time()};
    case 8:
      return model::conversation_claimed{text(), flag()};
    case 9:
      return model::conversation_released{text(), flag(), several(text), flag()};
    case 10:
      return model::conversation_transferred{text(),        text(),
                                             text(),        several(text),
                                             *rc::gen::arbitrary<std::int64_t>(), flag(),
                                             escalations()};
    case 11:
      return model::participant_added{text()};
    case 12:
      return model::participant_removed{text()};
    case 13:
      return model::conversation_snoozed{text(), time()};
    case 14:
      return model::labels_changed{several(text)};
    case 15:
      return model::conversation_escalated{small()};
    case 16:
      return model::priority_changed{text(), priority()};
    case 17:
      return model::conversation_reopened{time(), flag()};
    case 18:
      return model::contact_assigned{model::contact_id{id()}};
    case 19:
      return model::message_redacted{model::message_id{id()}, number(), number()};
    case 20:
      return model::question_asked{question()};
    case 21:
      return model::question_settled{
        text(), choice(model::question_outcome::answered, model::question_outcome::timed_out),
        text(), flag(), several(text), flag()};
    case 22:
      return model::attributes_changed{several(attribute)};
    case 23:
      return model::availability_changed{text(), presence(), flag()};
    case 24:
      return model::media_settled{model::message_id{id()}, number(), number()};
    case 25:
      return model::consent_changed{
        text(), text(), choice(model::consent_state::opted_in, model::consent_state::opted_out),
        choice(model::consent_source::keyword, model::consent_source::api),
        model::message_id{id()}, text(), text()};
    case 26:
      return bulk_changed();
    default:
      return model::message_edited{model::message_id{id()}, number(), number(), time()};
  }
}

inline model::event event() {
  const auto kinds = static_cast<int>(std::variant_size_v<model::event_body>);
  const auto kind = static_cast<std::size_t>(*rc::gen::inRange(0, kinds));
  return {model::conversation_id{id()}, time(), body(kind)};
}

inline model::participant participant() {
  model::participant out;
  out.user = text();
  out.read_index = number();
  out.joined_index = number();
  return out;
}

inline model::delivery delivery() {
  model::delivery out;
  out.message = model::message_id{id()};
  out.conversation = model::conversation_id{id()};
  out.index = number();
  out.message_seq = number();
  out.state = delivery_state();
  out.error_code = code();
  out.attempts = small();
  out.provider_id = text();
  out.updated_at = time();
  out.to = text();
  out.confirms_opt_out = flag();
  out.bulk = bulk_line();
  out.send_at = time();
  out.queued_seq = number();
  out.by_template = flag();
  return out;
}

inline model::used_key used_key() {
  return {id(), id(), model::message_id{id()}, number(), small(), time(),
          model::conversation_id{id()}};
}

inline model::address address() {
  return {choice(model::channel::sms, model::channel::chat), text()};
}

inline model::conversation_state state() {
  model::conversation_state out;
  out.pair = {small(), address(), address()};
  out.id = model::conversation_id{id()};
  out.previous = model::conversation_id{id()};
  out.phase = choice(model::conversation_phase::none, model::conversation_phase::closed);
  out.closed_for = close_reason();
  out.route = route();
  out.participants = several(participant);
  out.claimed_by = text();
  out.claim_active_at = time();
  out.away = several(participant);
  out.labels = several(text);
  out.snoozed_until = time();
  out.auto_replied_at = time();
  out.created_at = time();
  out.last_activity = time();
  out.last_index = number();
  out.timer_due = time();
  out.opened_seq = number();
  out.mark_stride = number();
  out.marks = several([] { return model::chain_mark{number(), number()}; });
  out.head_seq = number();
  out.seen = several(id);
  out.keys = several(used_key);
  out.deliveries = several(delivery);
  out.parked = several(parked);
  out.closed_at = time();
  out.waiting_since = time();
  out.last_holder = text();
  out.holder_wanted = flag();
  out.unanswered_since = time();
  out.escalated = small();
  out.priority = priority();
  out.contact = model::contact_id{id()};
  out.question = question();
  out.attributes = several(attribute);
  out.subject = text();
  out.text_digest = small();
  out.same_text_at = several(time);
  out.presence = presence();
  out.present_by_stream = flag();
  out.last_inbound_at = time();
  return out;
}

inline model::assignment_strategy strategy() {
  return choice(model::assignment_strategy::everyone, model::assignment_strategy::least_busy);
}

inline model::message_conditions conditions() {
  const auto texts = [] { return several(text); };
  model::message_conditions out;
  out.numbers = texts();
  out.channels = texts();
  out.senders = texts();
  out.countries = texts();
  out.languages = texts();
  out.body_contains = text();
  out.keywords = texts();
  out.body_matches = text();
  out.attribute = text();
  out.attribute_value = text();
  out.first_ever = flag();
  out.hours = choice(model::hours_condition::any, model::hours_condition::outside);
  return out;
}

inline model::inbox inbox() {
  const auto whole = [] { return *rc::gen::arbitrary<std::int64_t>(); };
  const auto seconds = [&]() -> std::optional<std::int64_t> {
    if (flag())
      return std::nullopt;
    return whole();
  };
  model::inbox one;
  one.team = text();
  one.strategy = strategy();
  one.outbound = choice(model::outbound_policy::forbidden,
                        model::outbound_policy::allowed_copy_team);
  one.auto_reply = text();
  one.close_after_s = seconds();
  one.inactive_after_s = seconds();
  one.claim_expiry_s = whole();
  one.available_only = flag();
  one.max_open_per_user = whole();
  one.escalation = several([&] { return model::escalation_step{whole(), text(), text()}; });
  one.reopen_within_s = whole();
  one.history = choice(model::history_policy::all, model::history_policy::from_join);
  one.business_hours = text();
  one.auto_replies = several([] { return model::auto_reply_variant{text(), conditions()}; });
  one.data_action = text();
  return one;
}

inline model::business_hours business_hours() {
  const auto minute = [] { return *rc::gen::inRange(0, 1'441); };
  model::business_hours out;
  out.id = text();
  out.time_zone = text();
  out.periods
    = several([&] { return model::hours_period{several(text), minute(), minute()}; });
  out.holidays = several(text);
  return out;
}

inline model::rule rule() {
  const auto texts = [] { return several(text); };
  model::rule out;
  out.id = text();
  out.position = *rc::gen::arbitrary<std::int64_t>();
  out.when = conditions();
  out.users = texts();
  out.teams = texts();
  if (flag())
    out.strategy = strategy();
  out.auto_reply = text();
  out.labels = texts();
  out.priority = text();
  out.close = flag();
  out.data_action = text();
  return out;
}

inline model::data_action data_action() {
  return {text(), text(), text(),
          choice(model::action_trigger::conversation_opened, model::action_trigger::outbound)};
}

inline model::organization organization() {
  const auto texts = [] { return several(text); };
  model::organization out;
  out.id = text();
  out.name = text();
  out.time_zone = text();
  out.default_inbox = text();
  out.close_after_s = *rc::gen::arbitrary<std::int64_t>();
  out.inactive_after_s = *rc::gen::arbitrary<std::int64_t>();
  out.users = several([] {
    model::user one;
    one.id = text();
    one.name = text();
    one.licence = choice(model::licence::standard, model::licence::pro_cx);
    one.extension = text();
    one.email = text();
    one.role = choice(model::role::owner, model::role::read_only);
    one.time_zone = text();
    return one;
  });
  out.teams = several([&] { return model::team{text(), texts()}; });
  out.inboxes = several(inbox);
  out.links = several([] {
    return model::link{text(), choice(model::link_format::twilio, model::link_format::http),
                       text(), text(), text(), text(),
                       choice(model::unknown_outcome_policy::hold,
                              model::unknown_outcome_policy::resend),
                       *rc::gen::arbitrary<std::int64_t>()};
  });
  out.numbers = several([&] {
    return model::number{text(), texts(), text(), text(), text(),
                         static_cast<double>(*rc::gen::arbitrary<std::int32_t>()) / 8};
  });
  out.caller_id_lists
    = several([&] { return model::caller_id_list{text(), texts(), texts()}; });
  out.keys = several([&] {
    model::api_key key;
    key.name = text();
    for (auto& byte : key.digest)
      byte = *rc::gen::arbitrary<std::uint8_t>();
    key.scopes = texts();
    key.user = text();
    return key;
  });
  out.business_hours = text();
  out.data_action = text();
  out.outbound_data_action = text();
  out.hide_contact_numbers = flag();
  out.hours = several(business_hours);
  out.rules = several(rule);
  out.data_actions = several(data_action);
  out.webhooks = several([&] { return model::webhook{text(), text(), text(), texts(), flag()}; });
  out.templates = several([] {
    model::message_template one;
    one.id = text();
    one.name = text();
    one.language = text();
    one.category
      = choice(model::template_category::marketing, model::template_category::authentication);
    one.state = choice(model::template_state::draft, model::template_state::paused);
    one.carrier_id = text();
    one.components = several([] {
      const auto type = choice(model::component_type::header, model::component_type::button);
      return model::template_component{type, text()};
    });
    return one;
  });
  out.consent.reads_keywords = flag();
  out.consent.scope = choice(model::consent_scope::number, model::consent_scope::organization);
  out.consent.intent = choice(model::intent_policy::off, model::intent_policy::opt_out);
  out.consent.intent_phrases = texts();
  out.consent.keywords = several([&] {
    return model::consent_keywords{text(),  text(),  texts(), texts(), texts(),
                                   texts(), text(), text(), text()};
  });
  return out;
}

}  // namespace parley::store::any
