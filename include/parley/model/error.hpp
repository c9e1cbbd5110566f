#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley::model {

/// Why Parley did not do what it was asked. Starts at 1: CAF reads code 0 as "no error".
enum class errc : std::uint8_t {
  malformed = 1,         ///< The bytes do not decode, or a mandatory field is missing or wrong.
  unauthenticated,       ///< No API key, or one that is not known.
  bad_signature,         ///< The carrier's signature is missing or wrong.
  forbidden,             ///< The key lacks the scope.
  not_found,             ///< No such resource in this organisation.
  unknown_link,          ///< No link of that id and format.
  unknown_number,        ///< The number is not one of the link's organisation.
  method_not_allowed,    ///< The path exists, the method does not.
  too_large,             ///< The body is over its limit.
  unsupported_media,     ///< The content type is not the one this resource reads.
  conversation_closed,   ///< Closed is final.
  not_participant,       ///< The user does not take part in the conversation.
  licence_required,      ///< The user's licence does not include this.
  idempotency_mismatch,  ///< The idempotency key was used with another request.
  unfinished_deliveries, ///< The conversation has too many messages that wait for an outcome.
  queue_full,            ///< The number's send queue is full (Twilio's 21611).
  already_exists,        ///< The id, or what must be unique besides it, is taken.
  in_use,                ///< Something refers to what was to be removed.
  body_required,         ///< Neither text nor media.
  body_too_long,         ///< More than 1,600 characters.
  overloaded,            ///< A bounded queue is full; nothing was stored.
  shutting_down,         ///< The broker drains; nothing was stored.
  already_claimed,       ///< Another user has claimed the conversation.
  not_claimed,           ///< Nobody has claimed the conversation.
  not_team_conversation, ///< Only conversations of a team inbox are claimed.
  last_participant,      ///< Somebody must take part in a conversation.
  too_many,              ///< A bounded list of the conversation is full.
  unknown_user,          ///< The body names a user who is not in the organisation.
  unknown_team,          ///< The body names a team without an inbox.
  number_not_allowed,    ///< The user may not send from this number.
  outbound_forbidden,    ///< The inbox does not let users start conversations.
  outside_window,        ///< WhatsApp: no message of the customer within 24 h.
  internal,              ///< A fault of Parley's own; the log has it.
  file_too_large,        ///< The file is over the limit of uploads, or of its channel.
  file_type_refused,     ///< The channel does not take such files, or the file is not what it says.
  url_expired,           ///< The signed URL was good once.
  range_not_satisfiable, ///< The range begins behind the file's end.
  role_required,         ///< The user's role does not reach for this.
  action_refused,        ///< The organisation's outbound data action has said no.
  address_taken,         ///< The address belongs to another contact.
  internal_chat,         ///< Not done to a chat among users, or not to one between two.
  file_not_found,        ///< A message names a file that the organisation does not have.
  mms_unavailable,       ///< The recipient's country takes no MMS.
  opted_out,             ///< The recipient wants no messages (Twilio's 21610).
  unknown_template,      ///< A message names a template that the organisation does not have.
  template_not_approved, ///< The carrier does not let the template be sent, or not yet.
  template_variables,    ///< A variable is missing, unknown, or not as the carrier takes it.
  upload_in_progress,    ///< The lines of this bulk job are just coming in by another request.
  wrong_bulk_state,      ///< A bulk job is in no state for this.
  bad_schedule,          ///< A time or a validity that is out of bounds, or has no place here.
  not_cancelable,        ///< The message has begun to leave, or was never to.
  not_editable,          ///< The message does not wait for its time any more, or never did.
  not_unknown,           ///< No outcome of this message is unknown.
};

/// What a code means outside the process.
struct errc_traits {
  errc code;
  std::string_view name;   ///< The stable `code` of a problem document.
  int http_status;
  bool retryable;          ///< The same request may succeed later without being changed.
  std::string_view title;  ///< One sentence for people.
};

inline constexpr auto errc_table = std::to_array<errc_traits>({
  {errc::malformed, "malformed", 400, false, "The request cannot be read."},
  {errc::unauthenticated, "unauthenticated", 401, false, "A valid API key is required."},
  {errc::bad_signature, "bad_signature", 403, false, "The signature does not match."},
  {errc::forbidden, "forbidden", 403, false, "The API key lacks the scope for this."},
  {errc::not_found, "not_found", 404, false, "There is no such resource."},
  {errc::unknown_link, "unknown_link", 404, false, "There is no such carrier link."},
  {errc::unknown_number, "unknown_number", 404, false, "The number is not known to this link."},
  {errc::method_not_allowed, "method_not_allowed", 405, false, "The method is not allowed here."},
  {errc::too_large, "too_large", 413, false, "The body is too large."},
  {errc::unsupported_media, "unsupported_media", 415, false, "The content type is not supported."},
  {errc::conversation_closed, "conversation_closed", 409, false, "The conversation is closed."},
  {errc::not_participant, "not_participant", 403, false, "The user does not participate."},
  {errc::licence_required, "licence_required", 403, false, "The user's licence is not enough."},
  {errc::idempotency_mismatch, "idempotency_mismatch", 422, false,
   "The idempotency key was used with a different request."},
  {errc::unfinished_deliveries, "unfinished_deliveries", 429, true,
   "Too many messages of this conversation wait for an outcome."},
  {errc::queue_full, "queue_full", 429, true, "The number's send queue is full."},
  {errc::already_exists, "already_exists", 409, false, "There is such a resource already."},
  {errc::in_use, "in_use", 409, false, "The resource is in use."},
  {errc::body_required, "body_required", 422, false, "A message needs text or media."},
  {errc::body_too_long, "body_too_long", 422, false, "The text is longer than 1,600 characters."},
  {errc::overloaded, "overloaded", 503, true, "The broker is at its limit; try again shortly."},
  {errc::shutting_down, "shutting_down", 503, true, "The broker is shutting down."},
  {errc::already_claimed, "already_claimed", 409, false,
   "Another user has claimed the conversation."},
  {errc::not_claimed, "not_claimed", 409, false, "Nobody has claimed the conversation."},
  {errc::not_team_conversation, "not_team_conversation", 409, false,
   "The conversation does not belong to a team inbox."},
  {errc::last_participant, "last_participant", 409, false,
   "The last participant cannot be removed."},
  {errc::too_many, "too_many", 422, false, "There are too many of these already."},
  {errc::unknown_user, "unknown_user", 422, false, "There is no such user."},
  {errc::unknown_team, "unknown_team", 422, false, "There is no team inbox of that name."},
  {errc::number_not_allowed, "number_not_allowed", 403, false,
   "The user may not send from this number."},
  {errc::outbound_forbidden, "outbound_forbidden", 403, false,
   "The inbox does not let users start conversations."},
  {errc::outside_window, "outside_window", 422, false,
   "Outside the customer service window only templates are sent."},
  {errc::internal, "internal", 500, false, "Something went wrong inside the broker."},
  {errc::file_too_large, "file_too_large", 413, false, "The file is too large."},
  {errc::file_type_refused, "file_type_refused", 415, false, "The file is of no accepted type."},
  {errc::url_expired, "url_expired", 403, false, "The URL has expired."},
  {errc::range_not_satisfiable, "range_not_satisfiable", 416, false,
   "The range is not within the file."},
  {errc::role_required, "role_required", 403, false, "The user's role does not allow this."},
  {errc::action_refused, "action_refused", 422, false,
   "The organisation's data action refuses this conversation."},
  {errc::address_taken, "address_taken", 409, false, "The address belongs to another contact."},
  {errc::internal_chat, "internal_chat", 409, false,
   "A chat among users does not take part in this."},
  {errc::file_not_found, "file_not_found", 422, false, "There is no such file."},
  {errc::mms_unavailable, "mms_unavailable", 422, false,
   "Files cannot be sent to the recipient's country."},
  {errc::opted_out, "opted_out", 422, false, "The recipient has opted out of messages."},
  {errc::unknown_template, "unknown_template", 422, false, "There is no such template."},
  {errc::template_not_approved, "template_not_approved", 422, false,
   "The template may not be sent as it stands."},
  {errc::template_variables, "template_variables", 422, false,
   "The variables are not those of the template."},
  {errc::upload_in_progress, "upload_in_progress", 409, true,
   "Another request is uploading this bulk job."},
  {errc::wrong_bulk_state, "wrong_bulk_state", 409, false,
   "The bulk job is in no state for this."},
  {errc::bad_schedule, "bad_schedule", 422, false, "The message cannot be scheduled like this."},
  {errc::not_cancelable, "not_cancelable", 409, false,
   "The message can no longer be cancelled."},
  {errc::not_editable, "not_editable", 409, false,
   "Only a message that waits for its time can be edited."},
  {errc::not_unknown, "not_unknown", 409, false,
   "The outcome of this message is not in question."},
});

static_assert(std::ranges::is_sorted(errc_table, {}, &errc_traits::code)
                && errc_table.back().code == errc{errc_table.size()},
              "errc_table lists every errc exactly once, in order, so traits() can index it");

constexpr const errc_traits& traits(errc code) noexcept {
  return errc_table[static_cast<std::size_t>(code) - 1];
}

}  // namespace parley::model
