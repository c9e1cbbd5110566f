#include "src/ingress/api/origin.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "parley/routing/route.hpp"
#include "src/ingress/problem.hpp"

namespace parley::ingress {

void require_channel(const model::number& number, model::channel kind) {
  const auto carries = [&](std::string_view name) {
    return std::ranges::find(number.channels, name) != number.channels.end();
  };
  const bool can = kind == model::channel::whatsapp ? carries("whatsapp")
                                                    : carries("sms") || carries("mms");
  if (!can)
    throw refusal{model::errc::number_not_allowed,
                  "`" + number.identifier + "` does not carry " + std::string{to_string(kind)}};
}

void require_author(const model::organization& owner, const model::author& who) {
  if (who.type == model::author::kind::user && owner.find_user(who.id) == nullptr)
    throw refusal{model::errc::unknown_user, "`user`: there is no user `" + who.id + "`"};
  if (who.type == model::author::kind::team && owner.find_inbox(who.id) == nullptr)
    throw refusal{model::errc::unknown_team, "`team`: there is no team inbox `" + who.id + "`"};
}

model::route require_outbound_route(const model::organization& owner,
                                    const model::number& number, const model::author& who) {
  auto routed = routing::route_outbound(owner, number, who);
  if (const auto* no = std::get_if<model::errc>(&routed))
    throw refusal{*no, "`" + who.id + "` may not start a conversation from `" + number.identifier
                         + "`"};
  return std::get<model::route>(std::move(routed));
}

}  // namespace parley::ingress
