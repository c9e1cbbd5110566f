#include "src/ingress/api/lookup.hpp"

#include "src/ingress/problem.hpp"

namespace parley::ingress {

std::optional<model::conversation_state> find_conversation(const store::reader& reader,
                                                           const model::conversation_id& id) {
  // Between the two reads the conversation can be closed and the pair's next one opened; then the
  // second look finds it closed for good.
  for (int look = 0; look < 2; ++look) {
    auto place = reader.find(id);
    if (!place)
      return std::nullopt;
    if (place->closed)
      return std::move(place->closed);
    auto current = load_pair(reader, place->pair_key);
    if (current && current->id == id)
      return current;
  }
  return std::nullopt;
}

model::conversation_state require_conversation(const store::reader& reader, const viewer& who,
                                               std::string_view id) {
  const auto parsed = model::conversation_id::parse(id);
  if (parsed)
    if (auto found = find_conversation(reader, *parsed))
      if (found->pair.organization == who.owner->index && may_see(who, *found))
        return std::move(*found);
  throw refusal{model::errc::not_found, "there is no such conversation"};
}

}  // namespace parley::ingress
