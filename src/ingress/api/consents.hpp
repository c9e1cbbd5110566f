#pragma once

#include <span>
#include <string>
#include <vector>

#include "parley/store/reader.hpp"
#include "src/ingress/api/route.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/masking.hpp"

namespace parley::ingress {

/// The routes of consents: who wants our messages (mission 5). Changes are only ever added, so
/// nothing is deleted.
[[nodiscard]] std::span<const route> consent_routes() noexcept;

/// One change as an object: the event's members, with its id and time.
void write_consent_record(json_writer& json, const store::consent_record& record, audience who);

/// All changes about these addresses, oldest first of each; at most `count_max`.
[[nodiscard]] std::vector<store::consent_record>
consents_about(const store::reader& reader, std::uint32_t organization,
               const std::vector<model::address>& addresses, std::size_t count_max);

}  // namespace parley::ingress
