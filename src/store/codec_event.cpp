#include "parley/store/codec.hpp"

#include "src/store/codec_parts.hpp"
#include "src/store/packing.hpp"
#include "src/store/unpacking.hpp"

#include <limits>

namespace parley::store {
namespace {

constexpr std::uint64_t version = 1;
/// Version, kind, time and conversation stand before the fields of the kind.
constexpr std::size_t fields_before = 4;
constexpr auto u32_max = std::numeric_limits<std::uint32_t>::max();

using model::event_body;

constexpr std::size_t template_fields = 3;

void pack_template(packer& out, const std::optional<model::sent_template>& made_from) {
  if (!made_from) {
    out.nothing();
    return;
  }
  out.array(template_fields).text(made_from->id).text(made_from->carrier_id);
  out.text(made_from->variables);
}

[[nodiscard]] std::optional<model::sent_template> unpack_template(unpacker& in) {
  if (in.take_nothing())
    return std::nullopt;
  const auto fields = in.array(template_fields);
  model::sent_template made_from;
  made_from.id = in.text();
  made_from.carrier_id = in.text();
  made_from.variables = in.text();
  in.skip(fields - template_fields);
  return made_from;
}

constexpr std::size_t edition_fields = 3;

void pack_edition(packer& out, const model::edition& edited) {
  if (edited.at == model::timestamp{}) {
    out.nothing();
    return;
  }
  out.array(edition_fields).time(edited.at).time(edited.send_at).number(edited.segments);
}

[[nodiscard]] model::edition unpack_edition(unpacker& in) {
  model::edition edited;
  if (in.take_nothing())
    return edited;
  const auto fields = in.array(edition_fields);
  edited.at = in.time();
  edited.send_at = in.time();
  edited.segments = in.number_as<std::uint32_t>(u32_max);
  in.skip(fields - edition_fields);
  return edited;
}

/// One pair of functions a kind, plus how many fields it has in this version. A kind that has grown
/// also says how many it had before, ascending, and reads as many of them as there are.
template <class Body>
struct kind_codec;

template <>
struct kind_codec<model::conversation_opened> {
  static constexpr std::size_t grown[] = {3};
  static constexpr std::size_t fields = 4;
  static void write(packer& out, const model::conversation_opened& body) {
    out.id(body.previous);
    pack_route(out, body.route);
    out.time(body.timer_due).text(body.subject);
  }
  static model::conversation_opened read(unpacker& in, std::size_t given) {
    model::conversation_opened body;
    body.previous = model::conversation_id{in.id()};
    body.route = unpack_route(in);
    body.timer_due = in.time();
    if (given == fields)
      body.subject = in.text();
    return body;
  }
};

template <>
struct kind_codec<model::message_added> {
  static constexpr std::size_t fields_texts = 16;
  static constexpr std::size_t fields_groups = 17;
  static constexpr std::size_t fields_templates = 19;
  static constexpr std::size_t fields_bulk = 20;
  static constexpr std::size_t grown[]
    = {13, fields_texts, fields_groups, fields_templates, fields_bulk};
  static constexpr std::size_t fields = 23;
  static void write(packer& out, const model::message_added& body) {
    static const model::content empty;
    const auto& what = body.what ? *body.what : empty;
    out.id(body.message).number(body.index).choice(body.direction);
    out.choice(body.author.type).text(body.author.id);
    out.text(what.body).array(what.files.size());
    for (const auto& file : what.files)
      pack_media(out, file);
    out.text(what.provider_id).text(what.extra);
    out.number(body.segments).id(body.idempotency_key).id(body.request_digest).id(body.dedupe);
    out.number(body.text_digest);
    pack_texts(out, body.mentions);
    out.flag(what.redacted);
    pack_texts(out, body.recipients);
    pack_template(out, what.made_from);
    out.flag(body.confirms_opt_out);
    pack_bulk_line(out, body.bulk);
    out.time(body.send_at).signed_number(body.validity_ms);
    pack_edition(out, body.edited);
  }
  static model::message_added read(unpacker& in, std::size_t given) {
    model::message_added body;
    body.message = model::message_id{in.id()};
    body.index = in.number();
    body.direction = in.choice(model::direction::inbound, model::direction::note);
    body.author.type = in.choice(model::author::kind::contact, model::author::kind::system);
    body.author.id = in.text();
    auto what = std::make_shared<model::content>();
    what->body = in.text();
    const auto files = in.array(0);
    what->files.reserve(in.room_for(files));
    for (std::size_t i = 0; i < files; ++i)
      what->files.push_back(unpack_media(in));
    what->provider_id = in.text();
    what->extra = in.text();
    body.segments = in.number_as<std::uint32_t>(u32_max);
    body.idempotency_key = in.id();
    body.request_digest = in.id();
    body.dedupe = in.id();
    if (given >= fields_texts) {
      body.text_digest = in.number_as<std::uint32_t>(u32_max);
      body.mentions = unpack_texts(in);
      what->redacted = in.flag();
    }
    if (given >= fields_groups)
      body.recipients = unpack_texts(in);
    if (given >= fields_templates) {
      what->made_from = unpack_template(in);
      body.confirms_opt_out = in.flag();
    }
    if (given >= fields_bulk)
      body.bulk = unpack_bulk_line(in);
    if (given == fields) {
      body.send_at = in.time();
      body.validity_ms = in.signed_number();
      body.edited = unpack_edition(in);
    }
    body.what = std::move(what);
    return body;
  }
};

template <>
struct kind_codec<model::delivery_changed> {
  static constexpr std::size_t grown[] = {6};
  static constexpr std::size_t fields = 7;
  static void write(packer& out, const model::delivery_changed& body) {
    out.id(body.message).number(body.index).choice(body.state);
    out.signed_number(body.error_code).number(body.attempts).text(body.provider_id);
    out.text(body.to);
  }
  static model::delivery_changed read(unpacker& in, std::size_t given) {
    model::delivery_changed body;
    body.message = model::message_id{in.id()};
    body.index = in.number();
    body.state = unpack_delivery_state(in);
    body.error_code = unpack_error_code(in);
    body.attempts = in.number_as<std::uint32_t>(u32_max);
    body.provider_id = in.text();
    if (given == fields)
      body.to = in.text();
    return body;
  }
};

template <>
struct kind_codec<model::report_parked> {
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::report_parked& body) {
    pack_parked(out, body.report);
  }
  static model::report_parked read(unpacker& in) { return {unpack_parked(in)}; }
};

template <>
struct kind_codec<model::conversation_idled> {
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::conversation_idled& body) {
    out.time(body.timer_due);
  }
  static model::conversation_idled read(unpacker& in) { return {in.time()}; }
};

template <>
struct kind_codec<model::conversation_closed> {
  static constexpr std::size_t fields = 2;
  static void write(packer& out, const model::conversation_closed& body) {
    out.choice(body.reason).text(body.user);
  }
  static model::conversation_closed read(unpacker& in) {
    const auto reason = unpack_close_reason(in);
    return {reason, std::string{in.text()}};
  }
};

template <>
struct kind_codec<model::read_advanced> {
  static constexpr std::size_t fields = 2;
  static void write(packer& out, const model::read_advanced& body) {
    out.text(body.user).number(body.index);
  }
  static model::read_advanced read(unpacker& in) {
    const auto user = in.text();
    return {std::string{user}, in.number()};
  }
};

template <>
struct kind_codec<model::timer_rearmed> {
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::timer_rearmed& body) { out.time(body.timer_due); }
  static model::timer_rearmed read(unpacker& in) { return {in.time()}; }
};

template <>
struct kind_codec<model::conversation_claimed> {
  static constexpr std::size_t grown[] = {1};
  static constexpr std::size_t fields = 2;
  static void write(packer& out, const model::conversation_claimed& body) {
    out.text(body.user).flag(body.assigned);
  }
  static model::conversation_claimed read(unpacker& in, std::size_t given) {
    const auto user = in.text();
    return {std::string{user}, given == fields && in.flag()};
  }
};

template <>
struct kind_codec<model::conversation_released> {
  static constexpr std::size_t grown[] = {3};
  static constexpr std::size_t fields = 4;
  static void write(packer& out, const model::conversation_released& body) {
    out.text(body.user).flag(body.expired);
    pack_texts(out, body.users);
    out.flag(body.waits);
  }
  static model::conversation_released read(unpacker& in, std::size_t given) {
    model::conversation_released body;
    body.user = in.text();
    body.expired = in.flag();
    body.users = unpack_texts(in);
    body.waits = given == fields && in.flag();
    return body;
  }
};

template <>
struct kind_codec<model::conversation_transferred> {
  static constexpr std::size_t grown[] = {5};
  static constexpr std::size_t fields = 7;
  static void write(packer& out, const model::conversation_transferred& body) {
    out.text(body.by).text(body.user).text(body.inbox);
    pack_texts(out, body.team);
    out.signed_number(body.claim_expiry_ms).flag(body.waits);
    pack_escalations(out, body.escalations);
  }
  static model::conversation_transferred read(unpacker& in, std::size_t given) {
    model::conversation_transferred body;
    body.by = in.text();
    body.user = in.text();
    body.inbox = in.text();
    body.team = unpack_texts(in);
    body.claim_expiry_ms = in.signed_number();
    if (given < fields)
      return body;
    body.waits = in.flag();
    body.escalations = unpack_escalations(in);
    return body;
  }
};

template <>
struct kind_codec<model::participant_added> {
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::participant_added& body) { out.text(body.user); }
  static model::participant_added read(unpacker& in) { return {std::string{in.text()}}; }
};

template <>
struct kind_codec<model::participant_removed> {
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::participant_removed& body) { out.text(body.user); }
  static model::participant_removed read(unpacker& in) { return {std::string{in.text()}}; }
};

template <>
struct kind_codec<model::conversation_snoozed> {
  static constexpr std::size_t fields = 2;
  static void write(packer& out, const model::conversation_snoozed& body) {
    out.text(body.user).time(body.until);
  }
  static model::conversation_snoozed read(unpacker& in) {
    const auto user = in.text();
    return {std::string{user}, in.time()};
  }
};

template <>
struct kind_codec<model::labels_changed> {
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::labels_changed& body) {
    pack_texts(out, body.labels);
  }
  static model::labels_changed read(unpacker& in) { return {unpack_texts(in)}; }
};

template <>
struct kind_codec<model::conversation_escalated> {
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::conversation_escalated& body) {
    out.number(body.step);
  }
  static model::conversation_escalated read(unpacker& in) {
    return {in.number_as<std::uint32_t>(u32_max)};
  }
};

template <>
struct kind_codec<model::priority_changed> {
  static constexpr std::size_t fields = 2;
  static void write(packer& out, const model::priority_changed& body) {
    out.text(body.user).choice(body.priority);
  }
  static model::priority_changed read(unpacker& in) {
    const auto user = in.text();
    return {std::string{user}, unpack_priority(in)};
  }
};

template <>
struct kind_codec<model::conversation_reopened> {
  static constexpr std::size_t fields = 2;
  static void write(packer& out, const model::conversation_reopened& body) {
    out.time(body.timer_due).flag(body.waits);
  }
  static model::conversation_reopened read(unpacker& in) {
    const auto due = in.time();
    return {due, in.flag()};
  }
};

template <>
struct kind_codec<model::contact_assigned> {
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::contact_assigned& body) { out.id(body.contact); }
  static model::contact_assigned read(unpacker& in) { return {model::contact_id{in.id()}}; }
};

template <>
struct kind_codec<model::message_redacted> {
  static constexpr std::size_t fields = 3;
  static void write(packer& out, const model::message_redacted& body) {
    out.id(body.message).number(body.index).number(body.message_seq);
  }
  static model::message_redacted read(unpacker& in) {
    model::message_redacted body;
    body.message = model::message_id{in.id()};
    body.index = in.number();
    body.message_seq = in.number();
    return body;
  }
};

template <>
struct kind_codec<model::question_asked> {
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::question_asked& body) {
    pack_question(out, body.question);
  }
  static model::question_asked read(unpacker& in) { return {unpack_question(in)}; }
};

template <>
struct kind_codec<model::question_settled> {
  static constexpr std::size_t grown[] = {3};
  static constexpr std::size_t fields = 6;
  static void write(packer& out, const model::question_settled& body) {
    out.text(body.action).choice(body.outcome).text(body.detail).flag(body.placed);
    pack_texts(out, body.users);
    out.flag(body.waits);
  }
  static model::question_settled read(unpacker& in, std::size_t given) {
    model::question_settled body;
    body.action = in.text();
    body.outcome
      = in.choice(model::question_outcome::answered, model::question_outcome::timed_out);
    body.detail = in.text();
    if (given < fields)
      return body;
    body.placed = in.flag();
    body.users = unpack_texts(in);
    body.waits = in.flag();
    return body;
  }
};

template <>
struct kind_codec<model::attributes_changed> {
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::attributes_changed& body) {
    pack_attributes(out, body.attributes);
  }
  static model::attributes_changed read(unpacker& in) { return {unpack_attributes(in)}; }
};

template <>
struct kind_codec<model::availability_changed> {
  static constexpr std::size_t fields = 3;
  static void write(packer& out, const model::availability_changed& body) {
    out.text(body.user).choice(body.presence).flag(body.by_stream);
  }
  static model::availability_changed read(unpacker& in) {
    model::availability_changed body;
    body.user = in.text();
    body.presence = unpack_presence(in);
    body.by_stream = in.flag();
    return body;
  }
};

template <>
struct kind_codec<model::media_settled> {
  static constexpr std::size_t fields = 3;
  static void write(packer& out, const model::media_settled& body) {
    out.id(body.message).number(body.index).number(body.message_seq);
  }
  static model::media_settled read(unpacker& in) {
    model::media_settled body;
    body.message = model::message_id{in.id()};
    body.index = in.number();
    body.message_seq = in.number();
    return body;
  }
};

template <>
struct kind_codec<model::consent_changed> {
  static constexpr std::size_t fields = 7;
  static void write(packer& out, const model::consent_changed& body) {
    out.text(body.address).text(body.number).choice(body.state).choice(body.source);
    out.id(body.message).text(body.text).text(body.by);
  }
  static model::consent_changed read(unpacker& in) {
    model::consent_changed body;
    body.address = in.text();
    body.number = in.text();
    body.state = in.choice(model::consent_state::opted_in, model::consent_state::opted_out);
    body.source = in.choice(model::consent_source::keyword, model::consent_source::api);
    body.message = model::message_id{in.id()};
    body.text = in.text();
    body.by = in.text();
    return body;
  }
};

template <>
struct kind_codec<model::bulk_changed> {
  static constexpr std::size_t fields = 6;
  static void write(packer& out, const model::bulk_changed& body) {
    out.id(body.job).choice(body.state).number(body.lines).number(body.accepted);
    out.number(body.refused);
    pack_bulk_counts(out, body.counts);
  }
  static model::bulk_changed read(unpacker& in) {
    model::bulk_changed body;
    body.job = model::bulk_id{in.id()};
    body.state = unpack_bulk_state(in);
    body.lines = in.number();
    body.accepted = in.number();
    body.refused = in.number();
    body.counts = unpack_bulk_counts(in);
    return body;
  }
};

template <>
struct kind_codec<model::message_edited> {
  static constexpr std::size_t fields = 4;
  static void write(packer& out, const model::message_edited& body) {
    out.id(body.message).number(body.index).number(body.message_seq).time(body.send_at);
  }
  static model::message_edited read(unpacker& in) {
    model::message_edited body;
    body.message = model::message_id{in.id()};
    body.index = in.number();
    body.message_seq = in.number();
    body.send_at = in.time();
    return body;
  }
};

template <std::size_t Kind = 0>
event_body read_body(std::uint64_t kind, std::size_t fields, unpacker& in) {
  if constexpr (Kind < std::variant_size_v<event_body>) {
    if (kind != Kind)
      return read_body<Kind + 1>(kind, fields, in);
    using body_type = std::variant_alternative_t<Kind, event_body>;
    using codec = kind_codec<body_type>;
    if constexpr (requires { codec::grown; }) {
      std::size_t known = 0;
      for (const auto earlier : codec::grown)
        known = earlier <= fields ? earlier : known;
      known = codec::fields <= fields ? codec::fields : known;
      if (known == 0)
        in.fail("lacks fields");
      event_body body{std::in_place_index<Kind>, codec::read(in, known)};
      in.skip(fields - known);
      return body;
    } else {
      if (fields < codec::fields)
        in.fail("lacks fields");
      event_body body{std::in_place_index<Kind>, codec::read(in)};
      in.skip(fields - codec::fields);
      return body;
    }
  } else {
    in.fail("is of a kind that this version does not know");
  }
}

}  // namespace

void encode(const model::event& event, std::string& out) {
  packer pack{out};
  std::visit(
    [&]<class Body>(const Body& body) {
      pack.array(fields_before + kind_codec<Body>::fields);
      pack.number(version).number(event.body.index()).time(event.at).id(event.conversation);
      kind_codec<Body>::write(pack, body);
    },
    event.body);
}

model::event decode_event(std::string_view bytes) {
  unpacker in{bytes, "an event"};
  const auto fields = in.array(fields_before);
  if (in.number() < version)
    in.fail("has no version");
  const auto kind = in.number();
  model::event event;
  event.at = in.time();
  event.conversation = model::conversation_id{in.id()};
  event.body = read_body(kind, fields - fields_before, in);
  in.finish();
  return event;
}

}  // namespace parley::store
