#pragma once

#include "parley/model/directory.hpp"

namespace parley::ingress {

// How far a role reaches in the directory (mission 9, "roles"): admins change everything but owners
// and what could act as one. Each throws `refusal` (role_required) when `mine` does not reach for
// the entry. Asked of an entry as it is and as it is to be. No I/O.

/// An owner is made, changed and removed by owners.
void require_reach(model::role mine, const model::organization& owner, const model::user& entry);

/// Owners' keys, keys with the scope `*`, and the organisation's own that may change the directory:
/// each could make an owner.
void require_reach(model::role mine, const model::organization& owner,
                   const model::api_key& entry);

/// Everything else is within the reach of whoever may ask at all.
template <class T>
void require_reach(model::role, const model::organization&, const T&) {}

}  // namespace parley::ingress
