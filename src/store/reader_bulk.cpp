#include "parley/store/reader.hpp"

#include "src/store/bulk_cells.hpp"
#include "src/store/bulk_codec.hpp"
#include "src/store/bytes.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/keys.hpp"
#include "src/store/sealed.hpp"

#include <limits>

namespace parley::store {

std::optional<bulk_job_record> reader::find_bulk_job(std::uint32_t organization,
                                                     const model::bulk_id& job) const {
  const auto key = bulk_jobs_key(bulk_row::job, organization, job);
  const read_transaction txn{*env_};
  const auto sealed = lmdb::get(txn.get(), txn.in().bulk_jobs, key);
  if (!sealed)
    return std::nullopt;
  return decode_bulk_job(key, unseal("bulk_jobs", key, *sealed));
}

std::optional<model::bulk_id> reader::bulk_job_of_key(std::uint32_t organization,
                                                      const model::id128& key,
                                                      model::timestamp not_before) const {
  const auto place = bulk_jobs_key(bulk_row::key, organization, key);
  const read_transaction txn{*env_};
  const auto sealed = lmdb::get(txn.get(), txn.in().bulk_jobs, place);
  if (!sealed)
    return std::nullopt;
  const auto found = decode_bulk_key(unseal("bulk_jobs", place, *sealed));
  if (found.at < not_before)
    return std::nullopt;
  return found.job;
}

std::vector<bulk_job_record> reader::bulk_jobs(std::uint32_t organization,
                                               const std::optional<model::bulk_id>& before,
                                               std::size_t limit) const {
  const auto prefix = bulk_jobs_prefix(bulk_row::job, organization);
  auto end = prefix;
  if (before)
    end = bulk_jobs_key(bulk_row::job, organization, *before);
  else
    end.append(sizeof(model::id128) + 1, '\xff');
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().bulk_jobs};
  std::vector<bulk_job_record> found;
  for (bool more = at.seek(end) ? at.move(MDB_PREV) : at.move(MDB_LAST);
       more && found.size() < limit && at.key().starts_with(prefix); more = at.move(MDB_PREV))
    found.push_back(decode_bulk_job(at.key(), unseal("bulk_jobs", at.key(), at.value())));
  return found;
}

std::vector<std::pair<std::uint32_t, model::bulk_id>> reader::open_bulk_jobs() const {
  const std::string prefix(1, static_cast<char>(bulk_row::open));
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().bulk_jobs};
  std::vector<std::pair<std::uint32_t, model::bulk_id>> found;
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix);
       more = at.move(MDB_NEXT)) {
    const auto place = open_bulk_jobs_key(at.key());
    found.emplace_back(place.organization, place.job);
  }
  return found;
}

model::bulk_counts reader::bulk_counts(std::uint32_t organization,
                                       const model::bulk_id& job) const {
  const auto key = bulk_counts_key(organization, job);
  const read_transaction txn{*env_};
  const auto sealed = lmdb::get(txn.get(), txn.in().bulk_cells, key);
  return sealed ? decode_bulk_counts(unseal("bulk_cells", key, *sealed)) : model::bulk_counts{};
}

std::vector<model::bulk_entry> reader::bulk_lines(std::uint32_t organization,
                                                 const model::bulk_id& job,
                                                 std::uint64_t block) const {
  const auto key = bulk_block_key(organization, job, block);
  const read_transaction txn{*env_};
  const auto sealed = lmdb::get(txn.get(), txn.in().bulk_lines, key);
  if (!sealed)
    return {};
  return decode_bulk_lines(unseal("bulk_lines", key, *sealed));
}

std::vector<bulk_line_outcome> reader::bulk_outcomes(std::uint32_t organization,
                                                     const model::bulk_id& job,
                                                     std::uint64_t block) const {
  const auto key = bulk_block_key(organization, job, block);
  const read_transaction txn{*env_};
  bulk_block cells{};
  if (const auto sealed = lmdb::get(txn.get(), txn.in().bulk_cells, key))
    cells = decode_bulk_block(unseal("bulk_cells", key, *sealed));
  std::vector<bulk_line_outcome> outcomes;
  outcomes.reserve(cells.size());
  for (const auto& cell : cells)
    outcomes.push_back({cell.state, cell.error_code, cell.message});
  return outcomes;
}

std::vector<model::bulk_refusal> reader::bulk_refused(std::uint32_t organization,
                                                    const model::bulk_id& job,
                                                    std::uint64_t after, std::size_t limit) const {
  const auto prefix = bulk_job_key(organization, job);
  const read_transaction txn{*env_};
  lmdb::cursor at{txn.get(), txn.in().bulk_refused};
  std::vector<model::bulk_refusal> found;
  if (after == std::numeric_limits<std::uint64_t>::max())
    return found;
  for (bool more = at.seek(bulk_block_key(organization, job, after + 1));
       more && found.size() < limit && at.key().starts_with(prefix); more = at.move(MDB_NEXT))
    found.push_back(
      decode_bulk_refused(at.key(), unseal("bulk_refused", at.key(), at.value())));
  return found;
}

std::uint64_t reader::head_of(std::string_view pair_key) const {
  if (const auto head = tail_.tail_head(pair_key); head != 0)
    return head;
  const auto key = head_key(pair_key);
  const read_transaction txn{*env_};
  const auto sealed = lmdb::get(txn.get(), txn.in().heads, key);
  return sealed ? open_head(unseal("heads", key, *sealed)) : 0;
}

}  // namespace parley::store
