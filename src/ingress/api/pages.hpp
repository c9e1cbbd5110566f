#pragma once

#include "parley/model/answer.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/query.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::ingress {

/// A cursor for a list that is ordered by name: the last name, in hex, so that it can be put into a
/// query as it is. It stays good when entries come and go.
[[nodiscard]] std::string name_cursor(std::string_view name);
/// The name behind a cursor; empty for none. Throws `refusal` (malformed).
[[nodiscard]] std::string name_of_cursor(std::string_view cursor);

/// A page of `lines` (name, and what `write` makes one item of), in order of name, as `limit` and
/// `cursor` of the query ask for it.
template <class Line, class Write>
[[nodiscard]] model::answer page_of(std::vector<std::pair<std::string_view, Line>> lines,
                                    const query_parameters& query, const Write& write) {
  const auto after = name_of_cursor(query.text("cursor").value_or(""));
  const auto limit = query.limit();
  std::erase_if(lines, [&](const auto& line) { return !after.empty() && line.first <= after; });
  const auto shown = std::min(limit, lines.size());
  std::ranges::partial_sort(lines, lines.begin() + static_cast<std::ptrdiff_t>(shown), {},
                            [](const auto& line) { return line.first; });
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items").begin_array();
  for (std::size_t i = 0; i < shown; ++i)
    write(json, lines[i].second);
  const bool more = lines.size() > shown;
  json.end_array().key("next").text_or_null(more ? name_cursor(lines[shown - 1].first) : "");
  json.end_object();
  return made;
}

}  // namespace parley::ingress
