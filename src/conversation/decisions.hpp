#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "parley/conversation/rules.hpp"
#include "src/conversation/deadlines.hpp"

namespace parley::conversation {

// One overload a command; `decide` picks. Messages are decided in messages.cpp, phases and what
// hangs on the conversation in lifecycle.cpp, who takes part in teamwork.cpp, what data actions are
// asked and answer in questions.cpp, who wants messages in consent.cpp, what becomes of a sent
// message in deliveries.cpp, what waits for its time or is called off in scheduling.cpp.

[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::receive_message& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::send_message& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::report_delivery& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::begin_attempt& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::end_attempt& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::close_conversation& what,
                                 const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::mark_read& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::fire_timer& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::start_conversation& what,
                                 const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::claim_conversation& what,
                                 const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::release_conversation& what,
                                 const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::transfer_conversation& what,
                                 const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::add_participant& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::remove_participant& what,
                                 const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::snooze_conversation& what,
                                 const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::change_labels& what, const circumstances& around);

[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::assign_conversation& what,
                                 const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::change_priority& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::redact_message& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::settle_question& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::settle_media& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::assign_contact& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::change_availability& what,
                                 const circumstances& around);

[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::change_consent& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::cancel_message& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::edit_message& what, const circumstances& around);
[[nodiscard]] decision decide_on(const model::conversation_state& state,
                                 const model::resolve_delivery& what,
                                 const circumstances& around);

/// Adds what becomes of the messages whose time has come: they are queued, unless they may not
/// leave any more.
void queue_due(const model::conversation_state& state, const circumstances& around,
               std::vector<model::event>& events);

/// Adds the end of the conversation. What is scheduled in it is sent all the same, so a timer
/// stands for that.
/// @param next when the first scheduled message is to leave that stays so; zero: none.
void add_closing(const model::conversation_id& where, model::conversation_closed closing,
                 model::timestamp next, model::timestamp now, std::vector<model::event>& events);

/// Whether a delivery waits to leave, and can still be called off.
[[nodiscard]] bool is_waiting(model::delivery_state value) noexcept;

/// The step of a delivery to another state, everything else as it is.
[[nodiscard]] model::event step(const model::delivery& from, model::delivery_state to,
                                std::int32_t error_code, model::timestamp now);

/// The delivery of a message to a recipient (of a group; else nobody), or null.
[[nodiscard]] const model::delivery* find_delivery(const model::conversation_state& state,
                                                   const model::message_id& message,
                                                   std::string_view to) noexcept;

/// Whether somebody of the pair wants no messages (I7).
[[nodiscard]] bool has_opted_out(const circumstances& around, std::string_view address) noexcept;

/// The recipients without those who have opted out. Nothing when there were some and none is left;
/// none at all stand for the pair's other end.
[[nodiscard]] std::optional<std::vector<std::string>>
willing(std::vector<std::string> recipients, const circumstances& around);

/// What follows from what the message says about consent that `events` have just added: the record,
/// the end of what waits to be sent, the answer.
/// @param state before the events.
void add_consent(const model::conversation_state& state, const circumstances& around,
                 std::vector<model::event>& events);

/// The carrier takes nothing more for this recipient: they have opted out there.
void add_carriers_opt_out(const model::conversation_state& state, const model::delivery& refused,
                          const circumstances& around, std::vector<model::event>& events);

/// Whether Parley has to keep quiet because of what has just come (mission 4.9: the loop guard): it
/// is the same text again and again, or it has answered by itself only just now.
[[nodiscard]] bool is_loop(const model::conversation_state& state, const model::message_added& to,
                           model::timestamp now) noexcept;

/// Asks the data action about the message that the events have just added, where it wants to know
/// of every one. A question that is still open stands: its answer is for the newer message too.
void ask_about_message(const model::conversation_state& state, const circumstances& around,
                       std::vector<model::event>& events);

/// The data action has not answered in time: the default route is used.
void settle_without_answer(const model::conversation_state& state, const circumstances& around,
                           std::vector<model::event>& events);

/// One event of the current conversation.
[[nodiscard]] std::vector<model::event> one(const model::conversation_state& state,
                                            model::timestamp now, model::event_body body);

/// The claim ends: the team takes part again, or the inbox gives it to somebody.
[[nodiscard]] model::conversation_released released(const model::conversation_state& state,
                                                    bool expired);

/// Whether the pair has a conversation that is not closed.
[[nodiscard]] bool is_open(const model::conversation_state& state) noexcept;

/// How many deliveries the state keeps.
[[nodiscard]] std::size_t deliveries_limit(const model::conversation_state& state) noexcept;
/// Whether a message to so many recipients can be sent, with the deliveries that wait for an
/// outcome.
[[nodiscard]] bool has_room_for_deliveries(const model::conversation_state& state,
                                           std::size_t count) noexcept;

/// Why a command for this conversation cannot be carried out whatever it is: it is not the pair's
/// current one, or it is closed. Empty when it can.
[[nodiscard]] std::optional<model::errc> why_not_open(const model::conversation_state& state,
                                                      const model::conversation_id& id) noexcept;

/// Adds a new timer when none stands, or the one that stands comes too late for what is so after
/// these events. A timer that comes too early is left alone: the firing looks at the true deadline.
void rearm_if_late(const model::conversation_state& state, const moments& after,
                   const model::route& route, model::timestamp now,
                   std::vector<model::event>& events);

/// Why a command for a conversation that is not the pair's current one is refused: an earlier one
/// is closed, and closed is final; any other is not known here. Whoever routes commands to a pair
/// has looked their conversation up among the pair's, and ids are in order of time.
[[nodiscard]] model::errc why_not_current(const model::conversation_state& state,
                                          const model::conversation_id& id) noexcept;

/// The participant, or null.
[[nodiscard]] const model::participant* find_participant(const model::conversation_state& state,
                                                         std::string_view user) noexcept;

/// Whether a delivery may leave the list to make room: it is finished, or the carrier has taken it
/// and only its report is awaited. A carrier that never reports must not block a conversation.
[[nodiscard]] bool may_leave(model::delivery_state value) noexcept;

/// Whether a report that was parked at `parked_at` no longer counts at `now` (mission 6: 24 h).
[[nodiscard]] bool parked_too_long(model::timestamp parked_at, model::timestamp now) noexcept;

/// Whether an idempotency key that was used at `used_at` is free again at `now` (mission 6: 24 h).
[[nodiscard]] bool key_expired(model::timestamp used_at, model::timestamp now) noexcept;

}  // namespace parley::conversation
