#include "src/ingress/api/object_reader.hpp"

#include "parley/text/utf8.hpp"
#include "src/ingress/problem.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <utility>

namespace parley::ingress {

namespace {

namespace json = boost::json;

constexpr std::size_t name_bytes_max = 128;

[[noreturn]] void malformed(std::string_view member, std::string_view why) {
  throw refusal{model::errc::malformed, '`' + std::string{member} + "` " + std::string{why}};
}

/// A string's text, checked.
std::string text_of(const json::value& value, std::string_view member, std::size_t bytes_max) {
  if (!value.is_string())
    malformed(member, "must be a string");
  const auto text = view_of(value.get_string());
  if (text.size() > bytes_max)
    malformed(member, "is longer than " + std::to_string(bytes_max) + " bytes");
  if (!text::is_clean_utf8(text))
    malformed(member, "must be UTF-8 without NUL");
  return std::string{text};
}

void require_object(const json::value& value) {
  if (!value.is_object())
    throw refusal{model::errc::malformed, "the body must be a JSON object"};
}

}  // namespace

std::string_view view_of(json::string_view text) noexcept {
  return {text.data(), text.size()};
}

json::value parse_json(std::string_view text, std::size_t depth_max) {
  json::parse_options options;
  options.max_depth = depth_max;
  json::error_code fault;
  auto value = json::parse({text.data(), text.size()}, fault, {}, options);
  if (fault)
    throw refusal{model::errc::malformed,
                  "the body is no JSON that can be read: " + fault.message()};
  return value;
}

object_reader::object_reader(std::string_view text, std::size_t depth_max)
  : value_(parse_json(text, depth_max)) {
  require_object(value_);
}

object_reader::object_reader(json::value object) : value_(std::move(object)) {
  require_object(value_);
}

void object_reader::allow_only(std::initializer_list<std::string_view> known,
                               std::initializer_list<std::string_view> later) const {
  for (const auto& member : value_.get_object()) {
    const auto name = view_of(member.key());
    if (std::ranges::find(later, name) != later.end())
      malformed(name, "is not supported yet");
    if (std::ranges::find(known, name) == known.end())
      throw refusal{model::errc::malformed,
                    "the member `" + std::string{name} + "` is not known here"};
  }
}

const json::value* object_reader::find(std::string_view name) const {
  return value_.get_object().if_contains({name.data(), name.size()});
}

std::string object_reader::text(std::string_view name, std::size_t bytes_max) const {
  const auto* member = find(name);
  return member == nullptr ? std::string{} : text_of(*member, name, bytes_max);
}

std::string object_reader::name(std::string_view member) const {
  auto value = text(member, name_bytes_max);
  if (value.empty() && find(member) != nullptr)
    malformed(member, "must not be empty");
  return value;
}

std::string object_reader::text_or_null(std::string_view name, std::size_t bytes_max) const {
  const auto* member = find(name);
  return member == nullptr || member->is_null() ? std::string{}
                                                : text_of(*member, name, bytes_max);
}

std::vector<std::string> object_reader::texts(std::string_view name, std::size_t count_max,
                                              std::size_t bytes_max) const {
  std::vector<std::string> found;
  const auto* member = find(name);
  if (member == nullptr)
    return found;
  if (!member->is_array())
    malformed(name, "must be an array of strings");
  if (member->get_array().size() > count_max)
    malformed(name, "has more than " + std::to_string(count_max) + " elements");
  for (const auto& element : member->get_array()) {
    auto text = text_of(element, name, bytes_max);
    if (text.empty())
      malformed(name, "must not hold an empty string");
    found.push_back(std::move(text));
  }
  auto sorted = found;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
    malformed(name, "names `" + *twice + "` twice");
  return found;
}

std::optional<std::int64_t> object_reader::integer(std::string_view name) const {
  const auto* member = find(name);
  if (member == nullptr || member->is_null())
    return std::nullopt;
  json::error_code fault;
  const auto value = member->to_number<std::int64_t>(fault);
  if (fault || member->is_double())
    malformed(name, "must be a whole number");
  return value;
}

double object_reader::real(std::string_view name) const {
  const auto* member = find(name);
  if (member == nullptr || !member->is_number())
    malformed(name, "must be a number");
  return member->to_number<double>();
}

}  // namespace parley::ingress
