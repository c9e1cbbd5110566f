#include "parley/store/reader.hpp"

#include "src/store/bytes.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/keys.hpp"
#include "src/store/sealed.hpp"

#include <tuple>

namespace parley::store {
namespace {

/// A cursor leaves the process, in answers of the API, so it is text: the place in hex.
[[nodiscard]] std::string to_cursor(std::string_view place) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(place.size() * 2);
  for (const char c : place) {
    const auto byte = static_cast<std::uint8_t>(c);
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 0xfU]);
  }
  return out;
}

[[nodiscard]] int hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/// Empty when it is no cursor: it comes back from outside.
[[nodiscard]] std::string from_cursor(std::string_view text) {
  if (text.size() != 2 * listing_place_bytes)
    return {};
  std::string place;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0)
      return {};
    place.push_back(static_cast<char>(high * 16 + low));
  }
  return place;
}

/// The first key behind every key that begins with `prefix`, which must not end in 0xff.
[[nodiscard]] std::string behind(std::string prefix) {
  prefix.back() = static_cast<char>(static_cast<std::uint8_t>(prefix.back()) + 1U);
  return prefix;
}

/// Moves to the last entry before `key`.
[[nodiscard]] bool seek_before(lmdb::cursor& at, std::string_view key) {
  return at.seek(key) ? at.move(MDB_PREV) : at.move(MDB_LAST);
}

[[nodiscard]] listed to_line(const lmdb::cursor& at, model::conversation_phase phase) {
  const auto pair_key = unseal("listings", at.key(), at.value());
  return {.id = listing_id(at.key()),
          .phase = phase,
          .pair_key = std::string{pair_key},
          .cursor = to_cursor(at.key().substr(at.key().size() - listing_place_bytes))};
}

[[nodiscard]] outbox_entry to_entry(store::lane lane, std::string_view key,
                                    std::string_view sealed) {
  outbox_entry entry;
  entry.seq = outbox_seq(key);
  entry.lane = lane;
  try {
    const auto content = open_outbox(unseal("outbox", key, sealed));
    entry.pair_key = content.pair_key;
    entry.message = content.message;
    entry.message_seq = content.one_recipient ? content.message_seq : entry.seq;
    entry.valid_from = content.valid_from;
    entry.one_recipient = content.one_recipient;
    entry.to = content.to;
  } catch (const corruption_error& damage) {
    entry.fault = damage.what();
  }
  return entry;
}

}  // namespace

std::vector<listed> reader::list(const listing_query& query) const {
  const auto prefix
    = listing_prefix(query.organization, query.scope, query.scope_id, query.phase);
  auto end = behind(prefix);
  if (!query.after.empty()) {
    const auto place = from_cursor(query.after);
    if (place.empty())
      return {};
    end = prefix + place;
  }
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().listings};
  std::vector<listed> lines;
  for (bool more = seek_before(at, end);
       more && lines.size() < query.limit && at.key().starts_with(prefix);
       more = at.move(MDB_PREV))
    lines.push_back(to_line(at, query.phase));
  return lines;
}

bool reader::has_groups(std::uint32_t organization, const model::address& ours) const {
  const auto prefix
    = listing_scope_prefix(organization, listing_scope::party, party_scope(ours, {}));
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().listings};
  return at.seek(prefix) && at.key().starts_with(prefix);
}

std::vector<listed> reader::waiting(std::uint32_t organization, std::string_view inbox,
                                    std::string_view after, std::size_t limit) const {
  constexpr auto phase = model::conversation_phase::active;
  const auto prefix = listing_prefix(organization, listing_scope::waiting, inbox, phase);
  auto from = prefix;
  if (!after.empty()) {
    const auto place = from_cursor(after);
    if (place.empty())
      return {};
    from += place + '\0';  // The first key behind that line's.
  }
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().listings};
  std::vector<listed> lines;
  for (bool more = at.seek(from);
       more && lines.size() < limit && at.key().starts_with(prefix); more = at.move(MDB_NEXT))
    lines.push_back(to_line(at, phase));
  return lines;
}

std::size_t reader::count_held(std::uint32_t organization, std::string_view user,
                               std::size_t limit) const {
  const auto prefix = listing_prefix(organization, listing_scope::held, user,
                                     model::conversation_phase::active);
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().listings};
  std::size_t count = 0;
  for (bool more = at.seek(prefix); more && count < limit && at.key().starts_with(prefix);
       more = at.move(MDB_NEXT))
    ++count;
  return count;
}

std::vector<outbox_entry> reader::outbox(std::string_view outbox_prefix, store::lane lane,
                                         std::uint64_t after_seq, std::size_t limit) const {
  std::string prefix{outbox_prefix};
  prefix.push_back(static_cast<char>(lane));
  auto from = prefix;
  append_big(from, after_seq + 1);
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().outbox};
  std::vector<outbox_entry> entries;
  for (bool more = at.seek(from);
       more && entries.size() < limit && at.key().starts_with(prefix); more = at.move(MDB_NEXT)) {
    entries.push_back(to_entry(lane, at.key(), at.value()));
  }
  return entries;
}

std::vector<std::pair<std::uint32_t, model::address>> reader::outbox_numbers() const {
  constexpr std::size_t organization_bytes = sizeof(std::uint32_t);
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().outbox};
  std::vector<std::pair<std::uint32_t, model::address>> numbers;
  // From one number's first entry straight to the next number, however much the first has to send.
  for (bool more = at.move(MDB_FIRST); more;) {
    const auto key = at.key();
    const auto end = key.find('\0', organization_bytes);
    if (key.size() <= organization_bytes || end == std::string_view::npos)
      throw corruption_error{"outbox: the key " + printable(key) + " names no number"};
    const auto ours
      = model::address::parse(key.substr(organization_bytes, end - organization_bytes));
    if (!ours)
      throw corruption_error{"outbox: the key " + printable(key) + " names no number"};
    numbers.emplace_back(load_big<std::uint32_t>(key.data()), *ours);
    more = at.seek(behind(std::string{key.substr(0, end + 1)}));
  }
  return numbers;
}

std::vector<due_timer> reader::due_timers(model::timestamp now, std::size_t limit) const {
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().timers};
  std::vector<due_timer> timers;
  for (bool more = at.move(MDB_FIRST); more && timers.size() < limit; more = at.move(MDB_NEXT)) {
    std::ignore = unseal("timers", at.key(), at.value());
    const auto due = timer_due(at.key());
    if (due > now)
      break;
    timers.push_back({.due = due, .pair_key = std::string{timer_pair_key(at.key())}});
  }
  return timers;
}

std::optional<model::timestamp> reader::next_timer() const {
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().timers};
  if (!at.move(MDB_FIRST))
    return std::nullopt;
  std::ignore = unseal("timers", at.key(), at.value());
  return timer_due(at.key());
}

}  // namespace parley::store
