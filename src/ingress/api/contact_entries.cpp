#include "src/ingress/api/contact_entries.hpp"

#include "parley/model/contact_rules.hpp"
#include "parley/model/limits.hpp"
#include "parley/text/utf8.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/representation.hpp"

#include <algorithm>
#include <array>

namespace parley::ingress {

namespace {

constexpr std::size_t text_bytes_max = 4'096;  // The rules know the true bounds.
constexpr std::string_view attribute_column = "attributes.";
constexpr auto columns = std::to_array<std::string_view>(
  {"id", "name", "addresses", "language", "time_zone", "phone_books"});

[[noreturn]] void malformed(std::string_view member, std::string_view why) {
  throw refusal{model::errc::malformed, '`' + std::string{member} + "` " + std::string{why}};
}

void read_text(const object_reader& in, std::string_view member,
               std::optional<std::string>& text) {
  if (in.given(member))
    text = in.text_or_null(member, text_bytes_max);
}

std::vector<std::string> read_texts(const object_reader& in, std::string_view member) {
  const auto* value = in.find(member);
  if (value == nullptr || value->is_null())
    return {};
  // One more than may be: that there are too many is said by the rules.
  return in.texts(member, 2 * model::contact_addresses_max + 1, text_bytes_max);
}

void read_attributes(const object_reader& in, contact_members& given) {
  const auto* value = in.find("attributes");
  if (value == nullptr)
    return;
  if (!value->is_object())
    malformed("attributes", "must be an object of strings");
  for (const auto& member : value->get_object()) {
    const auto name = view_of(member.key());
    if (!text::is_clean_utf8(name) || name.size() > text_bytes_max)
      malformed("attributes", "has a name that is not UTF-8 without NUL, or too long");
    if (member.value().is_null()) {
      given.attributes.emplace_back(name, std::string{});
      continue;
    }
    if (!member.value().is_string())
      malformed("attributes", "must be an object of strings; null takes one away");
    const auto text = view_of(member.value().get_string());
    if (text.size() > text_bytes_max || !text::is_clean_utf8(text))
      malformed("attributes", "has a value that is not UTF-8 without NUL, or too long");
    given.attributes.emplace_back(name, text);
  }
}

contact_members read_given(const object_reader& in) {
  contact_members given;
  read_text(in, "name", given.name);
  read_text(in, "language", given.language);
  read_text(in, "time_zone", given.time_zone);
  if (in.given("addresses"))
    given.addresses = read_contact_addresses(in, "addresses");
  if (in.given("phone_books"))
    given.phone_books = read_texts(in, "phone_books");
  read_attributes(in, given);
  return given;
}

model::contact_id read_id(std::string_view text) {
  const auto id = model::contact_id::parse(text);
  if (!id)
    malformed("id", "is no contact's id");
  return *id;
}

/// The parts of a field that semicolons part, without blanks around them; empty ones are none.
std::vector<std::string> parts_of(std::string_view field) {
  std::vector<std::string> parts;
  while (!field.empty()) {
    auto part = field.substr(0, field.find(';'));
    field.remove_prefix(std::min(field.size(), part.size() + 1));
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    part = part.substr(0, part.find_last_not_of(' ') + 1);
    if (!part.empty())
      parts.emplace_back(part);
  }
  return parts;
}

void read_field(std::string_view column, const std::string& field, contact_members& given) {
  if (field.empty())
    return;
  if (column == "id") {
    given.id = read_id(field);
  } else if (column == "name") {
    given.name = field;
  } else if (column == "language") {
    given.language = field;
  } else if (column == "time_zone") {
    given.time_zone = field;
  } else if (column == "phone_books") {
    given.phone_books = parts_of(field);
  } else if (column == "addresses") {
    given.addresses.emplace();
    for (const auto& part : parts_of(field))
      given.addresses->push_back(read_contact_address("addresses", part));
  } else {
    given.attributes.emplace_back(column.substr(attribute_column.size()), field);
  }
}

}  // namespace

contact_members read_contact(const object_reader& in) {
  in.allow_only({"name", "addresses", "attributes", "language", "time_zone", "phone_books"}, {});
  return read_given(in);
}

contact_members read_contact_row(const object_reader& in) {
  in.allow_only({"id", "name", "addresses", "attributes", "language", "time_zone", "phone_books"},
                {});
  auto given = read_given(in);
  if (const auto id = in.text_or_null("id", text_bytes_max); !id.empty())
    given.id = read_id(id);
  return given;
}

void require_contact_header(const std::vector<std::string>& header) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto& column = header[i];
    const bool attribute
      = column.starts_with(attribute_column) && column.size() > attribute_column.size();
    if (!attribute && std::ranges::find(columns, column) == columns.end())
      malformed(column, "is no column of contacts: there are id, name, addresses, language, "
                        "time_zone, phone_books and attributes.<name>");
    if (std::count(header.begin(), header.end(), column) > 1)
      malformed(column, "is a column twice");
  }
}

contact_members read_contact_row(const std::vector<std::string>& header,
                                 const std::vector<std::string>& fields) {
  if (fields.size() != header.size())
    throw refusal{model::errc::malformed, "the row has " + std::to_string(fields.size())
                                            + " fields and the header "
                                            + std::to_string(header.size())};
  contact_members given;
  for (std::size_t i = 0; i < fields.size(); ++i)
    read_field(header[i], fields[i], given);
  return given;
}

model::address read_contact_address(std::string_view member, std::string_view text) {
  auto found = model::address::parse(text);
  if (!found)
    found = model::address::parse_carrier(text);
  if (!found)
    malformed(member, "has `" + std::string{text.substr(0, 80)} + "`, which is no address");
  return std::move(*found);
}

std::vector<model::address> read_contact_addresses(const object_reader& in,
                                                   std::string_view member) {
  std::vector<model::address> found;
  for (const auto& text : read_texts(in, member))
    found.push_back(read_contact_address(member, text));
  return found;
}

void apply(model::contact& who, const contact_members& given, contact_update how) {
  if (given.name)
    who.name = *given.name;
  if (given.language)
    who.language = *given.language;
  if (given.time_zone)
    who.time_zone = *given.time_zone;
  for (const auto& [name, value] : given.attributes)
    model::set_attribute(who, name, value);
  if (given.addresses && how == contact_update::replace)
    who.addresses = *given.addresses;
  else if (given.addresses)
    for (const auto& one : *given.addresses)
      model::add_address(who, one);
  if (given.phone_books && how == contact_update::replace)
    who.phone_books = *given.phone_books;
  else if (given.phone_books)
    for (const auto& book : *given.phone_books)
      model::add_phone_book(who, book);
}

void write_contact(json_writer& json, const model::contact& who, audience numbers) {
  json.begin_object().key("id").text(who.id.text()).key("name").text(who.name);
  json.key("addresses").begin_array();
  for (const auto& one : who.addresses)
    json.text(shown_address(one, numbers).text());
  json.end_array();
  write_attributes(json, who.attributes);
  json.key("language").text_or_null(who.language).key("time_zone").text_or_null(who.time_zone);
  json.key("phone_books").begin_array();
  for (const auto& book : who.phone_books)
    json.text(book);
  json.end_array().key("created_at").text(model::to_rfc3339(who.created_at));
  json.key("updated_at").text(model::to_rfc3339(who.updated_at)).end_object();
}

}  // namespace parley::ingress
