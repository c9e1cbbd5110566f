#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <unordered_map>

#include "actors/conversation.hpp"
#include "actors/group_threads.hpp"
#include "actors/protocol.hpp"
#include "actors/services.hpp"
#include "parley/model/address.hpp"

namespace parley::actors {

/// A conversation that is in memory.
struct resident {
  model::address theirs;
  conversation_actor actor;
  std::uint64_t sent = 0;  ///< Commands passed on; it may go when it has handled as many.
  std::uint64_t facts_version = 0;  ///< Of what it knows of the number.
  bool leaving = false;    ///< Asked to go, and no command since.
  model::timestamp last_command{};
};

/// Not `noexcept` on purpose: libstdc++ then keeps each hash in its node, and a look-up among many
/// residents does not hash its neighbours again.
struct address_hash {
  std::size_t operator()(const model::address& a) const {
    return std::hash<std::string_view>{}(a.identifier) * 31 + static_cast<std::size_t>(a.kind);
  }
};

/// State of a NUMBER actor: which of its conversations are in memory, the idlest last.
struct number_state {
  static inline const char* name = "number";

  const services* shared = nullptr;
  number_facts_ptr facts;
  std::uint64_t facts_version = 0;  ///< How often `facts` have changed.
  group_threads groups;
  std::list<resident> residents;  ///< Most recently used first.
  std::unordered_map<model::address, std::list<resident>::iterator, address_hash> by_address;
};

/// Spawns a NUMBER. One a number of the directory; it lives as long as the broker.
number_actor::behavior_type number(number_actor::stateful_pointer<number_state> self,
                                   const services* shared, number_facts_ptr facts);

}  // namespace parley::actors
