#include "parley/store/codec.hpp"

#include "src/store/codec_parts.hpp"
#include "src/store/packing.hpp"
#include "src/store/unpacking.hpp"

namespace parley::store {
namespace {

constexpr std::uint64_t version = 1;
// What earlier versions wrote, and what this one does: it reads them all.
constexpr std::size_t state_fields_min = 24;
constexpr std::size_t state_fields_teamwork = 30;
constexpr std::size_t state_fields_routing = 45;
constexpr std::size_t state_fields_subject = 46;
constexpr std::size_t state_fields = 47;
constexpr std::size_t route_fields_min = 5;
constexpr std::size_t route_fields_claims = 6;
constexpr std::size_t route_fields = 12;
constexpr std::size_t participant_fields_min = 2;
constexpr std::size_t participant_fields = 3;
constexpr std::size_t escalation_fields = 2;
constexpr std::size_t question_fields = 4;
constexpr std::size_t attribute_fields = 2;
constexpr std::size_t parked_fields_min = 4;
constexpr std::size_t parked_fields = 6;
constexpr std::size_t key_fields_min = 6;
constexpr std::size_t key_fields = 7;
constexpr std::size_t delivery_fields_min = 9;
constexpr std::size_t delivery_fields_groups = 10;
constexpr std::size_t delivery_fields_consent = 11;
constexpr std::size_t delivery_fields_bulk = 12;
constexpr std::size_t delivery_fields = 15;
constexpr std::size_t id_bytes = sizeof(model::id128);
constexpr auto u32_max = std::numeric_limits<std::uint32_t>::max();

void pack_deliveries(packer& out, const std::vector<model::delivery>& deliveries) {
  out.array(deliveries.size());
  for (const auto& one : deliveries) {
    out.array(delivery_fields).id(one.message).id(one.conversation).number(one.index);
    out.number(one.message_seq).choice(one.state).signed_number(one.error_code);
    out.number(one.attempts).text(one.provider_id).time(one.updated_at).text(one.to);
    out.flag(one.confirms_opt_out);
    pack_bulk_line(out, one.bulk);
    out.time(one.send_at).number(one.queued_seq).flag(one.by_template);
  }
}

[[nodiscard]] std::vector<model::delivery> unpack_deliveries(unpacker& in) {
  std::vector<model::delivery> out;
  const auto count = in.array(0);
  out.reserve(in.room_for(count));
  unpack_each(in, count, delivery_fields_min, [&](std::size_t fields) {
    auto& one = out.emplace_back();
    one.message = model::message_id{in.id()};
    one.conversation = model::conversation_id{in.id()};
    one.index = in.number();
    one.message_seq = in.number();
    one.state = unpack_delivery_state(in);
    one.error_code = unpack_error_code(in);
    one.attempts = in.number_as<std::uint32_t>(u32_max);
    one.provider_id = in.text();
    one.updated_at = in.time();
    if (fields < delivery_fields_groups)
      return delivery_fields_min;
    one.to = in.text();
    if (fields < delivery_fields_consent)
      return delivery_fields_groups;
    one.confirms_opt_out = in.flag();
    if (fields < delivery_fields_bulk)
      return delivery_fields_consent;
    one.bulk = unpack_bulk_line(in);
    if (fields < delivery_fields)
      return delivery_fields_bulk;
    one.send_at = in.time();
    one.queued_seq = in.number();
    one.by_template = in.flag();
    return delivery_fields;
  });
  return out;
}

void pack_keys(packer& out, const std::vector<model::used_key>& keys) {
  out.array(keys.size());
  for (const auto& one : keys) {
    out.array(key_fields).id(one.key).id(one.request).id(one.message).number(one.index);
    out.number(one.segments).time(one.at).id(one.conversation);
  }
}

[[nodiscard]] std::vector<model::used_key> unpack_keys(unpacker& in) {
  std::vector<model::used_key> out;
  const auto count = in.array(0);
  out.reserve(in.room_for(count));
  unpack_each(in, count, key_fields_min, [&](std::size_t fields) {
    auto& one = out.emplace_back();
    one.key = in.id();
    one.request = in.id();
    one.message = model::message_id{in.id()};
    one.index = in.number();
    one.segments = in.number_as<std::uint32_t>(u32_max);
    one.at = in.time();
    if (fields < key_fields)
      return key_fields_min;
    one.conversation = model::conversation_id{in.id()};
    return key_fields;
  });
  return out;
}

/// The ring of seen ids is most of an idle pair's snapshot: one run of bytes, not so many values.
void pack_seen(packer& out, const std::vector<model::id128>& seen) {
  static_assert(id_bytes == 16 && alignof(model::id128) == 1);
  out.binary(seen.data(), seen.size() * id_bytes);
}

[[nodiscard]] std::vector<model::id128> unpack_seen(unpacker& in) {
  const auto raw = in.binary();
  if (raw.size() % id_bytes != 0)
    in.fail("has ids of the wrong length");
  std::vector<model::id128> out(raw.size() / id_bytes);
  if (!out.empty())
    std::memcpy(out.data(), raw.data(), raw.size());
  return out;
}

void pack_marks(packer& out, const std::vector<model::chain_mark>& marks) {
  out.array(marks.size() * 2);
  for (const auto& mark : marks)
    out.number(mark.index).number(mark.seq);
}

[[nodiscard]] std::vector<model::chain_mark> unpack_marks(unpacker& in) {
  std::vector<model::chain_mark> out;
  const auto count = in.array(0);
  if (count % 2 != 0)
    in.fail("has half a mark");
  out.reserve(in.room_for(count / 2));
  for (std::size_t i = 0; i < count; i += 2) {
    const auto index = in.number();
    out.push_back({index, in.number()});
  }
  return out;
}

void pack_participants(packer& out, const std::vector<model::participant>& participants) {
  out.array(participants.size());
  for (const auto& one : participants)
    out.array(participant_fields).text(one.user).number(one.read_index).number(one.joined_index);
}

[[nodiscard]] std::vector<model::participant> unpack_participants(unpacker& in) {
  std::vector<model::participant> out;
  const auto count = in.array(0);
  out.reserve(in.room_for(count));
  unpack_each(in, count, participant_fields_min, [&](std::size_t fields) {
    auto& one = out.emplace_back();
    one.user = in.text();
    one.read_index = in.number();
    if (fields < participant_fields)
      return participant_fields_min;
    one.joined_index = in.number();
    return participant_fields;
  });
  return out;
}

[[nodiscard]] model::address unpack_address(unpacker& in) {
  const auto kind = in.choice(model::channel::sms, model::channel::chat);
  return {kind, std::string{in.text()}};
}

/// Everything of the current conversation, in the order of the struct.
void unpack_current(unpacker& in, model::conversation_state& state) {
  state.id = model::conversation_id{in.id()};
  state.previous = model::conversation_id{in.id()};
  state.phase = in.choice(model::conversation_phase::none, model::conversation_phase::closed);
  state.closed_for = unpack_close_reason(in);
  state.route = unpack_route(in);
  state.participants = unpack_participants(in);
  state.created_at = in.time();
  state.last_activity = in.time();
  state.last_index = in.number();
  state.timer_due = in.time();
  state.opened_seq = in.number();
  state.mark_stride = in.number();
  state.marks = unpack_marks(in);
}

/// Everything that came with teamwork.
void unpack_teamwork(unpacker& in, model::conversation_state& state) {
  state.claimed_by = in.text();
  state.claim_active_at = in.time();
  state.away = unpack_participants(in);
  state.labels = unpack_texts(in);
  state.snoozed_until = in.time();
  state.auto_replied_at = in.time();
}

/// Everything that came with assignment, rules and data actions.
void unpack_routing(unpacker& in, model::conversation_state& state) {
  state.closed_at = in.time();
  state.waiting_since = in.time();
  state.last_holder = in.text();
  state.holder_wanted = in.flag();
  state.unanswered_since = in.time();
  state.escalated = in.number_as<std::uint32_t>(u32_max);
  state.priority = unpack_priority(in);
  state.contact = model::contact_id{in.id()};
  state.question = unpack_question(in);
  state.attributes = unpack_attributes(in);
  state.text_digest = in.number_as<std::uint32_t>(u32_max);
  const auto times = in.array(0);
  state.same_text_at.reserve(in.room_for(times));
  for (std::size_t i = 0; i < times; ++i)
    state.same_text_at.push_back(in.time());
  state.presence = unpack_presence(in);
  state.present_by_stream = in.flag();
}

}  // namespace

void pack_escalations(packer& out, const std::vector<model::escalation>& steps) {
  out.array(steps.size());
  for (const auto& step : steps) {
    out.array(escalation_fields).signed_number(step.after_ms);
    pack_texts(out, step.users);
  }
}

std::vector<model::escalation> unpack_escalations(unpacker& in) {
  std::vector<model::escalation> steps;
  const auto count = in.array(0);
  steps.reserve(in.room_for(count));
  unpack_each(in, count, escalation_fields, [&] {
    auto& step = steps.emplace_back();
    step.after_ms = in.signed_number();
    step.users = unpack_texts(in);
  });
  return steps;
}

void pack_question(packer& out, const model::open_question& question) {
  out.array(question_fields).text(question.action).number(question.index);
  out.time(question.until).flag(question.holds);
}

model::open_question unpack_question(unpacker& in) {
  model::open_question question;
  const auto fields = in.array(question_fields);
  question.action = in.text();
  question.index = in.number();
  question.until = in.time();
  question.holds = in.flag();
  in.skip(fields - question_fields);
  return question;
}

void pack_attributes(packer& out, const std::vector<model::attribute>& attributes) {
  out.array(attributes.size());
  for (const auto& one : attributes)
    out.array(attribute_fields).text(one.name).text(one.value);
}

std::vector<model::attribute> unpack_attributes(unpacker& in) {
  std::vector<model::attribute> attributes;
  const auto count = in.array(0);
  attributes.reserve(in.room_for(count));
  unpack_each(in, count, attribute_fields, [&] {
    auto& one = attributes.emplace_back();
    one.name = in.text();
    one.value = in.text();
  });
  return attributes;
}

void pack_texts(packer& out, const std::vector<std::string>& texts) {
  out.array(texts.size());
  for (const auto& one : texts)
    out.text(one);
}

std::vector<std::string> unpack_texts(unpacker& in) {
  std::vector<std::string> texts;
  const auto count = in.array(0);
  texts.reserve(in.room_for(count));
  for (std::size_t i = 0; i < count; ++i)
    texts.emplace_back(in.text());
  return texts;
}

void pack_route(packer& out, const model::route& route) {
  out.array(route_fields);
  pack_texts(out, route.users);
  out.text(route.inbox).flag(route.unrouted);
  out.signed_number(route.inactive_after_ms).signed_number(route.close_after_ms);
  out.signed_number(route.claim_expiry_ms).flag(route.assigned);
  pack_escalations(out, route.escalations);
  out.signed_number(route.reopen_within_ms).flag(route.history_from_join);
  out.text(route.data_action).flag(route.asks_every_message);
}

model::route unpack_route(unpacker& in) {
  model::route route;
  const auto fields = in.array(route_fields_min);
  route.users = unpack_texts(in);
  route.inbox = in.text();
  route.unrouted = in.flag();
  route.inactive_after_ms = in.signed_number();
  route.close_after_ms = in.signed_number();
  if (fields < route_fields_claims)
    return route;
  route.claim_expiry_ms = in.signed_number();
  if (fields < route_fields) {
    in.skip(fields - route_fields_claims);
    return route;
  }
  route.assigned = in.flag();
  route.escalations = unpack_escalations(in);
  route.reopen_within_ms = in.signed_number();
  route.history_from_join = in.flag();
  route.data_action = in.text();
  route.asks_every_message = in.flag();
  in.skip(fields - route_fields);
  return route;
}

void pack_parked(packer& out, const model::parked_report& report) {
  out.array(parked_fields).text(report.provider_id).choice(report.state);
  out.signed_number(report.error_code).time(report.at).id(report.message).text(report.to);
}

model::parked_report unpack_parked(unpacker& in) {
  model::parked_report report;
  const auto fields = in.array(parked_fields_min);
  report.provider_id = in.text();
  report.state = unpack_delivery_state(in);
  report.error_code = unpack_error_code(in);
  report.at = in.time();
  if (fields < parked_fields) {
    in.skip(fields - parked_fields_min);
    return report;
  }
  report.message = model::message_id{in.id()};
  report.to = in.text();
  in.skip(fields - parked_fields);
  return report;
}

void encode(const model::conversation_state& state, std::string& out) {
  packer pack{out};
  pack.array(state_fields).number(version).number(state.pair.organization);
  pack.choice(state.pair.ours.kind).text(state.pair.ours.identifier);
  pack.choice(state.pair.theirs.kind).text(state.pair.theirs.identifier);
  pack.id(state.id).id(state.previous).choice(state.phase).choice(state.closed_for);
  pack_route(pack, state.route);
  pack_participants(pack, state.participants);
  pack.time(state.created_at).time(state.last_activity).number(state.last_index);
  pack.time(state.timer_due).number(state.opened_seq).number(state.mark_stride);
  pack_marks(pack, state.marks);
  pack.number(state.head_seq);
  pack_seen(pack, state.seen);
  pack_keys(pack, state.keys);
  pack_deliveries(pack, state.deliveries);
  pack.array(state.parked.size());
  for (const auto& report : state.parked)
    pack_parked(pack, report);
  pack.text(state.claimed_by).time(state.claim_active_at);
  pack_participants(pack, state.away);
  pack_texts(pack, state.labels);
  pack.time(state.snoozed_until).time(state.auto_replied_at);
  pack.time(state.closed_at).time(state.waiting_since);
  pack.text(state.last_holder).flag(state.holder_wanted);
  pack.time(state.unanswered_since).number(state.escalated).choice(state.priority);
  pack.id(state.contact);
  pack_question(pack, state.question);
  pack_attributes(pack, state.attributes);
  pack.number(state.text_digest).array(state.same_text_at.size());
  for (const auto at : state.same_text_at)
    pack.time(at);
  pack.choice(state.presence).flag(state.present_by_stream);
  pack.text(state.subject).time(state.last_inbound_at);
}

model::conversation_state decode_state(std::string_view bytes) {
  unpacker in{bytes, "a state"};
  const auto fields = in.array(state_fields_min);
  if (in.number() < version)
    in.fail("has no version");
  model::conversation_state state;
  state.pair.organization = in.number_as<std::uint32_t>(u32_max);
  state.pair.ours = unpack_address(in);
  state.pair.theirs = unpack_address(in);
  unpack_current(in, state);
  state.head_seq = in.number();
  state.seen = unpack_seen(in);
  state.keys = unpack_keys(in);
  state.deliveries = unpack_deliveries(in);
  const auto parked = in.array(0);
  state.parked.reserve(in.room_for(parked));
  for (std::size_t i = 0; i < parked; ++i)
    state.parked.push_back(unpack_parked(in));
  auto known = state_fields_min;
  if (fields >= state_fields_teamwork) {
    unpack_teamwork(in, state);
    known = state_fields_teamwork;
  }
  if (fields >= state_fields_routing) {
    unpack_routing(in, state);
    known = state_fields_routing;
  }
  if (fields >= state_fields_subject) {
    state.subject = in.text();
    known = state_fields_subject;
  }
  if (fields >= state_fields) {
    state.last_inbound_at = in.time();
    known = state_fields;
  }
  in.skip(fields - known);
  in.finish();
  return state;
}

}  // namespace parley::store
