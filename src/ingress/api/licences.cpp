#include "src/ingress/api/licences.hpp"

#include "src/ingress/problem.hpp"

namespace parley::ingress {

void require_pro_cx(const model::user& who) {
  if (who.licence != model::licence::pro_cx)
    throw refusal{model::errc::licence_required,
                  "`" + who.id + "` needs the licence pro_cx for this conversation"};
}

bool needs_pro_cx(const model::conversation_state& state) noexcept {
  return !state.route.inbox.empty() || state.pair.theirs.kind == model::channel::whatsapp
         || state.pair.theirs.is_group();
}

void require_licence(const model::organization& owner, const model::conversation_state& state,
                     const std::string& user) {
  const auto* known = owner.find_user(user);
  const bool one_to_group
    = state.participants.size() > 1 && state.pair.theirs.kind != model::channel::chat;
  if (known != nullptr && (one_to_group || needs_pro_cx(state)))
    require_pro_cx(*known);
}

}  // namespace parley::ingress
