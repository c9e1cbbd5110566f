#include "parley/store/reader.hpp"

#include "src/store/bytes.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/record_decode.hpp"

#include <chrono>
#include <variant>

namespace parley::store {
namespace {

/// How far a message's id and its place in the journal can be apart: it was made when the request
/// came in, and appended when its turn had come.
constexpr std::chrono::seconds spread{1};
/// Records looked at: what a full load writes in twice that time.
constexpr std::size_t scanned_max = 250'000;

[[nodiscard]] model::timestamp time_in(const model::message_id& id) noexcept {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i)
    ms = ms << 8 | id.bytes[i];
  return model::timestamp{std::chrono::milliseconds{ms}};
}

[[nodiscard]] model::timestamp time_at(const read_transaction& txn, std::uint64_t seq) {
  const auto bytes = lmdb::get(txn.get(), txn.in().journal, seq);
  if (!bytes)
    throw corruption_error{"journal: record " + std::to_string(seq) + " is missing"};
  return decode_record(seq, *bytes).event.at;
}

/// The first record of at least that time.
[[nodiscard]] std::uint64_t first_since(const read_transaction& txn, std::uint64_t last_seq,
                                        model::timestamp when) {
  std::uint64_t low = 1;
  std::uint64_t high = last_seq + 1;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (time_at(txn, middle) < when)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace

std::optional<record> reader::find_message(const model::message_id& id) const {
  const auto when = time_in(id);
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().journal};
  if (!at.move(MDB_LAST))
    return std::nullopt;
  const auto last_seq = load_little<std::uint64_t>(at.key().data());
  bool more = at.seek(first_since(txn, last_seq, when - spread));
  for (std::size_t scanned = 0; more && scanned < scanned_max;
       more = at.move(MDB_NEXT), ++scanned) {
    auto found = decode_record(load_little<std::uint64_t>(at.key().data()), at.value());
    if (found.event.at > when + spread)
      return std::nullopt;
    const auto* added = std::get_if<model::message_added>(&found.event.body);
    if (added != nullptr && added->message == id)
      return found;
  }
  return std::nullopt;
}

}  // namespace parley::store
