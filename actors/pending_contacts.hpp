#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "parley/model/contact.hpp"
#include "parley/store/reader.hpp"
#include "parley/store/rows.hpp"

namespace parley::actors {

/// The contacts as they will be when the changes that are accepted are durable: what the store has,
/// and over it what is pending. An address belongs to one contact at most, always.
/// A change that is given up leaves nothing: it is made on a layer of its own, which is taken over
/// only when the change is whole. One thread. Throws `corruption_error` as the reader does.
class pending_contacts {
public:
  /// On what is durable.
  explicit pending_contacts(const store::reader& reader) noexcept : durable_(&reader) {}
  /// A layer on `below`, which must outlive it and not change meanwhile.
  explicit pending_contacts(const pending_contacts& below) noexcept
    : durable_(below.durable_), below_(&below) {}
  pending_contacts(pending_contacts&&) = delete;
  pending_contacts& operator=(const pending_contacts&) = delete;

  [[nodiscard]] std::optional<model::contact> find(std::uint32_t organization,
                                                   const model::contact_id& id) const;
  /// Whose address it is.
  [[nodiscard]] std::optional<model::contact_id> holder_of(std::uint32_t organization,
                                                           const model::address& what) const;

  /// Adds the contact, or puts it in place of the one of its id. Its addresses are nobody else's:
  /// asked before, and a `std::logic_error` otherwise, with nothing changed.
  void put(std::uint32_t organization, const model::contact& who);
  /// Nothing happens when there is none of that id.
  void remove(std::uint32_t organization, const model::contact_id& id);

  /// Takes over what the layer has; it was made on this.
  void take_over(pending_contacts& layer);

  /// What has to be written, each row once.
  [[nodiscard]] std::vector<store::row> rows() const;
  /// Contacts and addresses that have changed.
  [[nodiscard]] std::size_t changes() const noexcept { return contacts_.size() + holders_.size(); }

private:
  using contact_key = std::pair<std::uint32_t, model::contact_id>;
  using address_key = std::pair<std::uint32_t, model::address>;

  void let_go(std::uint32_t organization, const model::contact& who);

  const store::reader* durable_;
  const pending_contacts* below_ = nullptr;
  // What is not there any more is there without a value.
  std::map<contact_key, std::optional<model::contact>> contacts_;
  std::map<address_key, std::optional<model::contact_id>> holders_;
};

}  // namespace parley::actors
