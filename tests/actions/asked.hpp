#pragma once

#include <memory>
#include <string>
#include <utility>

#include "parley/actions/question.hpp"
#include "parley/model/directory.hpp"

namespace parley::actions {

inline model::user user_of(std::string id, model::licence licence) {
  model::user made;
  made.id = std::move(id);
  made.licence = licence;
  return made;
}

inline model::number number_of(std::string identifier, std::string user) {
  model::number made;
  made.identifier = std::move(identifier);
  made.channels = {"sms"};
  made.user = std::move(user);
  return made;
}

/// An organisation with people of each licence, inboxes of each kind, and numbers.
inline const model::organization& demo() {
  static const auto made = [] {
    model::organization demo;
    demo.index = 1;
    demo.id = "demo";
    demo.users = {user_of("alice", model::licence::pro_cx), user_of("bob", model::licence::pro_cx),
                  user_of("carol", model::licence::standard)};
    demo.teams = {{"support", {"alice", "bob", "carol"}},
                  {"queue", {"bob"}},
                  {"basic", {"carol"}},
                  {"crowd", {"alice"}}};
    for (const auto* team : {"support", "queue", "basic"})
      demo.inboxes.emplace_back().team = team;
    demo.inboxes[1].strategy = model::assignment_strategy::round_robin;
    demo.numbers = {number_of("+15550100001", "alice"), number_of("+15550100003", ""),
                    number_of("+15550100004", "bob")};
    demo.caller_id_lists = {{"spare", {"+15550100003"}, {"alice"}}};
    return demo;
  }();
  return made;
}

/// A message from outside that has opened a conversation of alice's.
inline question inbound() {
  question made;
  made.action = "crm";
  made.between = {1, {model::channel::sms, "+15550100001"}, {model::channel::sms, "+15557000001"}};
  made.conversation.bytes[15] = 1;
  made.message.bytes[15] = 2;
  made.index = 1;
  made.author = {model::author::kind::contact, "sms:+15557000001"};
  model::content content;
  content.body = "hello";
  made.what = std::make_shared<const model::content>(std::move(content));
  made.default_users = {"alice"};
  return made;
}

/// Alice is about to start one.
inline question outbound() {
  auto made = inbound();
  made.type = question_type::conversation_outbound;
  made.conversation = {};
  made.message = {};
  made.index = 0;
  made.direction = model::direction::outbound;
  made.author = {model::author::kind::user, "alice"};
  return made;
}

}  // namespace parley::actions
