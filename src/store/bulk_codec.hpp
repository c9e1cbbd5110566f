#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parley/store/bulk_table.hpp"

/// Keys and values of `bulk_jobs`, `bulk_lines` and `bulk_refused`. What takes apart throws
/// `corruption_error`.
///
/// bulk_jobs: 'j' | organisation (4) | job (16) → job; 'o' | the same → nothing, while it is not
/// over; 'k' | organisation (4) | digest of the key (16) → job (16) | time (8).
/// bulk_lines: organisation (4) | job (16) | block (8) → lines.
/// bulk_refused: organisation (4) | job (16) | line (8) → why.
namespace parley::store {

enum class bulk_row : char { job = 'j', open = 'o', key = 'k' };

[[nodiscard]] std::string bulk_jobs_key(bulk_row kind, std::uint32_t organization,
                                        const model::id128& id);
/// What the rows of one kind begin with that are the organisation's.
[[nodiscard]] std::string bulk_jobs_prefix(bulk_row kind, std::uint32_t organization);

struct bulk_place {
  std::uint32_t organization = 0;
  model::bulk_id job;
};
[[nodiscard]] bulk_place open_bulk_jobs_key(std::string_view key);

[[nodiscard]] bulk_job_record decode_bulk_job(std::string_view key, std::string_view value);

struct bulk_key_content {
  model::bulk_id job;
  model::timestamp at{};
};
[[nodiscard]] bulk_key_content decode_bulk_key(std::string_view value);

[[nodiscard]] std::vector<model::bulk_entry> decode_bulk_lines(std::string_view value);
[[nodiscard]] model::bulk_refusal decode_bulk_refused(std::string_view key, std::string_view value);

}  // namespace parley::store
