#include "src/ingress/chat_pair.hpp"

#include "parley/model/ids.hpp"
#include "src/ingress/auth.hpp"

#include <algorithm>

namespace parley::ingress {

model::pair chat_among(const model::organization& owner, const std::vector<std::string>& users) {
  std::string all;
  for (const auto& user : users) {
    all += user;
    all += '\n';  // Part of no user's id.
  }
  const auto whole = sha256(all);
  model::id128 digest;
  std::copy_n(whole.begin(), digest.bytes.size(), digest.bytes.begin());
  return {owner.index,
          {model::channel::chat, std::string{model::internal_identifier}},
          {model::channel::chat, model::to_base32(digest)}};
}

}  // namespace parley::ingress
