#include "actors/stored_pair.hpp"

#include <utility>

#include "parley/conversation/rules.hpp"

namespace parley::actors {

std::optional<model::conversation_state> load_pair(const store::reader& reader,
                                                   std::string_view pair_key) {
  auto stored = reader.load(pair_key);
  if (!stored.snapshot && stored.tail.empty())
    return std::nullopt;
  model::conversation_state state;
  if (stored.snapshot) {
    state = std::move(*stored.snapshot);
  } else if (auto between = model::pair::from_key(pair_key)) {
    state.pair = std::move(*between);
  }
  for (const auto& record : stored.tail)
    conversation::apply(state, record.event, record.seq);
  return state;
}

}  // namespace parley::actors
