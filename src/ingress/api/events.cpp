#include "src/ingress/api/call.hpp"
#include "src/ingress/event_representation.hpp"
#include "src/ingress/event_types.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

#include <limits>

namespace parley::ingress {

namespace {

/// Looked at for one page. Whoever asks for rare types gets an empty page rather than a late one.
constexpr std::size_t scan_records_max = 100'000;

}  // namespace

std::optional<model::answer> list_events(const api_context& context, const api_call& call) {
  const query_parameters parameters{call.query, {"after", "types", "limit", "cursor"}};
  constexpr auto seq_max = std::numeric_limits<std::uint64_t>::max() - 1;
  const auto after = parameters.number("after", 0, seq_max);
  const auto cursor = parameters.number("cursor", 0, seq_max);
  if (after && cursor)
    throw refusal{model::errc::malformed, "only one of `after` and `cursor` can be given"};
  const auto page = context.feed.read_page({.after = after.value_or(cursor.value_or(0)),
                                            .organization = call.caller.owner->index,
                                            .types = type_filter{
                                              parameters.text("types").value_or("")},
                                            .limit = parameters.limit(),
                                            .scan_records_max = scan_records_max,
                                            .who = call.who});
  model::answer made;
  made.body = "{\"items\":[";
  for (const auto& item : page.items) {
    if (made.body.back() != '[')
      made.body += ',';
    made.body += *item.event.json;
  }
  made.body += "],\"next\":";
  const auto last = std::to_string(page.last_seq);
  made.body += page.at_end ? "null" : '"' + last + '"';
  made.body += ",\"last_seq\":" + last + '}';
  return made;
}

}  // namespace parley::ingress
