#pragma once

#include <string>
#include <vector>

#include "parley/model/address.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/ids.hpp"
#include "parley/model/time.hpp"

namespace parley::model {

/// A person outside (mission 1): a set of addresses with a name. A phone number is not an identity,
/// so addresses are added to contacts and moved between them; each belongs to at most one contact
/// of an organisation. Bounds are in `limits.hpp`, what is sound says `contact_rules.hpp`.
struct contact {
  contact_id id;
  std::string name;                     ///< May be empty: only the address is known.
  std::vector<address> addresses;       ///< In the order they were given, each once.
  std::vector<attribute> attributes;    ///< In order of their names, each once; no empty values.
  std::string language;                 ///< BCP 47, as `en` or `pt-BR`; empty: not known.
  std::string time_zone;                ///< IANA, as `Europe/Berlin`; empty: not known.
  std::vector<std::string> phone_books; ///< Names of the books that it stands in, each once.
  timestamp created_at{};
  timestamp updated_at{};

  friend bool operator==(const contact&, const contact&) = default;
};

}  // namespace parley::model
