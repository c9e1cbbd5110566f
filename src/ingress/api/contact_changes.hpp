#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "actors/pending_contacts.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/time.hpp"
#include "src/ingress/api/contact_entries.hpp"
#include "src/ingress/problem.hpp"

namespace parley::ingress {

// Changes of one organisation's contacts, as an API call asks for them. Whoever gets a `refusal`
// gives up the layer that the change was made on, and nothing was changed.

/// The contact of that id. Throws `refusal` (not_found).
[[nodiscard]] model::contact require_contact(const actors::pending_contacts& now,
                                             std::uint32_t organization,
                                             const model::contact_id& id);

/// Puts the contact. Throws `refusal`: malformed, too_many; address_taken, which names the other
/// contact.
void put_contact(actors::pending_contacts& now, std::uint32_t organization,
                 const model::contact& who);

/// Gives `into` what `from` has, which is gone then. Throws `refusal`: not_found, malformed,
/// too_many.
model::contact merge_contacts(actors::pending_contacts& now, std::uint32_t organization,
                              const model::contact_id& into, const model::contact_id& from,
                              model::timestamp at);

/// Addresses that come to a contact and go from it.
struct address_change {
  std::vector<model::address> add;
  std::vector<model::address> remove;
  bool move = false;  ///< What is another contact's is taken from that one; else it is refused.
};

/// Throws `refusal`: not_found, address_taken, malformed, too_many.
model::contact change_addresses(actors::pending_contacts& now, std::uint32_t organization,
                                const model::contact_id& id, const address_change& what,
                                model::timestamp at);

/// A row of an upload: what it gives, or why it cannot be read.
using uploaded_contact = std::variant<contact_members, refusal>;

/// Adds or updates a contact for each row that is sound, in order, and answers with a report on
/// every row. A row is a contact that there is when it has its id, or an address of it.
[[nodiscard]] model::answer upload_contacts(actors::pending_contacts& now,
                                            std::uint32_t organization,
                                            const std::vector<uploaded_contact>& rows,
                                            model::timestamp at);

}  // namespace parley::ingress
