#include "src/store/webhook_codec.hpp"

#include "parley/store/environment.hpp"
#include "src/store/bytes.hpp"
#include "src/store/keys.hpp"
#include "src/store/packing.hpp"
#include "src/store/sealed.hpp"
#include "src/store/unpacking.hpp"

#include <cstring>
#include <limits>
#include <utility>

namespace parley::store {
namespace {

constexpr std::uint64_t version = 1;
constexpr std::size_t cursor_fields = 2;
constexpr std::size_t try_fields = 10;
constexpr std::size_t letter_fields = 7;
constexpr std::size_t replay_fields = 1;
constexpr std::size_t id_bytes = sizeof(model::id128);
constexpr auto u32_max = std::numeric_limits<std::uint32_t>::max();

[[nodiscard]] row make_row(table where, std::string key, std::string value = {}) {
  row made;
  made.where = where;
  made.key = std::move(key);
  made.value = std::move(value);
  return made;
}

[[nodiscard]] row make_gone_row(table where, std::string key) {
  auto made = make_row(where, std::move(key));
  made.erase = true;
  return made;
}

[[noreturn]] void refuse(std::string_view table, std::string_view key, std::string_view why) {
  throw corruption_error{std::string{table} + ": the row " + printable(key) + ' '
                         + std::string{why}};
}

/// Where the webhook's part of a key ends.
std::size_t prefix_end(std::string_view table, std::string_view key) {
  const auto nul = key.find('\0', sizeof(std::uint32_t));
  if (nul == std::string_view::npos)
    refuse(table, key, "has no webhook");
  return nul + 1;
}

template <class Read>
auto read_row(std::string_view table, std::string_view key, std::string_view value,
              std::size_t fields_min, Read&& read) {
  try {
    unpacker in{value, "a row"};
    const auto fields = in.array(fields_min);
    if (in.number() < version)
      in.fail("has no version");
    auto made = read(in);
    in.skip(fields - fields_min);
    in.finish();
    return made;
  } catch (const corruption_error& cause) {
    refuse(table, key, cause.what());
  }
}

[[nodiscard]] std::int32_t unpack_status(unpacker& in) {
  return static_cast<std::int32_t>(in.number_as<std::uint32_t>(999));
}

}  // namespace

std::string webhook_prefix(std::uint32_t organization, std::string_view webhook) {
  std::string key;
  append_big(key, organization);
  key.append(webhook).push_back('\0');
  return key;
}

std::string webhook_try_key(std::uint32_t organization, std::string_view webhook,
                            std::uint64_t number) {
  auto key = webhook_prefix(organization, webhook);
  append_big(key, number);
  return key;
}

std::string webhook_event_key(std::uint32_t organization, std::string_view webhook,
                              const model::event_id& event) {
  auto key = webhook_prefix(organization, webhook);
  key.append(id_key(event));
  return key;
}

model::event_id webhook_event_of(std::string_view table, std::string_view key) {
  const auto end = prefix_end(table, key);
  if (key.size() != end + id_bytes)
    refuse(table, key, "has a key of another length");
  model::event_id event;
  std::memcpy(event.bytes.data(), key.data() + end, id_bytes);
  return event;
}

std::uint64_t decode_webhook_cursor(std::string_view key, std::string_view value) {
  if (prefix_end("cursors", key) != key.size())
    refuse("cursors", key, "has a key of another length");
  return read_row("cursors", key, value, cursor_fields,
                  [](unpacker& in) { return in.number(); });
}

webhook_try decode_webhook_try(std::string_view key, std::string_view value) {
  const auto end = prefix_end("webhook_log", key);
  if (key.size() != end + sizeof(std::uint64_t))
    refuse("webhook_log", key, "has a key of another length");
  auto made = read_row("webhook_log", key, value, try_fields, [](unpacker& in) {
    webhook_try one;
    one.event = model::event_id{in.id()};
    one.seq = in.number();
    one.type = in.text();
    one.attempt = in.number_as<std::uint32_t>(u32_max);
    one.at = in.time();
    one.outcome = in.choice(webhook_outcome::delivered, webhook_outcome::dead);
    one.status = unpack_status(in);
    one.error = in.text();
    one.duration_ms = in.number();
    return one;
  });
  made.number = load_big<std::uint64_t>(key.data() + end);
  return made;
}

dead_letter decode_dead_letter(std::string_view key, std::string_view value) {
  const auto event = webhook_event_of("dead_letters", key);
  auto made = read_row("dead_letters", key, value, letter_fields, [](unpacker& in) {
    dead_letter one;
    one.seq = in.number();
    one.type = in.text();
    one.failed_at = in.time();
    one.attempts = in.number_as<std::uint32_t>(u32_max);
    one.status = unpack_status(in);
    one.error = in.text();
    return one;
  });
  made.event = event;
  return made;
}

model::event_id decode_webhook_replay(std::string_view key, std::string_view value) {
  return read_row("webhook_replays", key, value, replay_fields, [&](unpacker&) {
    return webhook_event_of("webhook_replays", key);
  });
}

row webhook_cursor_row(std::uint32_t organization, std::string_view webhook, std::uint64_t seq) {
  std::string value;
  packer{value}.array(cursor_fields).number(version).number(seq);
  return make_row(table::cursors, webhook_prefix(organization, webhook), std::move(value));
}

row webhook_cursor_gone_row(std::uint32_t organization, std::string_view webhook) {
  return make_gone_row(table::cursors, webhook_prefix(organization, webhook));
}

row webhook_try_row(std::uint32_t organization, std::string_view webhook,
                    const webhook_try& what) {
  std::string value;
  packer pack{value};
  pack.array(try_fields).number(version).id(what.event).number(what.seq).text(what.type);
  pack.number(what.attempt).time(what.at).choice(what.outcome);
  pack.number(static_cast<std::uint64_t>(what.status)).text(what.error);
  pack.number(what.duration_ms);
  return make_row(table::webhook_log, webhook_try_key(organization, webhook, what.number),
                  std::move(value));
}

row webhook_try_gone_row(std::uint32_t organization, std::string_view webhook,
                         std::uint64_t number) {
  return make_gone_row(table::webhook_log, webhook_try_key(organization, webhook, number));
}

row dead_letter_row(std::uint32_t organization, std::string_view webhook,
                    const dead_letter& what) {
  std::string value;
  packer pack{value};
  pack.array(letter_fields).number(version).number(what.seq).text(what.type);
  pack.time(what.failed_at).number(what.attempts);
  pack.number(static_cast<std::uint64_t>(what.status)).text(what.error);
  return make_row(table::dead_letters, webhook_event_key(organization, webhook, what.event),
                  std::move(value));
}

row dead_letter_gone_row(std::uint32_t organization, std::string_view webhook,
                         const model::event_id& event) {
  return make_gone_row(table::dead_letters, webhook_event_key(organization, webhook, event));
}

row webhook_replay_row(std::uint32_t organization, std::string_view webhook,
                       const model::event_id& event) {
  std::string value;
  packer{value}.array(replay_fields).number(version);
  return make_row(table::webhook_replays, webhook_event_key(organization, webhook, event),
                  std::move(value));
}

row webhook_replay_gone_row(std::uint32_t organization, std::string_view webhook,
                            const model::event_id& event) {
  return make_gone_row(table::webhook_replays, webhook_event_key(organization, webhook, event));
}

}  // namespace parley::store
