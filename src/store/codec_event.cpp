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

/// One pair of functions a kind, plus how many fields it has in this version.
template <class Body>
struct kind_codec;

template <>
struct kind_codec<model::conversation_opened> {
  static constexpr std::size_t fields = 3;
  static void write(packer& out, const model::conversation_opened& body) {
    out.id(body.previous);
    pack_route(out, body.route);
    out.time(body.timer_due);
  }
  static model::conversation_opened read(unpacker& in) {
    model::conversation_opened body;
    body.previous = model::conversation_id{in.id()};
    body.route = unpack_route(in);
    body.timer_due = in.time();
    return body;
  }
};

template <>
struct kind_codec<model::message_added> {
  static constexpr std::size_t fields = 13;
  static void write(packer& out, const model::message_added& body) {
    static const model::content empty;
    const auto& what = body.what ? *body.what : empty;
    out.id(body.message).number(body.index).choice(body.direction);
    out.choice(body.author.type).text(body.author.id);
    out.text(what.body).array(what.files.size());
    for (const auto& file : what.files)
      out.array(2).text(file.url).text(file.content_type);
    out.text(what.provider_id).text(what.extra);
    out.number(body.segments).id(body.idempotency_key).id(body.request_digest).id(body.dedupe);
  }
  static model::message_added read(unpacker& in) {
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
    for (std::size_t i = 0; i < files; ++i) {
      const auto fields_of_file = in.array(2);
      const auto url = in.text();
      what->files.push_back({std::string{url}, std::string{in.text()}});
      in.skip(fields_of_file - 2);
    }
    what->provider_id = in.text();
    what->extra = in.text();
    body.what = std::move(what);
    body.segments = in.number_as<std::uint32_t>(u32_max);
    body.idempotency_key = in.id();
    body.request_digest = in.id();
    body.dedupe = in.id();
    return body;
  }
};

template <>
struct kind_codec<model::delivery_changed> {
  static constexpr std::size_t fields = 6;
  static void write(packer& out, const model::delivery_changed& body) {
    out.id(body.message).number(body.index).choice(body.state);
    out.signed_number(body.error_code).number(body.attempts).text(body.provider_id);
  }
  static model::delivery_changed read(unpacker& in) {
    model::delivery_changed body;
    body.message = model::message_id{in.id()};
    body.index = in.number();
    body.state = unpack_delivery_state(in);
    body.error_code = unpack_error_code(in);
    body.attempts = in.number_as<std::uint32_t>(u32_max);
    body.provider_id = in.text();
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
    const auto reason = in.choice(model::close_reason::none, model::close_reason::api);
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
  static constexpr std::size_t fields = 1;
  static void write(packer& out, const model::conversation_claimed& body) { out.text(body.user); }
  static model::conversation_claimed read(unpacker& in) { return {std::string{in.text()}}; }
};

template <>
struct kind_codec<model::conversation_released> {
  static constexpr std::size_t fields = 3;
  static void write(packer& out, const model::conversation_released& body) {
    out.text(body.user).flag(body.expired);
    pack_texts(out, body.users);
  }
  static model::conversation_released read(unpacker& in) {
    model::conversation_released body;
    body.user = in.text();
    body.expired = in.flag();
    body.users = unpack_texts(in);
    return body;
  }
};

template <>
struct kind_codec<model::conversation_transferred> {
  static constexpr std::size_t fields = 5;
  static void write(packer& out, const model::conversation_transferred& body) {
    out.text(body.by).text(body.user).text(body.inbox);
    pack_texts(out, body.team);
    out.signed_number(body.claim_expiry_ms);
  }
  static model::conversation_transferred read(unpacker& in) {
    model::conversation_transferred body;
    body.by = in.text();
    body.user = in.text();
    body.inbox = in.text();
    body.team = unpack_texts(in);
    body.claim_expiry_ms = in.signed_number();
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

template <std::size_t Kind = 0>
event_body read_body(std::uint64_t kind, std::size_t fields, unpacker& in) {
  if constexpr (Kind < std::variant_size_v<event_body>) {
    if (kind != Kind)
      return read_body<Kind + 1>(kind, fields, in);
    using body_type = std::variant_alternative_t<Kind, event_body>;
    using codec = kind_codec<body_type>;
    if (fields < codec::fields)
      in.fail("lacks fields");
    event_body body{std::in_place_index<Kind>, codec::read(in)};
    in.skip(fields - codec::fields);
    return body;
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
