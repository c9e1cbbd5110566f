#include "parley/model/contact_rules.hpp"

#include "parley/model/limits.hpp"

#include <algorithm>
#include <cstddef>

namespace parley::model {

namespace {

using fault = std::optional<entry_fault>;

constexpr std::size_t language_bytes_max = 35;  // RFC 5646, 4.4.1.
constexpr std::size_t language_part_bytes_max = 8;
constexpr std::size_t time_zone_bytes_max = 64;

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_letter_or_digit(char c) noexcept {
  return is_letter(c) || (c >= '0' && c <= '9');
}

/// A language of two or more letters, then parts of letters and digits behind hyphens.
bool is_language(std::string_view text) noexcept {
  if (text.size() > language_bytes_max)
    return false;
  for (bool first = true;; first = false) {
    const auto part = text.substr(0, text.find('-'));
    if (part.empty() || part.size() > language_part_bytes_max)
      return false;
    if (first ? part.size() < 2 || !std::ranges::all_of(part, is_letter)
              : !std::ranges::all_of(part, is_letter_or_digit))
      return false;
    if (part.size() == text.size())
      return true;
    text.remove_prefix(part.size() + 1);
  }
}

/// The form of an IANA name. Whether there is such a zone depends on the machine's tables.
bool is_time_zone(std::string_view text) noexcept {
  return text.size() <= time_zone_bytes_max && is_letter(text.front()) && text.back() != '/'
         && std::ranges::all_of(text, [](char c) {
              return is_letter_or_digit(c) || c == '_' || c == '+' || c == '-' || c == '/';
            });
}

std::string more_than(std::size_t max, std::string_view what) {
  return "has more than " + std::to_string(max) + ' ' + std::string{what};
}

fault addresses_fault(const contact& who) {
  if (who.addresses.size() > contact_addresses_max)
    return entry_fault{"addresses", more_than(contact_addresses_max, "elements"), {},
                       errc::too_many};
  for (std::size_t i = 0; i < who.addresses.size(); ++i) {
    const auto& one = who.addresses[i];
    if (one.kind == channel::chat)
      return entry_fault{"addresses", "has `" + one.text() + "`: chat is for users, not for people "
                                      "outside", i};
    if (std::find(who.addresses.begin(), who.addresses.begin() + static_cast<std::ptrdiff_t>(i),
                  one)
        != who.addresses.begin() + static_cast<std::ptrdiff_t>(i))
      return entry_fault{"addresses", "names `" + one.text() + "` twice", i};
  }
  return std::nullopt;
}

fault attributes_fault(const contact& who) {
  if (who.attributes.size() > contact_attributes_max)
    return entry_fault{"attributes", more_than(contact_attributes_max, "members"), {},
                       errc::too_many};
  for (std::size_t i = 0; i < who.attributes.size(); ++i) {
    const auto& [name, value] = who.attributes[i];
    if (name.empty() || name.size() > contact_attribute_name_bytes_max)
      return entry_fault{"attributes", "has a name that is not of 1 to "
                                         + std::to_string(contact_attribute_name_bytes_max)
                                         + " bytes", i};
    if (value.size() > contact_attribute_value_bytes_max)
      return entry_fault{"attributes", "has `" + name + "` with a value of more than "
                                         + std::to_string(contact_attribute_value_bytes_max)
                                         + " bytes", i};
  }
  return std::nullopt;
}

fault phone_books_fault(const contact& who) {
  if (who.phone_books.size() > contact_phone_books_max)
    return entry_fault{"phone_books", more_than(contact_phone_books_max, "elements"), {},
                       errc::too_many};
  for (std::size_t i = 0; i < who.phone_books.size(); ++i) {
    const auto& book = who.phone_books[i];
    if (book.empty() || book.size() > phone_book_name_bytes_max)
      return entry_fault{"phone_books", "has a name that is not of 1 to "
                                          + std::to_string(phone_book_name_bytes_max)
                                          + " bytes", i};
  }
  return std::nullopt;
}

}  // namespace

std::optional<entry_fault> fault_of(const contact& who) {
  if (who.name.size() > contact_name_bytes_max)
    return entry_fault{"name",
                       "is longer than " + std::to_string(contact_name_bytes_max) + " bytes"};
  if (!who.language.empty() && !is_language(who.language))
    return entry_fault{"language", "must be a language tag such as en or pt-BR"};
  if (!who.time_zone.empty() && !is_time_zone(who.time_zone))
    return entry_fault{"time_zone", "must be a name such as Europe/Berlin"};
  if (auto found = addresses_fault(who))
    return found;
  if (auto found = attributes_fault(who))
    return found;
  return phone_books_fault(who);
}

bool has_address(const contact& who, const address& what) noexcept {
  return std::ranges::find(who.addresses, what) != who.addresses.end();
}

void add_address(contact& who, const address& what) {
  if (!has_address(who, what))
    who.addresses.push_back(what);
}

void remove_address(contact& who, const address& what) {
  std::erase(who.addresses, what);
}

void add_phone_book(contact& who, std::string_view book) {
  if (std::ranges::find(who.phone_books, book) == who.phone_books.end())
    who.phone_books.emplace_back(book);
}

std::string_view attribute_of(const contact& who, std::string_view name) noexcept {
  const auto found = std::ranges::lower_bound(who.attributes, name, {}, &attribute::name);
  return found != who.attributes.end() && found->name == name ? std::string_view{found->value}
                                                              : std::string_view{};
}

void set_attribute(contact& who, std::string_view name, std::string_view value) {
  const auto place = std::ranges::lower_bound(who.attributes, name, {}, &attribute::name);
  const bool there = place != who.attributes.end() && place->name == name;
  if (there && value.empty())
    who.attributes.erase(place);
  else if (there)
    place->value = value;
  else if (!value.empty())
    who.attributes.insert(place, {std::string{name}, std::string{value}});
}

void merge(contact& into, const contact& from) {
  for (const auto& one : from.addresses)
    add_address(into, one);
  for (const auto& [name, value] : from.attributes)
    if (attribute_of(into, name).empty())
      set_attribute(into, name, value);
  for (const auto& book : from.phone_books)
    add_phone_book(into, book);
  if (into.name.empty())
    into.name = from.name;
  if (into.language.empty())
    into.language = from.language;
  if (into.time_zone.empty())
    into.time_zone = from.time_zone;
}

}  // namespace parley::model
