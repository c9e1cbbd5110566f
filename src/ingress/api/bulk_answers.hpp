#pragma once

#include <span>

#include "parley/model/answer.hpp"
#include "parley/store/bulk_table.hpp"
#include "src/ingress/json_writer.hpp"

namespace parley::ingress {

/// A bulk job as an object: what it was asked for, how far it has come, and the first of its
/// refused lines. Lines that wait are those that are in no other state.
void write_bulk_job(json_writer& json, const store::bulk_job_record& record,
                    model::bulk_counts counts, std::span<const model::bulk_refusal> refused);

/// The same as an answer.
[[nodiscard]] model::answer bulk_answer(int status, const store::bulk_job_record& record,
                                        const model::bulk_counts& counts,
                                        std::span<const model::bulk_refusal> refused);

/// Members of an array: line, code and reason of each.
void write_refused_lines(json_writer& json, std::span<const model::bulk_refusal> refused);

}  // namespace parley::ingress
