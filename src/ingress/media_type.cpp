#include "src/ingress/media_type.hpp"

#include <algorithm>

namespace parley::ingress {

bool is_media_type(std::string_view field, std::string_view type) noexcept {
  field = field.substr(0, field.find(';'));
  while (field.ends_with(' ') || field.ends_with('\t'))
    field.remove_suffix(1);
  return std::ranges::equal(field, type, [](char given, char lower) {
    return (given >= 'A' && given <= 'Z' ? static_cast<char>(given - 'A' + 'a') : given) == lower;
  });
}

}  // namespace parley::ingress
