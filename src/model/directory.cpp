#include "parley/model/directory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <unordered_map>
#include <utility>

namespace parley::model {

namespace {

template <class T>
const T* find_by(const std::vector<T>& all, std::string T::*member, std::string_view id) noexcept {
  const auto found = std::ranges::find(all, id, member);
  return found == all.end() ? nullptr : &*found;
}

struct number_key {
  std::uint32_t organization;
  std::string_view identifier;

  friend bool operator==(const number_key&, const number_key&) = default;
};

struct number_hash {
  std::size_t operator()(const number_key& key) const noexcept {
    return std::hash<std::string_view>{}(key.identifier) ^ key.organization * 0x9e3779b97f4a7c15U;
  }
};

/// A digest is as good as random: its first bytes are its hash.
struct digest_hash {
  std::size_t operator()(const sha256_digest& digest) const noexcept {
    std::size_t head = 0;
    std::memcpy(&head, digest.data(), sizeof head);
    return head;
  }
};

}  // namespace

const user* organization::find_user(std::string_view user_id) const noexcept {
  return find_by(users, &user::id, user_id);
}

const team* organization::find_team(std::string_view team_id) const noexcept {
  return find_by(teams, &team::id, team_id);
}

const business_hours* organization::find_hours(std::string_view wanted) const noexcept {
  const auto found = std::ranges::find(hours, wanted, &model::business_hours::id);
  return found == hours.end() ? nullptr : &*found;
}

const data_action* organization::find_data_action(std::string_view wanted) const noexcept {
  const auto found = std::ranges::find(data_actions, wanted, &model::data_action::id);
  return found == data_actions.end() ? nullptr : &*found;
}

const webhook* organization::find_webhook(std::string_view wanted) const noexcept {
  return find_by(webhooks, &webhook::id, wanted);
}

const message_template* organization::find_template(std::string_view wanted) const noexcept {
  return find_by(templates, &message_template::id, wanted);
}

const inbox* organization::find_inbox(std::string_view team) const noexcept {
  return find_by(inboxes, &inbox::team, team);
}

/// The keys are views into `organizations_`, which never changes: a look-up makes no string, and
/// nothing is stored twice.
struct directory::indexes {
  std::unordered_map<std::uint32_t, const organization*> by_index;
  std::unordered_map<std::string_view, const organization*> by_id;
  std::unordered_map<std::string_view, link_entry> links;
  std::unordered_map<number_key, number_entry, number_hash> numbers;
  std::unordered_map<sha256_digest, key_entry, digest_hash> keys;
};

directory::directory(std::vector<organization> organizations)
  : organizations_(std::move(organizations)), indexes_(std::make_unique<indexes>()) {
  for (const auto& owner : organizations_) {
    indexes_->by_index.try_emplace(owner.index, &owner);
    indexes_->by_id.try_emplace(owner.id, &owner);
    for (const auto& link : owner.links)
      indexes_->links.try_emplace(link.id, link_entry{&owner, &link});
    for (const auto& key : owner.keys)
      indexes_->keys.try_emplace(key.digest, key_entry{&owner, &key});
    for (const auto& number : owner.numbers) {
      const auto* link = find_by(owner.links, &link::id, number.link);
      indexes_->numbers.try_emplace(number_key{owner.index, number.identifier},
                                    number_entry{&owner, &number, link});
    }
  }
}

directory::~directory() = default;

const std::vector<organization>& directory::organizations() const noexcept {
  return organizations_;
}

const organization* directory::find_organization(std::uint32_t index) const noexcept {
  const auto found = indexes_->by_index.find(index);
  return found == indexes_->by_index.end() ? nullptr : found->second;
}

const organization* directory::find_organization(std::string_view id) const noexcept {
  const auto found = indexes_->by_id.find(id);
  return found == indexes_->by_id.end() ? nullptr : found->second;
}

std::optional<directory::link_entry> directory::find_link(std::string_view id) const noexcept {
  const auto found = indexes_->links.find(id);
  if (found == indexes_->links.end())
    return std::nullopt;
  return found->second;
}

std::optional<directory::number_entry>
directory::find_number(std::uint32_t organization_index,
                       std::string_view identifier) const noexcept {
  const auto found = indexes_->numbers.find(number_key{organization_index, identifier});
  if (found == indexes_->numbers.end())
    return std::nullopt;
  return found->second;
}

std::optional<directory::key_entry>
directory::find_key(const sha256_digest& digest) const noexcept {
  const auto found = indexes_->keys.find(digest);
  if (found == indexes_->keys.end())
    return std::nullopt;
  return found->second;
}

}  // namespace parley::model
