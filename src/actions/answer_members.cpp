#include "src/actions/answer_members.hpp"

#include "parley/text/utf8.hpp"

#include <algorithm>
#include <utility>

namespace parley::actions {

namespace {

namespace json = boost::json;

std::string_view view_of(json::string_view text) noexcept {
  return {text.data(), text.size()};
}

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::size_t bytes_max = 64;
  if (!text::is_clean_utf8(text))
    return "something that is not text";
  std::size_t kept = 0;
  while (kept < text.size()) {
    const auto bytes = text::clean_sequence_bytes(text.substr(kept));
    if (kept + bytes > bytes_max)
      return '`' + std::string{text.substr(0, kept)} + "…`";
    kept += bytes;
  }
  return '`' + std::string{text} + '`';
}

void member::fail(std::string_view why) const {
  throw fault{quoted(name_) + ' ' + std::string{why}};
}

bool member::says_something() const noexcept {
  switch (value_->kind()) {
    case json::kind::null:
      return false;
    case json::kind::bool_:
      return value_->get_bool();
    case json::kind::string:
      return !value_->get_string().empty();
    case json::kind::array:
      return !value_->get_array().empty();
    case json::kind::object:
      return !value_->get_object().empty();
    default:
      return true;
  }
}

bool member::flag() const {
  if (!value_->is_bool())
    fail("must be true or false");
  return value_->get_bool();
}

std::string member::text(std::size_t bytes_max) const {
  if (!value_->is_string())
    fail("must be a string");
  const auto text = view_of(value_->get_string());
  if (text.size() > bytes_max)
    fail("is longer than " + std::to_string(bytes_max) + " bytes");
  if (!text::is_clean_utf8(text))
    fail("must be UTF-8 without NUL");
  return std::string{text};
}

std::string member::name(std::size_t bytes_max) const {
  auto value = text(bytes_max);
  if (value.empty())
    fail("must not be empty");
  return value;
}

std::vector<member> member::elements(std::size_t count_max) const {
  if (!value_->is_array())
    fail("must be an array");
  if (value_->get_array().size() > count_max)
    fail("has more than " + std::to_string(count_max) + " elements");
  std::vector<member> found;
  for (const auto& element : value_->get_array())
    found.emplace_back(name_, element);
  return found;
}

std::vector<std::string> member::names(std::size_t count_max, std::size_t bytes_max) const {
  std::vector<std::string> found;
  for (const auto& element : elements(count_max))
    found.push_back(element.name(bytes_max));
  auto sorted = found;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
    fail("names " + quoted(*twice) + " twice");
  return found;
}

const json::object& member::object(std::initializer_list<std::string_view> known) const {
  if (!value_->is_object())
    fail("must be an object");
  for (const auto& inner : value_->get_object())
    if (std::ranges::find(known, view_of(inner.key())) == known.end())
      fail("has no member " + quoted(view_of(inner.key())));
  return value_->get_object();
}

std::optional<member> member::find(std::string_view inner) const {
  const auto* found = value_->get_object().if_contains({inner.data(), inner.size()});
  if (found == nullptr || found->is_null())
    return std::nullopt;
  return member{name_.empty() ? std::string{inner} : name_ + '.' + std::string{inner}, *found};
}

}  // namespace parley::actions
