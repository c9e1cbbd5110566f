#pragma once

#include "parley/model/directory_words.hpp"
#include "src/ingress/api/object_reader.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/problem.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::ingress {

// Members of the directory's entries, by type: a member that is not given leaves what is there. The
// bounds here only keep what is read within reason: the body has met its own bound in bytes, and
// the model's rules know the true ones. Everything throws `refusal` (malformed) naming the member.

inline constexpr std::size_t member_bytes_max = 16'384;
inline constexpr std::size_t member_elements_max = 100'000;

[[noreturn]] void refuse_member(std::string_view member, const std::string& why);

/// What an entry is called by: needed when `id` is empty, and else not to be changed.
void read_id(const object_reader& in, std::string_view member, std::string& id);
/// Null clears it.
void read_text(const object_reader& in, std::string_view member, std::string& text);
void read_texts(const object_reader& in, std::string_view member, std::vector<std::string>& texts);
/// Null clears it.
void read_seconds(const object_reader& in, std::string_view member,
                  std::optional<std::int64_t>& seconds);
/// Null is 0.
void read_number(const object_reader& in, std::string_view member, std::int64_t& number);
void read_flag(const object_reader& in, std::string_view member, bool& flag);

template <class T>
void read_word(const object_reader& in, std::string_view member, T& value) {
  if (!in.given(member))
    return;
  const auto text = in.text(member, member_bytes_max);
  const auto found = model::value_of<T>(text);
  if (!found)
    refuse_member(member, "must be one of " + model::all_words<T>() + ", not `" + text + '`');
  value = *found;
}

/// Reads an object within; whatever is refused there names `place` too.
template <class Read>
void read_within(const boost::json::value& object, const std::string& place, Read&& read) {
  if (!object.is_object())
    refuse_member(place, "must be an object");
  try {
    read(object_reader{object});
  } catch (const refusal& no) {
    throw refusal{no.code(), "in `" + place + "`: " + no.detail()};
  }
}

/// Reads the objects of an array, each into a fresh element, in place of what was there.
template <class T, class Read>
void read_each(const object_reader& in, std::string_view member, std::vector<T>& all, Read&& read) {
  const auto* given = in.find(member);
  if (given == nullptr)
    return;
  if (!given->is_array())
    refuse_member(member, "must be an array of objects");
  all.clear();
  for (const auto& element : given->get_array()) {
    auto place = std::string{member} + '[' + std::to_string(all.size()) + ']';
    auto& fresh = all.emplace_back();
    read_within(element, place, [&](const object_reader& within) { read(within, fresh); });
  }
}

void write_texts(json_writer& json, std::string_view member, const std::vector<std::string>& texts);
void write_seconds(json_writer& json, std::string_view member,
                   const std::optional<std::int64_t>& seconds);

}  // namespace parley::ingress
