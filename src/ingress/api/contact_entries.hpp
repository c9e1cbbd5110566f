#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parley/model/contact.hpp"
#include "parley/model/time.hpp"
#include "src/ingress/api/object_reader.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/masking.hpp"

namespace parley::ingress {

/// The members of a contact that a request gives; null has become an empty value.
struct contact_members {
  std::optional<model::contact_id> id;  ///< Of an upload's row only.
  std::optional<std::string> name;
  std::optional<std::vector<model::address>> addresses;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< An empty value takes one away.
  std::optional<std::string> language;
  std::optional<std::string> time_zone;
  std::optional<std::vector<std::string>> phone_books;
};

/// Reads a contact from JSON. Types are checked here, what the members say is not. Throws `refusal`
/// (malformed) naming the member.
[[nodiscard]] contact_members read_contact(const object_reader& in);
/// As `read_contact`, for a row of an upload, which may have an `id`.
[[nodiscard]] contact_members read_contact_row(const object_reader& in);

/// A row of an uploaded CSV document. The header names what each field is: `id`, `name`,
/// `addresses`, `language`, `time_zone`, `phone_books` (several are parted by semicolons) and
/// `attributes.<name>`. What is empty is not given. Throws `refusal` (malformed).
[[nodiscard]] contact_members read_contact_row(const std::vector<std::string>& header,
                                               const std::vector<std::string>& fields);
/// Throws `refusal` (malformed) unless every name is known and there once.
void require_contact_header(const std::vector<std::string>& header);

/// An address as applications write it; without a channel it is one of SMS. Throws `refusal`
/// (malformed) naming the member.
[[nodiscard]] model::address read_contact_address(std::string_view member, std::string_view text);
/// A member that is an array of addresses, each once; empty when it is absent or null.
[[nodiscard]] std::vector<model::address> read_contact_addresses(const object_reader& in,
                                                                 std::string_view member);

/// How what is given meets what is there: lists are replaced (a change of one contact), or added to
/// (an upload, which knows of one contact no more than its row).
enum class contact_update { replace, add };

/// Makes the change, with nothing checked. Attributes that are not given stay.
void apply(model::contact& who, const contact_members& given, contact_update how);

/// The contact resource.
void write_contact(json_writer& json, const model::contact& who, audience numbers);

}  // namespace parley::ingress
