#include "src/ingress/query.hpp"

#include "parley/carrier/form.hpp"
#include "parley/text/utf8.hpp"
#include "src/ingress/problem.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace parley::ingress {

namespace {

constexpr std::size_t parameters_max = 32;
constexpr std::uint64_t limit_default = 100;
constexpr std::uint64_t limit_max = 1000;

[[noreturn]] void malformed(std::string detail) {
  throw refusal{model::errc::malformed, std::move(detail)};
}

std::string decoded(std::string_view text) {
  auto plain = carrier::percent_decode(text, true);
  if (!plain || !text::is_clean_utf8(*plain))
    malformed("the query has a broken percent escape or bytes that are not UTF-8");
  return std::move(*plain);
}

}  // namespace

query_parameters::query_parameters(std::string_view query,
                                   std::initializer_list<std::string_view> known) {
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty())
      continue;
    const auto equals = part.find('=');
    auto name = decoded(part.substr(0, equals));
    auto value
      = equals == std::string_view::npos ? std::string{} : decoded(part.substr(equals + 1));
    if (std::ranges::find(known, name) == known.end())
      malformed("the query parameter `" + name + "` is not known here");
    if (text(name))
      malformed("the query parameter `" + name + "` is given twice");
    if (parameters_.size() == parameters_max)
      malformed("too many query parameters");
    parameters_.emplace_back(std::move(name), std::move(value));
  }
}

std::optional<std::string_view> query_parameters::text(std::string_view name) const {
  const auto found
    = std::ranges::find(parameters_, name, &std::pair<std::string, std::string>::first);
  if (found == parameters_.end())
    return std::nullopt;
  return found->second;
}

std::optional<std::uint64_t> query_parameters::number(std::string_view name, std::uint64_t min,
                                                      std::uint64_t max) const {
  const auto given = text(name);
  if (!given)
    return std::nullopt;
  std::uint64_t value = 0;
  const auto* end = given->data() + given->size();
  const auto [stopped, error] = std::from_chars(given->data(), end, value);
  if (error != std::errc{} || stopped != end || value < min || value > max)
    malformed("the query parameter `" + std::string{name} + "` must be a number from "
              + std::to_string(min) + " to " + std::to_string(max));
  return value;
}

std::optional<bool> query_parameters::flag(std::string_view name) const {
  const auto given = text(name);
  if (!given)
    return std::nullopt;
  if (*given != "true" && *given != "false")
    malformed("the query parameter `" + std::string{name} + "` must be true or false");
  return *given == "true";
}

std::size_t query_parameters::limit() const {
  return number("limit", 1, limit_max).value_or(limit_default);
}

}  // namespace parley::ingress
