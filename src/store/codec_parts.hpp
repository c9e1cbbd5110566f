#pragma once

#include "parley/model/bulk.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/message.hpp"
#include "src/store/packing.hpp"
#include "src/store/unpacking.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

/// What events and states have in common on disk.
namespace parley::store {

void pack_texts(packer& out, const std::vector<std::string>& texts);
[[nodiscard]] std::vector<std::string> unpack_texts(unpacker& in);

void pack_escalations(packer& out, const std::vector<model::escalation>& steps);
[[nodiscard]] std::vector<model::escalation> unpack_escalations(unpacker& in);

void pack_question(packer& out, const model::open_question& question);
[[nodiscard]] model::open_question unpack_question(unpacker& in);

void pack_attributes(packer& out, const std::vector<model::attribute>& attributes);
[[nodiscard]] std::vector<model::attribute> unpack_attributes(unpacker& in);

/// A file of which only the URL is known is written as before there were others.
void pack_media(packer& out, const model::media& file);
[[nodiscard]] model::media unpack_media(unpacker& in);

void pack_bulk_line(packer& out, const model::bulk_line& line);
[[nodiscard]] model::bulk_line unpack_bulk_line(unpacker& in);

void pack_bulk_counts(packer& out, const model::bulk_counts& counts);
[[nodiscard]] model::bulk_counts unpack_bulk_counts(unpacker& in);

[[nodiscard]] inline model::bulk_state unpack_bulk_state(unpacker& in) {
  return in.choice(model::bulk_state::receiving, model::bulk_state::canceled);
}

void pack_route(packer& out, const model::route& route);
[[nodiscard]] model::route unpack_route(unpacker& in);

void pack_parked(packer& out, const model::parked_report& report);
[[nodiscard]] model::parked_report unpack_parked(unpacker& in);

[[nodiscard]] inline model::delivery_state unpack_delivery_state(unpacker& in) {
  return in.choice(model::delivery_state::scheduled, model::delivery_state::expired);
}

[[nodiscard]] inline model::close_reason unpack_close_reason(unpacker& in) {
  return in.choice(model::close_reason::none, model::close_reason::data_action);
}

[[nodiscard]] inline model::priority unpack_priority(unpacker& in) {
  return in.choice(model::priority::low, model::priority::urgent);
}

[[nodiscard]] inline model::presence unpack_presence(unpacker& in) {
  return in.choice(model::presence::offline, model::presence::available);
}

/// Carriers' codes are small, some are negative.
[[nodiscard]] inline std::int32_t unpack_error_code(unpacker& in) {
  const auto value = in.signed_number();
  if (value < std::numeric_limits<std::int32_t>::min()
      || value > std::numeric_limits<std::int32_t>::max())
    in.fail("has a number out of range");
  return static_cast<std::int32_t>(value);
}

/// Calls `each` for every element of an array of arrays, each of at least `fields_min` values, and
/// steps over what a later version added to an element. An `each` that takes the number of values
/// returns how many it read: more than `fields_min` when an earlier version did not have them all.
template <class Each>
void unpack_each(unpacker& in, std::size_t count, std::size_t fields_min, Each&& each) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto fields = in.array(fields_min);
    auto read = fields_min;
    if constexpr (std::is_invocable_v<Each, std::size_t>)
      read = each(fields);
    else
      each();
    in.skip(fields - read);
  }
}

}  // namespace parley::store
