#pragma once

#include <cstdint>

#include "parley/model/contact.hpp"
#include "parley/store/rows.hpp"

namespace parley::store {

// Contacts are not part of the directory, which is in memory as a whole: there are millions. Two
// tables have them, read when they are asked for, and changed by rows of the journal.

/// A contact as it is from now on.
[[nodiscard]] row contact_row(std::uint32_t organization, const model::contact& who);
/// A contact that is gone.
[[nodiscard]] row contact_gone_row(std::uint32_t organization, const model::contact_id& id);

/// The index: the address is that contact's from now on.
[[nodiscard]] row contact_address_row(std::uint32_t organization, const model::address& address,
                                      const model::contact_id& holder);
/// The index: the address is nobody's.
[[nodiscard]] row contact_address_gone_row(std::uint32_t organization,
                                           const model::address& address);

}  // namespace parley::store
