#include "src/ingress/api/reach.hpp"

#include "src/ingress/auth.hpp"
#include "src/ingress/problem.hpp"

#include <algorithm>
#include <string>

namespace parley::ingress {

namespace {

[[noreturn]] void refuse(std::string what) {
  throw refusal{model::errc::role_required, std::move(what) + " needs the role owner"};
}

}  // namespace

void require_reach(model::role mine, const model::organization&, const model::user& entry) {
  if (mine != model::role::owner && entry.role == model::role::owner)
    refuse("`" + entry.id + "`, as an owner,");
}

void require_reach(model::role mine, const model::organization& owner,
                   const model::api_key& entry) {
  if (mine == model::role::owner)
    return;
  if (std::ranges::find(entry.scopes, "*") != entry.scopes.end())
    refuse("a key with the scope `*`");
  if (entry.user.empty() && has_scope(entry, "directory:write"))
    refuse("a key of the organisation's own that may change the directory");
  const auto* user = owner.find_user(entry.user);
  if (user != nullptr && user->role == model::role::owner)
    refuse("a key that acts for an owner");
}

}  // namespace parley::ingress
