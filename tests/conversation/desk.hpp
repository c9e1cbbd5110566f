#pragma once

#include "parley/conversation/rules.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace parley::conversation {

using namespace std::chrono_literals;

/// A 128-bit value that differs for different `number`, in their order; 0 is "none".
template <class Id = model::id128>
Id numbered(std::uint64_t number) {
  model::id128 raw;
  for (std::size_t i = 0; i < 8; ++i)
    raw.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return Id{raw};
}

inline model::content_ptr text(std::string body) {
  return std::make_shared<const model::content>(model::content{std::move(body), {}, {}, {}});
}

/// A pair's state and its journal, and a clock that only the test moves: what the conversation
/// actor does with a command, without the actor.
class desk {
public:
  /// Sequence number and event.
  using journal_entry = std::pair<std::uint64_t, model::event>;

  desk() { route.users = {"alice", "bob"}; }

  [[nodiscard]] decision decide(const model::command& what) const {
    return conversation::decide(state, what, around());
  }

  /// Decides, and applies the events that follow.
  decision carry_out(const model::command& what) {
    auto outcome = decide(what);
    if (const auto* events = std::get_if<std::vector<model::event>>(&outcome))
      append(*events);
    ++fresh_;
    return outcome;
  }

  /// The events that follow from a command; fails the test when there are none.
  std::vector<model::event> events_of(const model::command& what) {
    auto outcome = carry_out(what);
    if (auto* events = std::get_if<std::vector<model::event>>(&outcome))
      return std::move(*events);
    ADD_FAILURE() << "the command was not carried out";
    return {};
  }

  void append(const std::vector<model::event>& events) {
    for (const auto& event : events) {
      seq += 3;  // Other pairs' events stand in between.
      apply(state, event, seq);
      journal.emplace_back(seq, event);
    }
  }

  [[nodiscard]] model::conversation_state replayed() const {
    model::conversation_state result;
    result.pair = state.pair;
    for (const auto& [at, event] : journal)
      apply(result, event, at);
    return result;
  }

  [[nodiscard]] circumstances around() const {
    circumstances made;
    made.now = now;
    made.route = &route;
    made.fresh_id = numbered<model::conversation_id>(fresh_);
    made.fresh_message = numbered<model::message_id>(1'000'000 + fresh_);
    made.auto_reply = auto_reply ? &*auto_reply : nullptr;
    made.fresh_reply = numbered<model::message_id>(2'000'000 + fresh_);
    made.question_patience = 10s;
    made.labels = labels;
    made.priority = priority;
    made.close_at_once = close_at_once;
    made.contact = contact;
    made.unknown_outcome = unknown_outcome;
    made.opted_out = opted_out;
    made.consent = notice ? &*notice : nullptr;
    return made;
  }

  // -- commands -----------------------------------------------------------------------------------

  [[nodiscard]] static model::receive_message inbound(std::uint64_t carrier_id) {
    return {text("hello"), numbered(carrier_id), 1};
  }

  /// A reply by alice in the current conversation, as message number `number`.
  [[nodiscard]] model::send_message reply(std::uint64_t number) const {
    model::send_message result;
    result.message = numbered<model::message_id>(number);
    result.conversation = state.id;
    result.author = {model::author::kind::user, "alice"};
    result.what = text("answer");
    return result;
  }

  [[nodiscard]] static model::begin_attempt begin(std::uint64_t number) {
    return {numbered<model::message_id>(number)};
  }

  [[nodiscard]] static model::end_attempt end(std::uint64_t number, model::delivery_state with,
                                              std::string provider_id = {},
                                              std::int32_t error_code = 0) {
    return {numbered<model::message_id>(number), with, error_code, std::move(provider_id)};
  }

  // -- situations ---------------------------------------------------------------------------------

  /// An open conversation with one inbound message.
  desk& opened() {
    carry_out(inbound(1));
    return *this;
  }

  /// Reply `number` handed to the carrier, which calls it `provider_id`.
  void sent(std::uint64_t number, std::string provider_id) {
    carry_out(reply(number));
    carry_out(begin(number));
    carry_out(end(number, model::delivery_state::sent, std::move(provider_id)));
  }

  [[nodiscard]] const model::delivery& delivery(std::uint64_t number) const {
    for (const auto& known : state.deliveries)
      if (known.message == numbered<model::message_id>(number))
        return known;
    ADD_FAILURE() << "no delivery of message " << number;
    static const model::delivery none;
    return none;
  }

  [[nodiscard]] const model::participant& participant(std::string_view user) const {
    for (const auto& known : state.participants)
      if (known.user == user)
        return known;
    ADD_FAILURE() << user << " does not participate";
    static const model::participant none;
    return none;
  }

  model::conversation_state state = [] {
    model::conversation_state empty;
    empty.pair = {7, {model::channel::sms, "+15550100001"}, {model::channel::sms, "+15550199999"}};
    return empty;
  }();
  model::timestamp now{std::chrono::hours{24 * 365 * 50}};
  model::route route;
  std::optional<automatic_reply> auto_reply;
  std::vector<std::string> labels;
  model::priority priority = model::priority::normal;
  bool close_at_once = false;
  model::contact_id contact;
  model::unknown_outcome_policy unknown_outcome = model::unknown_outcome_policy::hold;
  std::vector<std::string> opted_out;  ///< As the table of consents has it.
  std::optional<model::consent_notice> notice;
  std::uint64_t seq = 100;
  std::vector<journal_entry> journal;

private:
  std::uint64_t fresh_ = 1;  ///< One more a command, as the ids of a real source are.
};

using names = std::vector<std::string>;

/// Who takes part, in order.
inline names users_of(const model::conversation_state& state) {
  names users;
  for (const auto& who : state.participants)
    users.push_back(who.user);
  return users;
}

/// The code a command was refused with; fails the test when it was not.
inline model::errc refusal(const decision& outcome) {
  if (const auto* why = std::get_if<refused>(&outcome))
    return why->code;
  ADD_FAILURE() << "not refused";
  return model::errc::internal;
}

template <class Body>
const Body& body_of(const std::vector<model::event>& events, std::size_t index = 0) {
  static const Body none{};
  if (index >= events.size() || !std::holds_alternative<Body>(events[index].body)) {
    ADD_FAILURE() << "event " << index << " of " << events.size() << " is of another kind";
    return none;
  }
  return std::get<Body>(events[index].body);
}

}  // namespace parley::conversation
