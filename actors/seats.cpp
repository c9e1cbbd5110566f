#include "actors/seats.hpp"

#include <algorithm>

namespace parley::actors {

std::size_t seats::count(const name& who, std::size_t limit) const {
  const auto found = reserved_.find(who);
  const auto reserved = std::min(found == reserved_.end() ? 0 : found->second, limit);
  return reserved + reader_.count_held(who.first, who.second, limit - reserved);
}

std::size_t seats::taken(std::uint32_t organization, const std::string& user,
                         std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  return count({organization, user}, limit);
}

bool seats::try_reserve(std::uint32_t organization, const std::string& user, std::size_t max) {
  const name who{organization, user};
  const std::lock_guard lock{mutex_};
  if (max != 0 && count(who, max) >= max)
    return false;
  ++reserved_[who];
  return true;
}

void seats::end(std::uint32_t organization, const std::string& user) {
  const std::lock_guard lock{mutex_};
  const auto found = reserved_.find({organization, user});
  if (found != reserved_.end() && --found->second == 0)
    reserved_.erase(found);
}

}  // namespace parley::actors
