#include "src/ingress/api/call.hpp"
#include "src/ingress/event_representation.hpp"
#include "src/ingress/event_types.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

#include <limits>

namespace parley::ingress {

std::optional<model::answer> list_events(const api_context& context, const api_call& call) {
  const query_parameters parameters{call.query, {"after", "types", "limit", "cursor"}};
  constexpr auto seq_max = std::numeric_limits<std::uint64_t>::max() - 1;
  const auto after = parameters.number("after", 0, seq_max);
  const auto cursor = parameters.number("cursor", 0, seq_max);
  if (after && cursor)
    throw refusal{model::errc::malformed, "only one of `after` and `cursor` can be given"};
  const type_filter types{parameters.text("types").value_or("")};
  const auto page = context.feed.read_page(after.value_or(cursor.value_or(0)),
                                           call.caller.owner->index, types, parameters.limit());
  model::answer made;
  made.body = "{\"items\":[";
  for (const auto& item : page.items) {
    if (made.body.back() != '[')
      made.body += ',';
    made.body += *item.json;
  }
  made.body += "],\"next\":";
  const auto last = std::to_string(page.last_seq);
  made.body += page.at_end ? "null" : '"' + last + '"';
  made.body += ",\"last_seq\":" + last + '}';
  return made;
}

}  // namespace parley::ingress
