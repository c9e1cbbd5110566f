#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/contact.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/api/listing.hpp"
#include "src/ingress/viewer.hpp"

namespace parley::ingress {

/// What `GET /v1/contacts` asks for. What is not set does not filter.
struct contact_query {
  std::optional<address_filter> address;
  std::string beginning;  ///< Of a name or a word of it, folded; or of a number.
  bool by_number = false; ///< `beginning` is a number's.
  std::string phone_book;
  std::size_t limit = 0;
  std::string cursor;
};

struct contact_page {
  std::vector<model::contact> items;
  std::string next;  ///< Empty at the end.
};

/// Throws `refusal` (malformed) naming the parameter.
[[nodiscard]] contact_query read_contact_query(std::string_view query);

/// Throws `refusal` (forbidden) when it asks by a number and numbers are masked for whoever asks,
/// which would be a way to find one out.
void require_may_search(const viewer& who, const contact_query& query);

/// One page. With an address there are one or two look-ups; with a number's beginning the index is
/// read where such numbers stand, in their order; else contacts are read in order of id, oldest
/// first, and what does not match is left out. At most `contact_scan_max` are looked at in a call,
/// so a page can be short, or empty, and still have a next one. Throws `refusal` (malformed) for a
/// cursor that is none.
[[nodiscard]] contact_page search_contacts(const store::reader& reader,
                                           std::uint32_t organization,
                                           const contact_query& query);

/// Contacts, or addresses, that one call looks at.
inline constexpr std::size_t contact_scan_max = 20'000;

}  // namespace parley::ingress
