#include "src/ingress/stream.hpp"

#include "actors/subscriber.hpp"
#include "src/ingress/auth.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/viewer.hpp"

#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace parley::ingress {

namespace {

constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t try_again_later = 1013;

/// Tells the user's PARTICIPANT, when the stream is of one, that somebody is there, or not any
/// more.
template <class Atom>
void tell(const actors::participant_actor& whose, Atom what) {
  if (whose)
    caf::anon_send(whose, what);
}

/// Looked at in one go: a stream that is far behind shares its worker with conversations.
constexpr std::size_t scan_records_max = 2048;
constexpr std::string_view events_scope = "events:read";
constexpr auto events_role = model::role::read_only;

/// Who follows, while the key may: its scopes, its user and that user's role can change meanwhile.
std::optional<viewer> follower(const model::directory& known, const model::sha256_digest& key,
                               std::uint32_t organization) {
  const auto caller = known.find_key(key);
  if (!caller || caller->owner->index != organization || !has_scope(*caller->key, events_scope))
    return std::nullopt;
  try {
    auto who = viewer_of(*caller);
    require_role(who, events_role);
    return who;
  } catch (const refusal&) {
    return std::nullopt;
  }
}

}  // namespace

streams::streams(event_feed& feed, followers& waiting, const store::journal& journal,
                 const model::directory_cell& directory, actors::cast& cast, ingress_counts& counts,
                 stream_limits limits)
  : feed_(feed),
    waiting_(waiting),
    journal_(journal),
    directory_(directory),
    cast_(cast),
    counts_(counts),
    limits_(limits) {}

streams::request streams::read(const http::request& incoming) const {
  request asked;
  asked.known = directory_.present();
  asked.caller = authenticate(*asked.known, incoming.header("Authorization"));
  require_scope(*asked.caller.key, events_scope);
  require_role(viewer_of(asked.caller), events_role);
  const query_parameters parameters{incoming.query, {"after", "types", "user"}};
  asked.types = type_filter{parameters.text("types").value_or("")};
  asked.after = parameters.number("after", 0, std::numeric_limits<std::uint64_t>::max() - 1)
                  .value_or(journal_.committed());
  asked.user = parameters.text("user").value_or("");
  const auto& bound_to = asked.caller.key->user;
  if (!asked.user.empty() && !bound_to.empty() && asked.user != bound_to)
    throw refusal{model::errc::forbidden, "the key is of another user"};
  if (!asked.user.empty() && asked.caller.owner->find_user(asked.user) == nullptr)
    throw refusal{model::errc::unknown_user, "`user`: there is no user `" + asked.user + "`"};
  return asked;
}

void streams::admit(const http::request& incoming) {
  std::ignore = read(incoming);
  const std::lock_guard lock{mutex_};
  if (closed_)
    throw refusal{model::errc::shutting_down, {}};
  if (live_.size() >= limits_.streams_max)
    throw refusal{model::errc::overloaded, "too many streams are open"};
}

actors::subscriber_actor streams::spawn(const request& asked,
                                        const std::shared_ptr<http::websocket>& socket) {
  actors::subscription what;
  what.after = asked.after;
  what.socket = socket;
  what.read = [this, types = asked.types, organization = asked.caller.owner->index,
               key = asked.caller.key->digest,
               known = model::directory_view{directory_}](std::uint64_t after) mutable {
    actors::stream_page made;
    const auto who = follower(*known.present(), key, organization);
    if (!who) {
      made.forbidden = true;
      return made;
    }
    auto page = feed_.read_page({.after = after,
                                 .organization = organization,
                                 .types = types,
                                 .limit = limits_.page_max,
                                 .scan_records_max = scan_records_max,
                                 .who = *who});
    made.last_seq = page.last_seq;
    made.at_end = page.at_end;
    made.texts.reserve(page.items.size());
    for (auto& item : page.items)
      made.texts.emplace_back(item.seq, std::move(item.event.json));
    counts_.stream_events.fetch_add(made.texts.size(), std::memory_order_relaxed);
    return made;
  };
  what.await = [this](std::uint64_t after, const actors::subscriber_actor& who) {
    waiting_.await(after, [who] { caf::anon_send(who, actors::atom::wake::value); });
  };
  return cast_.system().spawn(actors::subscriber, std::move(what));
}

void streams::open(const http::request& incoming, const std::shared_ptr<http::websocket>& socket) {
  const auto asked = read(incoming);
  std::uint64_t key = 0;
  actors::subscriber_actor who;
  {
    const std::lock_guard lock{mutex_};
    if (closed_ || live_.size() >= limits_.streams_max) {
      socket->close(closed_ ? going_away : try_again_later,
                    "last_seq=" + std::to_string(asked.after));
      return;
    }
    who = spawn(asked, socket);
    key = ++last_key_;
    live_.emplace(key, who);
  }
  actors::participant_actor present;
  if (const auto* whose = cast_.board().participant(asked.caller.owner->index, asked.user))
    present = *whose;
  tell(present, actors::atom::online::value);
  counts_.streams_open.fetch_add(1, std::memory_order_relaxed);
  counts_.streams_total.fetch_add(1, std::memory_order_relaxed);
  socket->on_end([this, key, who, present] {
    tell(present, actors::atom::offline::value);
    counts_.streams_open.fetch_sub(1, std::memory_order_relaxed);
    caf::anon_send_exit(who, caf::exit_reason::normal);
    const std::lock_guard lock{mutex_};
    live_.erase(key);
  });
  caf::anon_send(who, actors::atom::wake::value);
}

void streams::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  for (const auto& [key, who] : live_)
    caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  live_.clear();
}

}  // namespace parley::ingress
