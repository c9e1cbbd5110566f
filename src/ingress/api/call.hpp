#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/attendance.hpp"
#include "actors/envelope.hpp"
#include "actors/switchboard.hpp"
#include "parley/files/mms_countries.hpp"
#include "parley/http/server.hpp"
#include "parley/model/answer.hpp"
#include "parley/model/directory_cell.hpp"
#include "parley/store/file_store.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/admission.hpp"
#include "src/ingress/event_feed.hpp"
#include "src/ingress/file_urls.hpp"
#include "src/ingress/viewer.hpp"

namespace parley::ingress {

struct api_context;
struct api_call;
struct history_item;

/// What messages can be asked to wait for, from the configuration.
struct schedule_limits {
  std::chrono::seconds ahead_min{};     ///< A scheduled message is at least so far ahead …
  std::chrono::seconds validity_max{};  ///< … and no message is good for longer.
};

/// What is left to do of an admitted call. As `api_function`.
using api_continuation
  = std::function<std::optional<model::answer>(const api_context&, const api_call&)>;

/// What the resources work with. Everything outlives the threads that serve them.
struct api_context {
  const store::reader& reader;
  const actors::switchboard& board;
  const model::directory_cell& directory;
  actors::attendance& presences;             ///< Which users are there.
  const actors::registrar_actor& registrar;  ///< Who changes the directory.
  const actors::questioner_actor& questioner;  ///< Who asks data actions …
  std::chrono::milliseconds question_patience{};  ///< … which have so long to answer.
  const actors::contact_book_actor& contact_book;  ///< Who changes contacts.
  const actors::bulk_desk_actor& bulk_desk;  ///< Who has the bulk jobs.
  admission& admitted;
  event_feed& feed;
  const store::file_store& files;
  const file_urls& urls;
  const files::mms_countries& mms;  ///< Which countries take files by MMS.
  std::size_t json_depth_max = 0;
  std::size_t directory_entries_max = 0;  ///< Of an organisation.
  schedule_limits schedules;
  std::uint32_t retry_after_s = 0;
  /// Goes on, on a thread of the read pool, with a call that waited for something. The call was
  /// admitted before that; it is counted out unless the continuation has submitted its command.
  /// Any thread. Set by `api`.
  std::function<void(std::shared_ptr<const api_call>, api_continuation)> resume{};
};

/// One authenticated request, with everything it needs from the connection copied out.
struct api_call {
  std::string id;    ///< The first `{}` of the path, if it has one.
  std::string part;  ///< The second.
  std::string query;
  std::string body;
  std::string content_type;
  std::string idempotency_key;
  model::directory_ptr directory;  ///< As it was when the request began; `caller` is its.
  model::directory::key_entry caller{};
  viewer who;  ///< The same, for what it may do and is shown.
  http::ticket where;
};

/// Serves a call on a thread of the read pool. Returns the answer, or nothing when a command was
/// admitted whose settlement answers. Throws `refusal`.
using api_function = std::optional<model::answer> (*)(const api_context&, const api_call&);

/// A command of an application, with what its renderer needs besides the outcome. A renderer that
/// is put into such an envelope may cast `outcome::asked` back to it.
struct api_envelope : actors::envelope {
  std::string organization;  ///< The directory's id.
  audience numbers = audience::clear;  ///< Whom the answer is for.
  const file_urls* urls = nullptr;     ///< Never null.
  std::shared_ptr<const history_item> about;  ///< The message that it changes, as it was; or null.
  std::uint32_t retry_after_s = 0;
};

// -- conversations.cpp
[[nodiscard]] std::optional<model::answer> list_conversations_call(const api_context&,
                                                                   const api_call&);
[[nodiscard]] std::optional<model::answer> get_conversation(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_close(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_read(const api_context&, const api_call&);

// -- starting.cpp
[[nodiscard]] std::optional<model::answer> post_conversation(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_first_message(const api_context&, const api_call&);

// -- teamwork.cpp
[[nodiscard]] std::optional<model::answer> post_claim(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_release(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_transfer(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_participant(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> delete_participant(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_snooze(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_labels(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_priority(const api_context&, const api_call&);

// -- messages.cpp
[[nodiscard]] std::optional<model::answer> list_messages(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_message(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> get_message(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_redact(const api_context&, const api_call&);

// -- message_changes.cpp
[[nodiscard]] std::optional<model::answer> post_cancel(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> patch_message(const api_context&, const api_call&);
[[nodiscard]] std::optional<model::answer> post_resolve(const api_context&, const api_call&);

// -- events.cpp
[[nodiscard]] std::optional<model::answer> list_events(const api_context&, const api_call&);

// -- files.cpp
[[nodiscard]] std::optional<model::answer> get_file(const api_context&, const api_call&);

// -- rules.cpp

/// Says what the rules would do with a message, and why; sends and changes nothing.
[[nodiscard]] std::optional<model::answer> post_rules_test(const api_context&, const api_call&);

// -- command.cpp

/// Throws `refusal` (unsupported_media) unless the body is declared as JSON. An absent body needs
/// no declaration.
void require_json(const api_call& call);

/// The key that the request may be repeated with; none when it has none. Throws `refusal`.
[[nodiscard]] model::id128 idempotency_key_of(const api_call& call);

/// Admits the command and gives it to the number's actor. Throws `refusal` when it is not admitted,
/// or when the request may not have it done in that name (`require_may_act`).
void submit(const api_context& context, const api_call& call, const model::pair& between,
            model::command what, model::timestamp received_at, actors::renderer render);
/// The same for a command that changes a message, which the renderer shows as it is afterwards.
void submit_about(const api_context& context, const api_call& call, const model::pair& between,
                  history_item about, model::command what, model::timestamp received_at,
                  actors::renderer render);
/// The same as `submit` for a call that is admitted. Throws `refusal` when its number is gone.
void submit_admitted(const api_context& context, const api_call& call, const model::pair& between,
                     model::command what, model::timestamp received_at, actors::renderer render);

/// The problem document for a refused command.
[[nodiscard]] model::answer render_refusal(const actors::outcome& what);
/// Renderer for commands that are answered with the conversation.
[[nodiscard]] model::answer render_conversation(const actors::outcome& what);
/// Renderer for commands that are answered with the message that they add, or that their first
/// sending added: the same words for both, so that a repeated request gets the same answer.
[[nodiscard]] model::answer render_message(const actors::outcome& what);

}  // namespace parley::ingress
