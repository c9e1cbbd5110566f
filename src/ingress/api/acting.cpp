#include "src/ingress/api/acting.hpp"

#include "src/ingress/api/object_reader.hpp"
#include "src/ingress/problem.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>
#include <variant>

namespace parley::ingress {

namespace {

/// Who a command says acts. A team has a name and is no user; nobody has none.
struct actor {
  std::string user;
  std::string team;
};

actor actor_of(const model::author& who) {
  if (who.type == model::author::kind::team)
    return {{}, who.id};
  return {who.id, {}};
}

struct actor_finder {
  actor operator()(const model::send_message& what) const { return actor_of(what.author); }
  actor operator()(const model::start_conversation& what) const {
    return actor_of(what.first.author);
  }
  actor operator()(const model::close_conversation& what) const { return {what.user, {}}; }
  actor operator()(const model::mark_read& what) const { return {what.user, {}}; }
  actor operator()(const model::claim_conversation& what) const { return {what.user, {}}; }
  actor operator()(const model::release_conversation& what) const { return {what.user, {}}; }
  actor operator()(const model::transfer_conversation& what) const { return {what.by, {}}; }
  actor operator()(const model::snooze_conversation& what) const { return {what.user, {}}; }
  actor operator()(const model::change_priority& what) const { return {what.user, {}}; }
  actor operator()(const model::change_availability& what) const { return {what.user, {}}; }
  // In nobody's name: `require_part` is asked where an application's key is not.
  actor operator()(const model::add_participant&) const { return {}; }
  actor operator()(const model::remove_participant&) const { return {}; }
  actor operator()(const model::change_labels&) const { return {}; }
  actor operator()(const model::redact_message&) const { return {}; }
  actor operator()(const model::cancel_message&) const { return {}; }
  actor operator()(const model::edit_message&) const { return {}; }
  actor operator()(const model::resolve_delivery&) const { return {}; }
  actor operator()(const model::assign_contact&) const { return {}; }
  actor operator()(const model::change_consent&) const { return {}; }
  // Not asked for by applications.
  actor operator()(const model::receive_message&) const { return {}; }
  actor operator()(const model::report_delivery&) const { return {}; }
  actor operator()(const model::begin_attempt&) const { return {}; }
  actor operator()(const model::end_attempt&) const { return {}; }
  actor operator()(const model::fire_timer&) const { return {}; }
  actor operator()(const model::assign_conversation&) const { return {}; }
  actor operator()(const model::settle_question&) const { return {}; }
  actor operator()(const model::settle_media&) const { return {}; }
};

bool takes_part(const model::conversation_state& state, const std::string& user) {
  return std::ranges::find(state.participants, user, &model::participant::user)
         != state.participants.end();
}

[[noreturn]] void refuse_other(const viewer& who, const std::string& named) {
  throw refusal{model::errc::role_required,
                "the key acts for `" + who.user->id + "` only, not for `" + named + "`"};
}

}  // namespace

std::string acting_body(const api_context& context, const api_call& call) {
  if (call.who.user == nullptr)
    return call.body;
  auto body = call.body.empty() ? boost::json::value(boost::json::object())
                                : parse_json(call.body, context.json_depth_max);
  auto* object = body.if_object();
  if (object == nullptr || object->contains("user") || object->contains("team"))
    return call.body;
  object->emplace("user", call.who.user->id);
  return boost::json::serialize(body);
}

std::string acting_user(const api_call& call, const model::conversation_state& state,
                        std::string named) {
  const auto& who = call.who;
  if (who.user == nullptr)
    return named;
  if (!named.empty() && named != who.user->id)
    refuse_other(who, named);
  const bool as_organization = sees_everything(who) && !takes_part(state, who.user->id);
  return as_organization ? std::string{} : who.user->id;
}

void require_part(const api_call& call, const model::conversation_state& state) {
  if (!sees_everything(call.who) && !takes_part(state, call.who.user->id))
    throw refusal{model::errc::not_participant,
                  "`" + call.who.user->id + "` sees this conversation and takes no part in it"};
}

void require_may_act(const api_call& call, const model::command& what) {
  const auto acting = std::visit(actor_finder{}, what);
  const auto& who = call.who;
  if (who.user == nullptr) {
    const auto* user = acting.user.empty() ? nullptr : who.owner->find_user(acting.user);
    if (user != nullptr)
      require_role({who.owner, user, {}}, model::role::agent);
    return;
  }
  if (!acting.team.empty())
    refuse_other(who, acting.team);
  if (!acting.user.empty() && acting.user != who.user->id)
    refuse_other(who, acting.user);
}

}  // namespace parley::ingress
