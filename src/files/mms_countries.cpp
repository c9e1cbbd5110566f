#include "parley/files/mms_countries.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

namespace parley::files {

namespace {

constexpr auto words = std::to_array<std::pair<std::string_view, mms_ways>>({
  {"both", mms_ways::both},
  {"outbound", mms_ways::outbound},
  {"inbound", mms_ways::inbound},
  {"none", mms_ways::none},
});

std::optional<mms_ways> ways_named(std::string_view word) {
  const auto* found = std::ranges::find(words, word, &decltype(words)::value_type::first);
  return found == words.end() ? std::nullopt : std::optional{found->second};
}

bool is_country(std::string_view code) {
  return code.size() == 2
         && std::ranges::all_of(code, [](char byte) { return byte >= 'A' && byte <= 'Z'; });
}

/// Calls `each` with every country and its ways; returns what is wrong with the first entry that
/// cannot be read, or that `each` does not take.
template <class Each>
std::string read(std::string_view table, Each&& each) {
  while (!table.empty()) {
    const auto entry = table.substr(0, table.find(' '));
    table.remove_prefix(std::min(table.size(), entry.size() + 1));
    if (entry.empty())
      continue;
    const auto colon = std::min(entry.find(':'), entry.size());
    const auto country = entry.substr(0, colon);
    const auto ways = ways_named(entry.substr(std::min(entry.size(), colon + 1)));
    if (!is_country(country) || !ways)
      return "must list countries as in `DE:none AU:outbound` (both, outbound, inbound, none), "
             "not `"
             + std::string{entry} + "`";
    if (!each(country, *ways))
      return "names `" + std::string{country} + "` twice";
  }
  return {};
}

}  // namespace

mms_countries::mms_countries(std::string_view table) {
  const auto wrong = read(table, [this](std::string_view country, mms_ways ways) {
    return ways_.emplace(country, ways).second;
  });
  if (!wrong.empty())
    throw std::invalid_argument{wrong};
}

std::string mms_countries::complaint(std::string_view table) {
  std::map<std::string, mms_ways, std::less<>> seen;
  return read(table, [&seen](std::string_view country, mms_ways ways) {
    return seen.emplace(country, ways).second;
  });
}

mms_ways mms_countries::ways_of(std::string_view country) const {
  const auto found = ways_.find(country);
  return found == ways_.end() ? mms_ways::both : found->second;
}

bool mms_countries::takes(std::string_view country) const {
  const auto ways = ways_of(country);
  return ways == mms_ways::both || ways == mms_ways::outbound;
}

}  // namespace parley::files
