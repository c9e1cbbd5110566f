#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <caf/all.hpp>

#include "actors/envelope.hpp"
#include "actors/incoming_media.hpp"
#include "parley/conversation/attempts.hpp"
#include "parley/http/client.hpp"
#include "parley/model/address.hpp"
#include "parley/model/ids.hpp"

// Every typed handle, in the order in which a message meets them, with a sentence per case. No
// actor's implementation is included here: actors depend on handles only.

namespace parley::actors {

struct number_facts;
/// What the actors of a number know of it.
using number_facts_ptr = std::shared_ptr<const number_facts>;

struct inbox_facts;
/// What a TEAM_INBOX knows of its inbox.
using inbox_facts_ptr = std::shared_ptr<const inbox_facts>;

struct availability;
/// What a PARTICIPANT says once a word on its user's presence is durable.
using availability_ptr = std::shared_ptr<const availability>;

struct directory_change;
/// A change of the directory that an application asks for.
using directory_change_ptr = std::shared_ptr<const directory_change>;

struct contact_change;
/// A change of contacts that an application asks for.
using contact_change_ptr = std::shared_ptr<const contact_change>;

struct webhook_facts;
/// What a WEBHOOK knows of its webhook.
using webhook_facts_ptr = std::shared_ptr<const webhook_facts>;

struct webhook_replay;
/// What an application wants to have posted again.
using webhook_replay_ptr = std::shared_ptr<const webhook_replay>;

struct bulk_request;
/// What an application asks of a bulk job.
using bulk_request_ptr = std::shared_ptr<const bulk_request>;

struct speech;
/// What a conversation says once its events are durable.
using speech_ptr = std::shared_ptr<const speech>;

struct asked_question;
/// A question to a data action, and who waits for what comes of it.
using asked_question_ptr = std::shared_ptr<const asked_question>;

/// How one user's view of a conversation changed.
struct view_change {
  enum class kind : std::uint8_t { joined, left, first_unread, closed };

  model::conversation_id conversation;
  kind what = kind::joined;
};

/// What came of giving a conversation to a user of the team.
struct assignment_outcome {
  model::conversation_id conversation;
  bool taken = false;  ///< Durable: the user has it. Else it does not wait any more, most likely.
};

/// One attempt at a time of a message to one recipient.
struct attempt_key {
  model::message_id message;
  std::string to{};  ///< The recipient, of a group; empty: the pair's other end.

  friend bool operator==(const attempt_key&, const attempt_key&) = default;
};

/// What came of asking to begin an attempt.
struct attempt_decision {
  attempt_key which;
  bool go = false;  ///< Durable: hand it to the carrier. Else it needs no attempt any more …
  std::uint32_t attempts = 0;  ///< Including this one.
  std::optional<conversation::attempt_wait> wait{};  ///< … or has to wait, and for what.
};

/// What a data action's endpoint said.
struct endpoint_answer {
  std::uint64_t number = 0;  ///< Of the try.
  http::client_result result;
};

/// What the host of an inbound message's file said.
struct media_answer {
  std::uint64_t number = 0;  ///< Of the fetch.
  http::client_result result;
  incoming_media::outcome file;  ///< When the answer was the file.
};

/// What the carrier said to an attempt.
struct carrier_answer {
  attempt_key which;
  http::client_result result;
};

}  // namespace parley::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::number_facts_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::inbox_facts_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::availability_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::assignment_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::directory_change_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::contact_change_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::webhook_facts_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::webhook_replay_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::bulk_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::model::bulk_id)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::speech_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::asked_question_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::view_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::attempt_decision)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::endpoint_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::media_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::actors::carrier_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::model::address)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(parley::model::message_id)

namespace parley::actors {

/// Verbs. Texts have at most 10 characters: CAF packs them into 64 bits.
namespace atom {
using leave = caf::atom_constant<caf::atom("leave")>;
using left = caf::atom_constant<caf::atom("left")>;
using sweep = caf::atom_constant<caf::atom("sweep")>;
using opened = caf::atom_constant<caf::atom("opened")>;
using closed = caf::atom_constant<caf::atom("closed")>;
using waiting = caf::atom_constant<caf::atom("waiting")>;
using room = caf::atom_constant<caf::atom("room")>;
using look = caf::atom_constant<caf::atom("look")>;
using online = caf::atom_constant<caf::atom("online")>;
using offline = caf::atom_constant<caf::atom("offline")>;
using lapsed = caf::atom_constant<caf::atom("lapsed")>;
using backlog = caf::atom_constant<caf::atom("backlog")>;
using outbox = caf::atom_constant<caf::atom("outbox")>;
using media = caf::atom_constant<caf::atom("media")>;
using tick = caf::atom_constant<caf::atom("tick")>;
using wake = caf::atom_constant<caf::atom("wake")>;
using durable = caf::atom_constant<caf::atom("durable")>;
using begin = caf::atom_constant<caf::atom("begin")>;
using over = caf::atom_constant<caf::atom("over")>;
using broken = caf::atom_constant<caf::atom("broken")>;
using written = caf::atom_constant<caf::atom("written")>;
}  // namespace atom

/// The NUMBER interface: one of our numbers, the parent of its resident conversations.
using number_actor = caf::typed_actor<
  // A command for one of the number's pairs: goes to its conversation, which is loaded if need be.
  caf::reacts_to<envelope_ptr>,
  // INTERNAL: the directory has changed for the number.
  caf::reacts_to<number_facts_ptr>,
  // INTERNAL: the conversation with this address is durable after that many commands.
  caf::reacts_to<atom::left, model::address, std::uint64_t>,
  // Let go of conversations that were idle for the configured time.
  caf::reacts_to<atom::sweep>>;

/// The CONVERSATION interface: one pair's state machine.
using conversation_actor = caf::typed_actor<
  // A command: decide, append, apply.
  caf::reacts_to<envelope_ptr>,
  // INTERNAL: what the NUMBER has learned; for the commands behind it.
  caf::reacts_to<number_facts_ptr>,
  // INTERNAL: what was appended with this speech is durable; say it.
  caf::reacts_to<speech_ptr>,
  // Tell the NUMBER `left` when everything is durable.
  caf::reacts_to<atom::leave>>;

/// The QUESTIONER interface: asks the organisations' data actions.
using questioner_actor = caf::typed_actor<
  // Ask, and tell whoever waits what came of it.
  caf::reacts_to<asked_question_ptr>,
  // INTERNAL: the endpoint has answered, or not.
  caf::reacts_to<endpoint_answer>,
  // INTERNAL: the pause before a second try is over, or the time of one that waits.
  caf::reacts_to<atom::tick>>;

/// The FETCHER interface: brings the files of inbound messages to the store.
using fetcher_actor = caf::typed_actor<
  // A message with files has come to one of our addresses, and that is durable.
  caf::reacts_to<atom::media, std::uint32_t, model::address>,
  // INTERNAL: the file's host has answered, or not.
  caf::reacts_to<media_answer>,
  // INTERNAL: the pause before another try is over.
  caf::reacts_to<atom::tick>>;

/// The TEAM_INBOX interface: one team's shared inbox.
using team_inbox_actor = caf::typed_actor<
  // A conversation was opened for the team, which has so many who can answer.
  caf::reacts_to<atom::opened, std::uint64_t>,
  // A conversation of the team was closed.
  caf::reacts_to<atom::closed>,
  // A conversation waits in the inbox's queue, and that is durable.
  caf::reacts_to<atom::waiting>,
  // Somebody of the team may get one more: a conversation has left a user, or a user has come.
  caf::reacts_to<atom::room>,
  // INTERNAL: an assignment that the inbox has sent is durable, or came to nothing.
  caf::reacts_to<assignment_outcome>,
  // INTERNAL: the directory has changed for the inbox.
  caf::reacts_to<inbox_facts_ptr>,
  // INTERNAL: look at the queue.
  caf::reacts_to<atom::look>,
  // Look at the queue whatever was heard: nothing is ever forgotten.
  caf::reacts_to<atom::sweep>>;

/// The PARTICIPANT interface: one user.
using participant_actor = caf::typed_actor<
  // The user's view of a conversation changed.
  caf::reacts_to<view_change>,
  // An application sets the user's presence: `change_availability`.
  caf::reacts_to<envelope_ptr>,
  // A live stream of the user has opened …
  caf::reacts_to<atom::online>,
  // … and has ended.
  caf::reacts_to<atom::offline>,
  // INTERNAL: the user was there by a stream of an earlier process, which did not come back.
  caf::reacts_to<atom::lapsed>,
  // INTERNAL: what was appended with this is durable; say it.
  caf::reacts_to<availability_ptr>,
  // INTERNAL: the grace after the last stream may be over.
  caf::reacts_to<atom::tick>>;

/// The SENDER interface: what leaves from one number.
using sender_actor = caf::typed_actor<
  // There is something new in the outbox.
  caf::reacts_to<atom::outbox>,
  // The link may have a place for an attempt, which there was none for.
  caf::reacts_to<atom::room>,
  // INTERNAL: the directory has changed for the number.
  caf::reacts_to<number_facts_ptr>,
  // INTERNAL: the conversation has decided about an attempt, and the decision is durable.
  caf::reacts_to<attempt_decision>,
  // INTERNAL: the carrier has answered, or not.
  caf::reacts_to<carrier_answer>,
  // An earlier process left rows, up to this sequence number: count them, then send.
  caf::reacts_to<atom::backlog, std::uint64_t>,
  // INTERNAL: the time that the rate, a pause or a retry asked to wait has passed.
  caf::reacts_to<atom::tick>>;

/// The TIMEKEEPER interface: fires what is due in the timers table.
using timekeeper_actor = caf::typed_actor<
  // INTERNAL: look again.
  caf::reacts_to<atom::tick>>;

/// The REGISTRAR interface: the one who changes the directory.
using registrar_actor = caf::typed_actor<
  // Change it, and answer when the change is durable and everybody acts on it.
  caf::reacts_to<directory_change_ptr>,
  // INTERNAL: the changes that were appended are durable.
  caf::reacts_to<atom::durable>>;

/// The CONTACT_BOOK interface: the one who changes contacts.
using contact_book_actor = caf::typed_actor<
  // Change them, and answer when the change is durable.
  caf::reacts_to<contact_change_ptr>,
  // INTERNAL: the changes that were appended are durable.
  caf::reacts_to<atom::durable>>;

/// The WEBHOOK interface: one endpoint of an organisation, which is told its events.
using webhook_actor = caf::typed_actor<
  // INTERNAL: the directory has changed for the webhook, or has let it go.
  caf::reacts_to<webhook_facts_ptr>,
  // Post again, and answer when that is durable.
  caf::reacts_to<webhook_replay_ptr>,
  // The journal has grown.
  caf::reacts_to<atom::wake>,
  // INTERNAL: read on.
  caf::reacts_to<atom::look>,
  // INTERNAL: the endpoint has answered, or not.
  caf::reacts_to<endpoint_answer>,
  // INTERNAL: the pause before a try is over, or rows have waited long enough.
  caf::reacts_to<atom::tick>>;

/// The BULK_JOB interface: one bulk job, which becomes messages at the pace of its number.
using bulk_job_actor = line_teller::extend<
  // Pause, go on, cancel, or try again what has failed; answered when that is durable.
  caf::reacts_to<bulk_request_ptr>,
  // INTERNAL: what the job itself has decided about lines is durable.
  caf::reacts_to<atom::durable>,
  // INTERNAL: time has passed.
  caf::reacts_to<atom::tick>>;

/// The BULK_DESK interface: makes a BULK_JOB for each job that is not over.
using bulk_desk_actor = caf::typed_actor<
  // All lines of an organisation's job are durable.
  caf::reacts_to<atom::begin, std::uint32_t, model::bulk_id>,
  // Its upload broke off, and nobody can go on with it: it is canceled.
  caf::reacts_to<atom::broken, std::uint32_t, model::bulk_id>,
  // INTERNAL: looks for uploads that nobody has gone on with.
  caf::reacts_to<atom::tick>,
  // Passed on to the job.
  caf::reacts_to<bulk_request_ptr>,
  // INTERNAL: the job is over, after that many requests.
  caf::reacts_to<atom::over, model::bulk_id, std::uint64_t>>;

/// The SUBSCRIBER interface: one live stream, which reads the journal at its reader's pace.
using subscriber_actor = caf::typed_actor<
  // The journal has grown.
  caf::reacts_to<atom::wake>,
  // INTERNAL: the socket has taken what it was given, or not.
  caf::reacts_to<atom::written, bool>>;

}  // namespace parley::actors
