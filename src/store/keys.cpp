#include "src/store/keys.hpp"

#include "parley/store/environment.hpp"
#include "src/store/bytes.hpp"

#include <xxhash.h>

#include <cstring>

namespace parley::store {
namespace {

constexpr std::uint8_t value_format = 1;
/// Of an outbox row of one delivery.
constexpr std::uint8_t one_delivery_format = 2;
constexpr char place_open = 1;
constexpr char place_closed = 2;
constexpr std::size_t id_bytes = sizeof(model::id128);
constexpr std::size_t seq_bytes = sizeof(std::uint64_t);
constexpr std::size_t organization_bytes = sizeof(std::uint32_t);

[[nodiscard]] std::uint64_t count_ms(model::timestamp at) noexcept {
  return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

[[nodiscard]] model::id128 to_id(std::string_view raw) noexcept {
  model::id128 id;
  std::memcpy(id.bytes.data(), raw.data(), id_bytes);
  return id;
}

void require(bool sound, std::string_view table, std::string_view what) {
  if (!sound)
    throw corruption_error{std::string{table} + ": " + std::string{what}};
}

void require_format(std::string_view value, std::size_t bytes_min, std::string_view table) {
  require(value.size() >= bytes_min && static_cast<std::uint8_t>(value.front()) == value_format,
          table, "a row has a format that this version does not know");
}

/// Of an outbox row of one delivery: what stands before whose it is.
constexpr std::size_t bytes_before_recipient = 1 + id_bytes + 2 * seq_bytes + sizeof(std::uint16_t);

[[nodiscard]] outbox_content open_outbox_of_one(std::string_view value) {
  require(value.size() >= bytes_before_recipient, "outbox", "a row is cut short");
  const auto* at = value.data() + 1 + id_bytes;
  const std::size_t to_bytes = load_little<std::uint16_t>(at + 2 * seq_bytes);
  require(to_bytes <= value.size() - bytes_before_recipient, "outbox", "a row is cut short");
  const auto valid_from_ms = static_cast<std::int64_t>(load_little<std::uint64_t>(at + seq_bytes));
  return {.message = model::message_id{to_id(value.substr(1))},
          .pair_key = value.substr(bytes_before_recipient + to_bytes),
          .one_recipient = true,
          .message_seq = load_little<std::uint64_t>(at),
          .valid_from = model::timestamp{std::chrono::milliseconds{valid_from_ms}},
          .to = value.substr(bytes_before_recipient, to_bytes)};
}

[[nodiscard]] std::string place_value(char tag, std::string_view pair_key,
                                      std::string_view encoded_state) {
  std::string value;
  value.reserve(3 + pair_key.size() + encoded_state.size());
  value.push_back(tag);
  append_little(value, static_cast<std::uint16_t>(pair_key.size()));
  value.append(pair_key);
  value.append(encoded_state);
  return value;
}

}  // namespace

std::string listing_scope_prefix(std::uint32_t organization, listing_scope scope,
                                 std::string_view scope_id) {
  std::string key;
  key.reserve(8 + scope_id.size() + listing_place_bytes);
  append_big(key, organization);
  key.push_back(static_cast<char>(scope));
  key.append(scope_id);
  return key;
}

std::string listing_prefix(std::uint32_t organization, listing_scope scope,
                           std::string_view scope_id, model::conversation_phase phase) {
  auto key = listing_scope_prefix(organization, scope, scope_id);
  key.push_back('\0');
  key.push_back(static_cast<char>(phase));
  return key;
}

void append_listing_place(std::string& key, model::timestamp opened,
                          const model::conversation_id& id) {
  append_big(key, count_ms(opened));
  key.append(id_key(id));
}

model::conversation_id listing_id(std::string_view key) {
  require(key.size() > listing_place_bytes, "listings", "a key is cut short");
  return model::conversation_id{to_id(key.substr(key.size() - id_bytes))};
}

std::string timer_key(model::timestamp due, std::string_view pair_key) {
  std::string key;
  key.reserve(seq_bytes + pair_key.size());
  append_big(key, count_ms(due));
  key.append(pair_key);
  return key;
}

model::timestamp timer_due(std::string_view key) {
  require(key.size() >= seq_bytes, "timers", "a key is cut short");
  return model::timestamp{
    std::chrono::milliseconds{static_cast<std::int64_t>(load_big<std::uint64_t>(key.data()))}};
}

std::string_view timer_pair_key(std::string_view key) {
  require(key.size() >= seq_bytes, "timers", "a key is cut short");
  return key.substr(seq_bytes);
}

std::string outbox_prefix(std::uint32_t organization, const model::address& ours) {
  std::string key;
  append_big(key, organization);
  key.append(ours.text());
  key.push_back('\0');
  return key;
}

std::string outbox_lane_key(std::uint32_t organization, const model::address& ours, lane which) {
  auto key = outbox_prefix(organization, ours);
  key.push_back(static_cast<char>(which));
  return key;
}

std::uint64_t outbox_seq(std::string_view key) {
  require(key.size() > seq_bytes, "outbox", "a key is cut short");
  return load_big<std::uint64_t>(key.data() + key.size() - seq_bytes);
}

lane outbox_lane(std::string_view key) {
  require(key.size() > seq_bytes, "outbox", "a key is cut short");
  const auto which = static_cast<std::uint8_t>(key[key.size() - seq_bytes - 1]);
  require(which <= static_cast<std::uint8_t>(lane::media), "outbox", "a key has no lane");
  return static_cast<lane>(which);
}

std::string outbox_value(const model::message_id& message, std::string_view pair_key) {
  std::string value;
  value.reserve(1 + id_bytes + pair_key.size());
  append_little(value, value_format);
  value.append(id_key(message));
  value.append(pair_key);
  return value;
}

std::string outbox_value_of_one(const outbox_content& content) {
  std::string value;
  value.reserve(bytes_before_recipient + content.to.size() + content.pair_key.size());
  append_little(value, one_delivery_format);
  value.append(id_key(content.message));
  append_little(value, content.message_seq);
  append_little(value, count_ms(content.valid_from));
  append_little(value, static_cast<std::uint16_t>(content.to.size()));
  value.append(content.to);
  value.append(content.pair_key);
  return value;
}

outbox_content open_outbox(std::string_view value) {
  if (!value.empty() && static_cast<std::uint8_t>(value.front()) == one_delivery_format)
    return open_outbox_of_one(value);
  require_format(value, 1 + id_bytes, "outbox");
  return {.message = model::message_id{to_id(value.substr(1))},
          .pair_key = value.substr(1 + id_bytes)};
}

std::string_view id_key(const model::id128& id) noexcept {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

std::string open_place_value(std::string_view pair_key) {
  return place_value(place_open, pair_key, {});
}

std::string closed_place_value(std::string_view pair_key, std::string_view encoded_state) {
  return place_value(place_closed, pair_key, encoded_state);
}

place_content open_place(std::string_view value) {
  constexpr std::size_t before_key = 3;
  require(value.size() >= before_key, "conversation_ids", "a row is cut short");
  const char tag = value.front();
  require(tag == place_open || tag == place_closed, "conversation_ids",
          "a row has a format that this version does not know");
  const std::size_t key_bytes = load_little<std::uint16_t>(value.data() + 1);
  require(key_bytes <= value.size() - before_key, "conversation_ids", "a row is cut short");
  place_content place{.pair_key = value.substr(before_key, key_bytes), .closed = std::nullopt};
  if (tag == place_closed)
    place.closed = value.substr(before_key + key_bytes);
  return place;
}

void append_snapshot_head(std::string& out, std::uint64_t head_seq) {
  append_little(out, value_format);
  append_little(out, head_seq);
}

snapshot_content open_snapshot(std::string_view value) {
  require_format(value, snapshot_head_bytes, "conversations");
  return {.head_seq = load_little<std::uint64_t>(value.data() + 1),
          .encoded_state = value.substr(snapshot_head_bytes)};
}

std::uint64_t head_hash(std::string_view pair_key) noexcept {
  return XXH3_64bits(pair_key.data(), pair_key.size());
}

void append_head_key(std::string& out, std::uint64_t hash, std::string_view pair_key) {
  append_big(out, static_cast<std::uint16_t>(hash >> 48U));
  out.append(pair_key);
}

std::string head_key(std::string_view pair_key) {
  std::string key;
  key.reserve(head_hash_bytes + pair_key.size());
  append_head_key(key, head_hash(pair_key), pair_key);
  return key;
}

std::string_view head_pair_key(std::string_view key) {
  require(key.size() > head_hash_bytes, "heads", "a key is cut short");
  return key.substr(head_hash_bytes);
}

std::array<char, head_value_bytes> head_value(std::uint64_t seq) noexcept {
  std::array<char, head_value_bytes> value{static_cast<char>(value_format)};
  store_little(value.data() + 1, seq);
  return value;
}

std::uint64_t open_head(std::string_view value) {
  require_format(value, head_value_bytes, "heads");
  return load_little<std::uint64_t>(value.data() + 1);
}

std::string contact_key(std::uint32_t organization, const model::contact_id& id) {
  std::string key;
  key.reserve(contact_key_bytes);
  append_big(key, organization);
  key.append(id_key(id));
  return key;
}

std::uint32_t contact_organization(std::string_view key) {
  require(key.size() == contact_key_bytes, "contacts", "a key has the wrong length");
  return load_big<std::uint32_t>(key.data());
}

model::contact_id contact_id_of(std::string_view key) {
  require(key.size() == contact_key_bytes, "contacts", "a key has the wrong length");
  return model::contact_id{to_id(key.substr(organization_bytes))};
}

std::string contact_address_key(std::uint32_t organization, std::string_view address) {
  std::string key;
  key.reserve(organization_bytes + address.size());
  append_big(key, organization);
  key.append(address);
  return key;
}

std::string_view contact_address(std::string_view key) {
  require(key.size() > organization_bytes, "contact_addresses", "a key is cut short");
  return key.substr(organization_bytes);
}

std::string contact_address_value(const model::contact_id& holder) {
  std::string value;
  value.reserve(1 + id_bytes);
  append_little(value, value_format);
  value.append(id_key(holder));
  return value;
}

model::contact_id open_contact_address(std::string_view value) {
  require_format(value, 1 + id_bytes, "contact_addresses");
  return model::contact_id{to_id(value.substr(1))};
}

std::string consent_prefix(std::uint32_t organization, std::string_view address) {
  std::string key;
  append_big(key, organization);
  key.append(address);
  if (!address.empty())
    key.push_back('\0');
  return key;
}

std::string consent_scope_key(std::uint32_t organization, std::string_view address,
                              std::string_view number) {
  auto key = consent_prefix(organization, address);
  key.append(number).push_back('\0');
  return key;
}

consent_place open_consent_key(std::string_view key) {
  const auto address_end = key.find('\0', organization_bytes);
  const auto number_end
    = address_end == std::string_view::npos ? address_end : key.find('\0', address_end + 1);
  require(key.size() > organization_bytes && number_end != std::string_view::npos
            && key.size() == number_end + 1 + seq_bytes,
          "consents", "a key has the wrong shape");
  return {.organization = load_big<std::uint32_t>(key.data()),
          .address = key.substr(organization_bytes, address_end - organization_bytes),
          .number = key.substr(address_end + 1, number_end - address_end - 1),
          .seq = load_big<std::uint64_t>(key.data() + number_end + 1)};
}

std::string journal_meta_value(const journal_meta& meta) {
  std::string value;
  append_little(value, value_format);
  append_little(value, meta.last_seq);
  append_little(value, meta.tail_from);
  return value;
}

journal_meta open_journal_meta(std::string_view value) {
  require_format(value, 1 + 2 * seq_bytes, "meta");
  return {.last_seq = load_little<std::uint64_t>(value.data() + 1),
          .tail_from = load_little<std::uint64_t>(value.data() + 1 + seq_bytes)};
}

}  // namespace parley::store
