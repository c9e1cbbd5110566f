#include "src/store/bulk_cells.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>
#include <vector>

#include "parley/store/environment.hpp"
#include "src/store/bytes.hpp"
#include "src/store/codec_parts.hpp"
#include "src/store/keys.hpp"
#include "src/store/sealed.hpp"

namespace parley::store {
namespace {

using model::bulk_line_state;

/// State (1), code (4), message (16).
constexpr std::size_t cell_bytes = 21;
constexpr std::size_t code_at = 1;
constexpr std::size_t message_at = 5;
constexpr char format = 1;
constexpr std::uint64_t counts_block = std::numeric_limits<std::uint64_t>::max();

void put(MDB_txn* txn, MDB_dbi table, std::string_view key, std::string_view value) {
  lmdb::cursor at{txn, table};
  seal_into(at.reserve(key, seal_bytes + value.size(), 0), key, value);
}

/// The changes of one job, which stand behind each other.
class job_changes {
public:
  job_changes(MDB_txn* txn, MDB_dbi table, std::uint32_t organization, const model::bulk_id& job)
    : txn_(txn), table_(table), organization_(organization), job_(job),
      counts_key_(bulk_counts_key(organization, job)) {
    if (const auto sealed = lmdb::get(txn, table, counts_key_))
      counts_ = decode_bulk_counts(unseal("bulk_cells", counts_key_, *sealed));
  }

  /// Changes of one block.
  void make(std::uint64_t block, std::span<const bulk_line_change* const> changes) try {
    const auto key = bulk_block_key(organization_, job_, block);
    bulk_block cells{};
    if (const auto sealed = lmdb::get(txn_, table_, key))
      cells = decode_bulk_block(unseal("bulk_cells", key, *sealed));
    bool any = false;
    for (const auto* change : changes) {
      auto& cell = cells[change->line.position % bulk_block_lines];
      const auto after = changed(cell, *change);
      if (!after)
        continue;
      // Waiting lines are not counted: they are the accepted ones that are in no other state.
      if (cell.state != bulk_line_state::waiting)
        --counts_.of(cell.state);
      if (after->state != bulk_line_state::waiting)
        ++counts_.of(after->state);
      cell = *after;
      any = true;
    }
    if (any)
      put(txn_, table_, key, encode_bulk_block(cells));
    changed_ |= any;
  } catch (const corruption_error&) {
    return;
  }

  void write_counts() const {
    if (changed_)
      put(txn_, table_, counts_key_, encode_bulk_counts(counts_));
  }

private:
  MDB_txn* txn_;
  MDB_dbi table_;
  std::uint32_t organization_;
  model::bulk_id job_;
  std::string counts_key_;
  model::bulk_counts counts_;
  bool changed_ = false;
};

std::uint64_t block_of(const bulk_line_change* change) noexcept {
  return change->line.position / bulk_block_lines;
}

/// The changes of one job, in order of its blocks.
void write_job(MDB_txn* txn, MDB_dbi table, std::span<const bulk_line_change* const> changes) try {
  job_changes job{txn, table, changes.front()->organization, changes.front()->line.job};
  while (!changes.empty()) {
    const auto block = block_of(changes.front());
    const auto end = std::ranges::find_if(
      changes, [&](const bulk_line_change* change) { return block_of(change) != block; });
    const auto count = static_cast<std::size_t>(end - changes.begin());
    job.make(block, changes.first(count));
    changes = changes.subspan(count);
  }
  job.write_counts();
} catch (const corruption_error&) {
  return;
}

}  // namespace

std::string bulk_job_key(std::uint32_t organization, const model::bulk_id& job) {
  std::string key;
  append_big(key, organization);
  key.append(id_key(job));
  return key;
}

std::string bulk_block_key(std::uint32_t organization, const model::bulk_id& job,
                           std::uint64_t block) {
  auto key = bulk_job_key(organization, job);
  append_big(key, block);
  return key;
}

std::string bulk_counts_key(std::uint32_t organization, const model::bulk_id& job) {
  return bulk_block_key(organization, job, counts_block);
}

bool is_bulk_counts_key(std::string_view key) noexcept {
  return key.size() > sizeof counts_block
         && load_big<std::uint64_t>(key.data() + key.size() - sizeof counts_block)
              == counts_block;
}

std::string encode_bulk_block(const bulk_block& cells) {
  std::string value(1 + cells.size() * cell_bytes, '\0');
  value[0] = format;
  auto* at = value.data() + 1;
  for (const auto& cell : cells) {
    *at = static_cast<char>(cell.state);
    store_little(at + code_at, static_cast<std::uint32_t>(cell.error_code));
    std::memcpy(at + message_at, cell.message.bytes.data(), cell.message.bytes.size());
    at += cell_bytes;
  }
  return value;
}

bulk_block decode_bulk_block(std::string_view value) {
  bulk_block cells{};
  if (value.size() != 1 + cells.size() * cell_bytes || value[0] != format)
    throw corruption_error{"bulk_cells: a block is of another format"};
  const auto* at = value.data() + 1;
  for (auto& cell : cells) {
    const auto state = static_cast<std::uint8_t>(*at);
    if (state >= model::bulk_line_states)
      throw corruption_error{"bulk_cells: a line is in no state"};
    cell.state = static_cast<bulk_line_state>(state);
    cell.error_code = static_cast<std::int32_t>(load_little<std::uint32_t>(at + code_at));
    std::memcpy(cell.message.bytes.data(), at + message_at, cell.message.bytes.size());
    at += cell_bytes;
  }
  return cells;
}

std::string encode_bulk_counts(const model::bulk_counts& counts) {
  std::string value;
  packer pack{value};
  pack_bulk_counts(pack, counts);
  return value;
}

model::bulk_counts decode_bulk_counts(std::string_view value) {
  unpacker in{value, "the counts of a bulk job"};
  const auto counts = unpack_bulk_counts(in);
  in.finish();
  return counts;
}

std::optional<bulk_cell> changed(const bulk_cell& before, const bulk_line_change& change) {
  const bulk_cell after{change.to, change.error_code,
                        change.message.has_value() ? change.message : before.message};
  switch (change.to) {
    case bulk_line_state::waiting:  // It is to be sent again.
      if (!model::may_be_retried(before.state))
        return std::nullopt;
      return bulk_cell{};
    case bulk_line_state::refused:
      if (before.state != bulk_line_state::waiting)
        return std::nullopt;
      return after;
    default:
      break;
  }
  // It becomes a message, or the job ends before it does. What is still told of an earlier message
  // of a line that is to be sent again is not about the line any more.
  if (before.state == bulk_line_state::waiting) {
    const bool becomes_message
      = change.to == bulk_line_state::queued && change.message.has_value();
    const bool given_up = change.to == bulk_line_state::canceled && !change.message.has_value();
    return becomes_message || given_up ? std::optional{after} : std::nullopt;
  }
  if (change.message != before.message || before.state == bulk_line_state::refused)
    return std::nullopt;
  return after;
}

void write_line_changes(MDB_txn* txn, const tables& handles,
                        std::span<const bulk_line_change> changes) {
  if (changes.empty())
    return;
  std::vector<const bulk_line_change*> order;
  order.reserve(changes.size());
  for (const auto& change : changes)
    order.push_back(&change);
  const auto same_job = [](const bulk_line_change* a, const bulk_line_change* b) {
    return a->organization == b->organization && a->line.job == b->line.job;
  };
  std::ranges::stable_sort(order, {}, [](const bulk_line_change* change) {
    return std::tuple{change->organization, model::id128{change->line.job}, block_of(change)};
  });
  for (auto begin = order.begin(); begin != order.end();) {
    const auto* first = *begin;
    const auto end = std::find_if(begin, order.end(), [&](const bulk_line_change* change) {
      return !same_job(change, first);
    });
    write_job(txn, handles.bulk_cells, {begin, end});
    begin = end;
  }
}

}  // namespace parley::store
