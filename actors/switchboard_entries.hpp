#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "actors/switchboard.hpp"

namespace parley::actors {

/// A directory name within an organisation.
struct entry_key {
  std::uint32_t organization = 0;
  std::string name;
};
struct entry_key_view {
  std::uint32_t organization = 0;
  std::string_view name;
};

struct entry_hash {
  using is_transparent = void;
  std::size_t operator()(const entry_key_view& key) const noexcept {
    return std::hash<std::string_view>{}(key.name) ^ (key.organization * 0x9e3779b9U);
  }
  std::size_t operator()(const entry_key& key) const noexcept {
    return (*this)(entry_key_view{key.organization, key.name});
  }
};

struct entry_equal {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const noexcept {
    return a.organization == b.organization && std::string_view{a.name} == std::string_view{b.name};
  }
};

template <class Handle>
using entry_map = std::unordered_map<entry_key, Handle, entry_hash, entry_equal>;

/// The switchboard's lines; only the cast, which fills them, sees this header.
struct switchboard::entries {
  entry_map<number_actor> numbers;
  entry_map<sender_actor> senders;  ///< By the text of the address.
  entry_map<team_inbox_actor> team_inboxes;
  entry_map<participant_actor> participants;
};

}  // namespace parley::actors
