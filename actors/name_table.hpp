#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::actors {

/// Values by organisation and name, in a table that grows while it is read.
///
/// Readers on any thread take no lock and write nothing: an atomic load for the table and one for
/// each slot looked at, which is what a plain look-up costs. Additions come from one thread at a
/// time. Nothing is ever taken out, so what was found stays where it is for as long as the table
/// lives; and a slot array that became too small is kept, because somebody may still be reading it:
/// all of them together are smaller than the one in use.
template <class Value>
class name_table {
public:
  name_table() { use_slots(slots_at_first); }

  /// Null when there is none of that name.
  [[nodiscard]] const Value* find(std::uint32_t organization,
                                  std::string_view name) const noexcept {
    const auto* slots = newest_.load(std::memory_order_acquire);
    const auto wanted = hash(organization, name);
    for (auto i = wanted & slots->mask;; i = (i + 1) & slots->mask) {
      const auto* found = slots->at[i].load(std::memory_order_acquire);
      if (found == nullptr)
        return nullptr;
      if (found->hash == wanted && found->organization == organization && found->name == name)
        return &found->value;
    }
  }

  /// Adds what must not be there yet. One thread at a time.
  void add(std::uint32_t organization, std::string name, Value value) {
    const auto hashed = hash(organization, name);
    entries_.push_back({hashed, organization, std::move(name), std::move(value)});
    const auto* slots = newest_.load(std::memory_order_relaxed);
    if (2 * entries_.size() > slots->mask + 1)
      use_slots(2 * (slots->mask + 1));
    else
      put(*slots, entries_.back());
  }

  /// Calls `call` with every value, in no order. Any thread.
  template <class F>
  void each(F&& call) const {
    const auto* slots = newest_.load(std::memory_order_acquire);
    for (std::size_t i = 0; i <= slots->mask; ++i)
      if (const auto* found = slots->at[i].load(std::memory_order_acquire))
        call(found->value);
  }

private:
  static constexpr std::size_t slots_at_first = 16;

  struct entry {
    std::size_t hash;
    std::uint32_t organization;
    std::string name;
    Value value;
  };
  /// A power of two of them, at most half in use, so that a search soon meets an empty one.
  struct slot_array {
    std::size_t mask;
    std::unique_ptr<std::atomic<const entry*>[]> at;
  };

  static std::size_t hash(std::uint32_t organization, std::string_view name) noexcept {
    return std::hash<std::string_view>{}(name) ^ (organization * std::size_t{0x9e3779b9});
  }

  static void put(const slot_array& slots, const entry& what) noexcept {
    auto i = what.hash & slots.mask;
    while (slots.at[i].load(std::memory_order_relaxed) != nullptr)
      i = (i + 1) & slots.mask;
    slots.at[i].store(&what, std::memory_order_release);
  }

  /// Lets readers have an array of that size with everything in it.
  void use_slots(std::size_t count) {
    auto made = std::make_unique<slot_array>(
      slot_array{count - 1, std::make_unique<std::atomic<const entry*>[]>(count)});
    for (const auto& one : entries_)
      put(*made, one);
    newest_.store(made.get(), std::memory_order_release);
    arrays_.push_back(std::move(made));
  }

  std::deque<entry> entries_;  ///< Which never move.
  std::vector<std::unique_ptr<slot_array>> arrays_;
  std::atomic<const slot_array*> newest_{nullptr};
};

}  // namespace parley::actors
