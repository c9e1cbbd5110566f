#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "parley/model/answer.hpp"
#include "parley/store/bulk_table.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/masking.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/viewer.hpp"

namespace parley::ingress {

/// A bulk job as an object: what it was asked for, how far it has come, and the first of its
/// refused lines. Lines that wait are those that are in no other state.
void write_bulk_job(json_writer& json, const store::bulk_job_record& record,
                    model::bulk_counts counts, std::span<const model::bulk_refusal> refused);

/// The same as an answer.
[[nodiscard]] model::answer bulk_answer(int status, const store::bulk_job_record& record,
                                        const model::bulk_counts& counts,
                                        std::span<const model::bulk_refusal> refused);

/// A job by its id. Who may not see everything finds what is sent in his or her name. Throws
/// `refusal` (not_found).
[[nodiscard]] store::bulk_job_record require_bulk_job(const store::reader& reader,
                                                      const viewer& who,
                                                      std::uint32_t organization,
                                                      std::string_view id);

/// The `state` that a query asks for. Throws `refusal` when there is none of that name.
[[nodiscard]] std::optional<model::bulk_line_state> read_line_state(const query_parameters& query);

/// The carrier's code of a line's message, or ours of a refused line; empty when there is none.
[[nodiscard]] std::string result_error_code(const store::bulk_line_outcome& line);

/// What has become of a line, as an object.
void write_bulk_result(json_writer& json, const model::bulk_entry& line,
                       const store::bulk_line_outcome& outcome, audience who);

/// Members of an array: line, code and reason of each.
void write_refused_lines(json_writer& json, std::span<const model::bulk_refusal> refused);

}  // namespace parley::ingress
