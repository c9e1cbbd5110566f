#include "actors/posting_window.hpp"

#include <algorithm>
#include <vector>

namespace parley::actors {

void posting_window::add(posting_key key, outgoing_event event) {
  auto& line = lines_[event.conversation];
  // What was chosen goes ahead of what the journal brings, but not of what has begun.
  const auto from = line.begin() + (line.empty() ? 0 : 1);
  line.insert(std::upper_bound(from, line.end(), key), key);
  if (line.size() == 1)
    ready_.insert(key);
  bytes_ += event.body->size();
  open_.emplace(std::move(key), entry{{std::move(event), 0, {}}, false});
}

std::optional<posting_key> posting_window::begin_next(time_point now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    ready_.insert(later_.begin()->second);
    later_.erase(later_.begin());
  }
  if (ready_.empty())
    return std::nullopt;
  auto key = *ready_.begin();
  ready_.erase(ready_.begin());
  open_.at(key).begun = true;
  return key;
}

void posting_window::retry(const posting_key& key, time_point when) {
  open_.at(key).begun = false;
  later_.emplace(when, key);
}

void posting_window::let_next(const model::id128& conversation) {
  const auto line = lines_.find(conversation);
  line->second.pop_front();
  if (line->second.empty())
    lines_.erase(line);
  else
    ready_.insert(line->second.front());
}

void posting_window::remove(const posting_key& key) {
  const auto found = open_.find(key);
  bytes_ -= found->second.what.event.body->size();
  open_.erase(found);
}

void posting_window::settle(const posting_key& key) {
  const auto conversation = open_.at(key).what.event.conversation;
  remove(key);
  let_next(conversation);
}

void posting_window::hurry() {
  for (auto& [when, key] : later_)
    ready_.insert(key);
  later_.clear();
}

void posting_window::forget_live() {
  std::vector<posting_key> leaving;
  for (const auto& [key, what] : open_)
    if (key.live)
      leaving.push_back(key);
  for (const auto& key : leaving) {
    const auto conversation = open_.at(key).what.event.conversation;
    auto& line = lines_.at(conversation);
    const bool front = line.front() == key;
    std::erase(line, key);
    ready_.erase(key);
    std::erase_if(later_, [&](const auto& one) { return one.second == key; });
    remove(key);
    if (line.empty())
      lines_.erase(conversation);
    else if (front)
      ready_.insert(line.front());
  }
}

std::optional<std::uint64_t> posting_window::first_live() const {
  const auto found = open_.lower_bound({.live = true, .seq = 0, .event = {}});
  return found == open_.end() ? std::nullopt : std::optional{found->first.seq};
}

std::optional<posting_window::time_point> posting_window::next_time() const {
  return later_.empty() ? std::nullopt : std::optional{later_.begin()->first};
}

}  // namespace parley::actors
