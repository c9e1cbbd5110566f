#include "actors/consent_register.hpp"

namespace parley::actors {

consent_register::standing consent_register::newest_of(const scope& asked) const {
  {
    const std::lock_guard lock{mutex_};
    const auto found = pending_.find(asked);
    if (found != pending_.end())
      return found->second;
  }
  // Whatever was pending above is durable by now, or was never there.
  const auto& [organization, address, number] = asked;
  const auto stored = reader_.consent_of(organization, address, number);
  return stored ? standing{stored->seq, stored->change.state} : standing{};
}

bool consent_register::has_opted_out(std::uint32_t organization, std::string_view address,
                                     std::string_view number) const {
  const auto of_number = newest_of({organization, std::string{address}, std::string{number}});
  const auto of_all = newest_of({organization, std::string{address}, {}});
  const auto& newest = of_number.seq > of_all.seq ? of_number : of_all;
  return newest.seq != 0 && newest.state == model::consent_state::opted_out;
}

void consent_register::note(std::uint32_t organization, const model::consent_changed& change,
                            std::uint64_t seq) {
  const std::lock_guard lock{mutex_};
  auto& known = pending_[{organization, change.address, change.number}];
  if (known.seq < seq)
    known = {seq, change.state};
}

void consent_register::settle(std::uint32_t organization, const model::consent_changed& change,
                              std::uint64_t seq) {
  const std::lock_guard lock{mutex_};
  const auto found = pending_.find({organization, change.address, change.number});
  if (found != pending_.end() && found->second.seq <= seq)
    pending_.erase(found);
}

}  // namespace parley::actors
