#include "actors/pending_contacts.hpp"

#include <stdexcept>

#include "parley/store/contact_table.hpp"

namespace parley::actors {

std::optional<model::contact> pending_contacts::find(std::uint32_t organization,
                                                     const model::contact_id& id) const {
  for (const auto* layer = this; layer != nullptr; layer = layer->below_)
    if (const auto found = layer->contacts_.find({organization, id});
        found != layer->contacts_.end())
      return found->second;
  return durable_->find_contact(organization, id);
}

std::optional<model::contact_id> pending_contacts::holder_of(std::uint32_t organization,
                                                             const model::address& what) const {
  for (const auto* layer = this; layer != nullptr; layer = layer->below_)
    if (const auto found = layer->holders_.find({organization, what});
        found != layer->holders_.end())
      return found->second;
  return durable_->contact_id_of(organization, what);
}

void pending_contacts::put(std::uint32_t organization, const model::contact& who) {
  for (const auto& address : who.addresses)
    if (const auto holder = holder_of(organization, address); holder && *holder != who.id)
      throw std::logic_error{"contacts: an address of another one"};
  if (const auto before = find(organization, who.id))
    let_go(organization, *before);
  for (const auto& address : who.addresses)
    holders_[{organization, address}] = who.id;
  contacts_[{organization, who.id}] = who;
}

void pending_contacts::remove(std::uint32_t organization, const model::contact_id& id) {
  const auto before = find(organization, id);
  if (!before)
    return;
  let_go(organization, *before);
  contacts_[{organization, id}] = std::nullopt;
}

void pending_contacts::let_go(std::uint32_t organization, const model::contact& who) {
  for (const auto& address : who.addresses)
    holders_[{organization, address}] = std::nullopt;
}

void pending_contacts::take_over(pending_contacts& layer) {
  for (auto& [key, who] : layer.contacts_)
    contacts_.insert_or_assign(key, std::move(who));
  for (auto& [key, holder] : layer.holders_)
    holders_.insert_or_assign(key, holder);
  layer.contacts_.clear();
  layer.holders_.clear();
}

std::vector<store::row> pending_contacts::rows() const {
  std::vector<store::row> made;
  made.reserve(changes());
  for (const auto& [key, who] : contacts_)
    made.push_back(who ? store::contact_row(key.first, *who)
                       : store::contact_gone_row(key.first, key.second));
  for (const auto& [key, holder] : holders_)
    made.push_back(holder ? store::contact_address_row(key.first, key.second, *holder)
                          : store::contact_address_gone_row(key.first, key.second));
  return made;
}

}  // namespace parley::actors
