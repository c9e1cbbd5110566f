#include "parley/model/address.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <utility>

#include "parley/model/limits.hpp"

namespace parley::model {

namespace {

constexpr std::size_t identifier_bytes_max = 64;
constexpr std::size_t organization_bytes = 4;
/// Part of no identifier of a channel that has groups.
constexpr char group_separator = ',';

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

bool all_digits(std::string_view text) noexcept {
  return std::ranges::all_of(text, is_digit);
}

bool is_e164(std::string_view text) noexcept {
  return text.starts_with('+') && text.size() >= 8 && text.size() <= 16
         && all_digits(text.substr(1));
}

bool is_short_code(std::string_view text) noexcept {
  return text.size() >= 3 && text.size() <= 8 && all_digits(text);
}

/// A WhatsApp user without a phone number: country, dot, then letters, digits and further dots
/// (an id of a parent account is `US.ENT.1181…`).
bool is_business_scoped_id(std::string_view text) noexcept {
  return text.size() > 3 && is_upper(text[0]) && is_upper(text[1]) && text[2] == '.'
         && text[3] != '.' && text.back() != '.'
         && std::ranges::all_of(text.substr(3),
                                [](char c) { return is_digit(c) || is_letter(c) || c == '.'; });
}

bool is_identifier(channel kind, std::string_view text) noexcept {
  if (text.empty() || text.size() > identifier_bytes_max)
    return false;
  switch (kind) {
    case channel::sms:
      return is_e164(text) || is_short_code(text);
    case channel::whatsapp:
      return is_e164(text) || is_business_scoped_id(text);
    case channel::chat:
      return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  }
  return false;
}

/// Sorted, each once, so that a set of parties has one text.
bool is_group_of(channel kind, const std::vector<std::string>& identifiers) noexcept {
  return kind == channel::sms && identifiers.size() >= 2
         && identifiers.size() <= group_parties_max
         && std::ranges::adjacent_find(identifiers, std::ranges::greater_equal{})
              == identifiers.end()
         && std::ranges::all_of(identifiers, [&](const std::string& one) {
              return is_identifier(kind, one);
            });
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const auto comma = text.find(group_separator);
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos)
      return parts;
    text.remove_prefix(comma + 1);
  }
}

std::optional<address> checked(channel kind, std::string_view identifier) {
  if (!is_identifier(kind, identifier))
    return std::nullopt;
  return address{kind, std::string{identifier}};
}

void append_text(std::string& out, const address& what) {
  out += to_string(what.kind);
  out += ':';
  out += what.identifier;
}

}  // namespace

std::string_view to_string(channel value) noexcept {
  switch (value) {
    case channel::sms:
      return "sms";
    case channel::whatsapp:
      return "whatsapp";
    case channel::chat:
      return "chat";
  }
  return {};
}

std::string address::text() const {
  std::string out;
  out.reserve(to_string(kind).size() + 1 + identifier.size());
  append_text(out, *this);
  return out;
}

std::optional<address> address::parse(std::string_view text) {
  constexpr std::array channels{channel::sms, channel::whatsapp, channel::chat};
  const auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  for (const auto kind : channels)
    if (text.substr(0, colon) == to_string(kind))
      return checked(kind, text.substr(colon + 1));
  return std::nullopt;
}

std::optional<address> address::parse_carrier(std::string_view text) {
  constexpr std::string_view whatsapp_prefix = "whatsapp:";
  if (text.starts_with(whatsapp_prefix))
    return checked(channel::whatsapp, text.substr(whatsapp_prefix.size()));
  return checked(channel::sms, text);
}

bool address::is_group() const noexcept {
  return kind == channel::sms && identifier.find(group_separator) != std::string::npos;
}

std::vector<address> address::members() const {
  if (!is_group())
    return {*this};
  std::vector<address> all;
  for (auto& part : split(identifier))
    all.push_back({kind, std::move(part)});
  return all;
}

std::optional<address> address::group_of(channel kind, std::vector<std::string> identifiers) {
  std::ranges::sort(identifiers);
  if (!is_group_of(kind, identifiers))
    return std::nullopt;
  address group{kind, {}};
  for (const auto& one : identifiers) {
    if (!group.identifier.empty())
      group.identifier += group_separator;
    group.identifier += one;
  }
  return group;
}

std::optional<address> address::parse_peer(std::string_view text) {
  constexpr std::string_view sms_prefix = "sms:";
  if (!text.starts_with(sms_prefix) || text.find(group_separator) == std::string_view::npos)
    return parse(text);
  const auto identifiers = text.substr(sms_prefix.size());
  if (!is_group_of(channel::sms, split(identifiers)))
    return std::nullopt;
  return address{channel::sms, std::string{identifiers}};
}

std::string pair::key() const {
  std::string out;
  out.reserve(organization_bytes + to_string(ours.kind).size() + ours.identifier.size()
              + to_string(theirs.kind).size() + theirs.identifier.size() + 3);
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    out += static_cast<char>(static_cast<unsigned char>(organization >> shift));
  append_text(out, ours);
  out += '\0';
  append_text(out, theirs);
  return out;
}

std::optional<pair> pair::from_key(std::string_view key) {
  if (key.size() < organization_bytes)
    return std::nullopt;
  pair found;
  for (const char byte : key.substr(0, organization_bytes))
    found.organization = found.organization << 8U | static_cast<unsigned char>(byte);
  key.remove_prefix(organization_bytes);
  const auto nul = key.find('\0');
  if (nul == std::string_view::npos)
    return std::nullopt;
  auto ours = address::parse(key.substr(0, nul));
  auto theirs = address::parse_peer(key.substr(nul + 1));
  if (!ours || !theirs)
    return std::nullopt;
  found.ours = std::move(*ours);
  found.theirs = std::move(*theirs);
  return found;
}

}  // namespace parley::model
