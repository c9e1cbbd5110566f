#pragma once

#include <optional>
#include <string_view>

#include "parley/bulk/cost.hpp"
#include "parley/bulk/splitter.hpp"
#include "parley/model/bulk.hpp"
#include "parley/model/directory.hpp"
#include "src/ingress/viewer.hpp"

namespace parley::ingress {

/// What a request for a bulk job says besides its lines.
struct bulk_wish {
  model::bulk_parameters what;
  bulk::body_format format = bulk::body_format::ndjson;
  std::optional<model::message_template> entry;  ///< Of the template, if one is sent.
  bool dry_run = false;  ///< Nothing is kept or sent.
  std::optional<bulk::cost_estimate> cost;  ///< Of a dry run, where the channel has prices.
};

/// Reads the query and the type of a `POST /v1/bulk`, and checks all that can be known before the
/// first line (mission 8): the number and whether whoever it is sent for may start conversations
/// from it, the text's placeholders, the template, the times. Throws `refusal`.
/// `caller` is of `directory`.
[[nodiscard]] bulk_wish read_bulk_wish(const model::directory::key_entry& caller,
                                       const model::directory& directory, std::string_view query,
                                       std::string_view content_type, model::timestamp now);

/// Digest of all of that, so that a repeated request can be told from another one.
[[nodiscard]] model::id128 digest_of(const bulk_wish& wish);

}  // namespace parley::ingress
