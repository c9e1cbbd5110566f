#include "src/store/batch.hpp"

#include "parley/store/codec.hpp"
#include "src/store/bytes.hpp"
#include "src/store/keys.hpp"
#include "src/store/record_format.hpp"

#include <limits>
#include <stdexcept>

namespace parley::store {
namespace {

/// LMDB's compiled-in limit.
constexpr std::size_t key_bytes_max = 511;
constexpr std::size_t seq_bytes = sizeof(std::uint64_t);

void require(bool holds, const char* what) {
  if (!holds)
    throw std::invalid_argument{what};
}

[[nodiscard]] std::uint32_t narrow_size(std::size_t bytes) {
  require(bytes <= std::numeric_limits<std::uint32_t>::max(), "journal: a value of 4 GiB");
  return static_cast<std::uint32_t>(bytes);
}

}  // namespace

void draft::write(const append_request& request, const tables& handles) {
  bytes.clear();
  records.clear();
  rows.clear();
  snapshots.clear();
  require(!request.pair_key.empty() || request.events.empty(), "journal: events of no pair");
  require(request.pair_key.size() <= key_bytes_max, "journal: a pair key is too long");
  require(request.snapshot == nullptr || request.events.empty(),
          "journal: a snapshot together with events");
  require(request.redactions.empty() || !request.events.empty(),
          "journal: a redaction without the event that says so");
  require(request.settled == nullptr || !request.events.empty(),
          "journal: settled files without the event that says so");
  require(request.edited == nullptr || !request.events.empty(),
          "journal: an edited message without the event that says so");
  write_records(request);
  write_rows(request, handles);
  if (request.snapshot != nullptr)
    write_snapshot(request, handles);
}

void draft::write_records(const append_request& request) {
  for (const auto& event : request.events) {
    const auto offset = bytes.size();
    append_record_head(bytes, request.prev, request.organization, request.pair_key);
    encode(event, bytes);
    records.push_back({.offset = offset,
                       .bytes = narrow_size(bytes.size() - offset),
                       .key_bytes = static_cast<std::uint16_t>(request.pair_key.size())});
  }
}

void draft::write_rows(const append_request& request, const tables& handles) {
  for (const auto& from : request.rows) {
    const bool numbered = from.key_ends_with_seq_of >= 0;
    require(!numbered
              || static_cast<std::size_t>(from.key_ends_with_seq_of) < request.events.size(),
            "journal: a row's key ends with an event that is not there");
    const auto key_bytes = from.key.size() + (numbered ? seq_bytes : 0);
    require(key_bytes > 0 && key_bytes <= key_bytes_max, "journal: a row's key is too long");
    rows.push_back({.offset = bytes.size(),
                    .value_bytes = narrow_size(from.value.size()),
                    .key_bytes = static_cast<std::uint16_t>(key_bytes),
                    .erase = from.erase,
                    .key_ends_with_seq_of = from.key_ends_with_seq_of,
                    .table = handles.of(from.where)});
    bytes.append(from.key);
    bytes.append(numbered ? seq_bytes : 0, '\0');
    bytes.append(from.value);
  }
}

void draft::write_snapshot(const append_request& request, const tables& handles) {
  const auto& state = *request.snapshot;
  encoded_state_.clear();
  append_snapshot_head(encoded_state_, state.head_seq);
  encode(state, encoded_state_);
  snapshots.push_back({.row = rows.size(), .records_before = 0, .head_seq = state.head_seq});
  add_row(handles.conversations, request.pair_key, encoded_state_);
  if (state.phase == model::conversation_phase::closed)
    add_row(handles.conversation_ids, id_key(state.id),
            closed_place_value(request.pair_key,
                               std::string_view{encoded_state_}.substr(snapshot_head_bytes)));
}

void draft::add_row(MDB_dbi table, std::string_view key, std::string_view value) {
  rows.push_back({.offset = bytes.size(),
                  .value_bytes = narrow_size(value.size()),
                  .key_bytes = static_cast<std::uint16_t>(key.size()),
                  .erase = false,
                  .key_ends_with_seq_of = -1,
                  .table = table});
  bytes.append(key);
  bytes.append(value);
}

void batch::take(const draft& from, std::uint64_t seq, const append_request& request) {
  if (appends_++ == 0)
    first_seq_ = seq;
  const auto base = bytes_.size();
  bytes_.append(from.bytes);
  for (std::size_t i = 0; i < from.records.size(); ++i) {
    auto slot = from.records[i];
    slot.offset += base;
    record_bytes_ += slot.bytes;
    if (i > 0)  // The first one's `prev` is the caller's; within an append the chain has no gaps.
      store_little(bytes_.data() + slot.offset + record_prev_offset, seq + i - 1);
    records_.push_back(slot);
  }
  for (auto slot : from.rows) {
    slot.offset += base;
    if (slot.key_ends_with_seq_of >= 0)
      store_big(bytes_.data() + slot.offset + slot.key_bytes - seq_bytes,
                seq + static_cast<std::uint64_t>(slot.key_ends_with_seq_of));
    rows_.push_back(slot);
  }
  for (auto slot : from.snapshots) {
    slot.row += rows_.size() - from.rows.size();
    slot.records_before = records_.size();
    snapshots_.push_back(slot);
  }
  redactions_.insert(redactions_.end(), request.redactions.begin(), request.redactions.end());
  if (request.settled != nullptr)
    settled_.push_back(*request.settled);
  if (request.edited != nullptr)
    edited_.push_back(*request.edited);
  line_changes_.insert(line_changes_.end(), request.line_changes.begin(),
                       request.line_changes.end());
  if (request.settle.to.wanted())
    settlements_.push_back(request.settle);
  if (request.listener)
    listeners_.push_back({request.listener, request.token});
}

void batch::clear() {
  first_seq_ = 0;
  appends_ = 0;
  record_bytes_ = 0;
  bytes_.clear();
  records_.clear();
  rows_.clear();
  snapshots_.clear();
  redactions_.clear();
  settled_.clear();
  edited_.clear();
  line_changes_.clear();
  settlements_.clear();
  listeners_.clear();
}

void batch::trim(std::size_t bytes_max) {
  if (bytes_.capacity() > bytes_max)
    *this = batch{};
}

std::string_view batch::record(const record_slot& slot) const noexcept {
  return {bytes_.data() + slot.offset, slot.bytes};
}

std::string_view batch::pair_key(const record_slot& slot) const noexcept {
  return {bytes_.data() + slot.offset + record_header_bytes, slot.key_bytes};
}

std::string_view batch::key(const row_slot& slot) const noexcept {
  return {bytes_.data() + slot.offset, slot.key_bytes};
}

std::string_view batch::value(const row_slot& slot) const noexcept {
  return {bytes_.data() + slot.offset + slot.key_bytes, slot.value_bytes};
}

}  // namespace parley::store
