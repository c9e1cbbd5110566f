#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/event_types.hpp"

namespace parley::ingress {

using model::event_types;

/// The place of a type in `event_types`; the array's size when there is none of that name.
[[nodiscard]] std::size_t event_type_index(std::string_view type) noexcept;

/// Which types somebody wants to see.
class type_filter {
public:
  /// Every type.
  type_filter() { wanted_.set(); }
  /// Reads names separated by commas; empty is every type. Throws `refusal` (malformed) naming one
  /// that is not known.
  explicit type_filter(std::string_view types);
  /// These types; none stand for all. One that is not known is passed over.
  explicit type_filter(const std::vector<std::string>& types);

  [[nodiscard]] bool accepts(std::size_t type_index) const { return wanted_.test(type_index); }

private:
  std::bitset<event_types.size()> wanted_;
};

}  // namespace parley::ingress
