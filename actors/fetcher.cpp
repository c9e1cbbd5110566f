#include "actors/fetcher.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "actors/incoming_media.hpp"
#include "actors/log.hpp"
#include "actors/supervision.hpp"
#include "actors/switchboard.hpp"
#include "parley/carrier/media.hpp"
#include "parley/store/rows.hpp"

namespace parley::actors {
namespace {

using self_pointer = fetcher_actor::stateful_pointer<fetcher_state>;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t redirects_max = 5;
/// Before the second try, the third, and every further one.
constexpr std::array retry_pauses{milliseconds{1'000}, milliseconds{10'000}, milliseconds{60'000}};

fetcher_state::key key_of(std::uint32_t organization, const model::address& ours) {
  return {organization, ours.text()};
}

/// Tells the conversation what became of the message's files; the row goes with its event. Of a
/// message that was redacted meanwhile there is nothing to tell, and no row.
void settle(fetcher_state& my, open_fetch done) {
  if (!has_content(my.shared->reader, done.found.message_seq))
    return;
  const auto* number
    = my.shared->board.number(done.between.organization, done.between.ours.identifier);
  if (number == nullptr)
    return;  // It is no number any more; the row stays for when it is again.
  auto asked = std::make_shared<envelope>();
  asked->pair = std::move(done.between);
  asked->what = std::move(done.found);
  asked->received_at = model::wall_clock();
  caf::anon_send(*number, envelope_ptr{std::move(asked)});
}

/// Begins with the file at `place`.
void turn_to_file(open_fetch& what) {
  what.url = what.found.files[what.place].url;
  what.redirects = 0;
  what.tries = 0;
}

/// The credentials of the link that carries the number, if this is a URL of its API.
std::string authorization_for(const fetcher_state& my, const open_fetch& what) {
  const auto known = my.shared->directory.present();
  const auto number = known->find_number(what.between.organization, what.between.ours.identifier);
  return number && number->link != nullptr ? carrier::media_authorization(*number->link, what.url)
                                           : std::string{};
}

/// Asks for the file, once.
void try_once(self_pointer self, open_fetch what) {
  auto& my = self->state;
  auto body = std::make_shared<incoming_media>(my.shared->files->kept, my.shared->reader);
  http::client_request request;
  request.verb = "GET";
  request.url = what.url;
  request.headers.emplace_back("Accept", "*/*");
  if (auto authorization = authorization_for(my, what); !authorization.empty())
    request.headers.emplace_back("Authorization", std::move(authorization));
  request.sink = [body](std::string_view bytes) { return body->take(bytes); };
  const auto number = ++my.last_fetch;
  const auto organization = what.between.organization;
  const auto seq = what.found.message_seq;
  my.fetches.emplace(number, std::move(what));
  my.shared->files->hosts.send(std::move(request),
                               [back = caf::actor_cast<fetcher_actor>(self), number, organization,
                                seq, body = std::move(body)](http::client_result result) {
                                 media_answer answer{number, std::move(result), {}};
                                 if (answer.result.outcome == http::exchange_outcome::answered
                                     && answer.result.status / 100 == 2)
                                   answer.file = body->finish(organization, seq);
                                 caf::anon_send(back, std::move(answer));
                               });
}

/// An inbound message of the outbox, ready to be fetched. Empty when it is damaged, which the log
/// says: then its files stay where they are.
std::optional<open_fetch> read_entry(const fetcher_state& my,
                                     const store::outbox_entry& entry) try {
  if (!entry.fault.empty())
    throw store::corruption_error{entry.fault};
  const auto record = my.shared->reader.at(entry.seq);
  const auto pair = model::pair::from_key(entry.pair_key);
  const auto* added = record ? std::get_if<model::message_added>(&record->event.body) : nullptr;
  if (!pair || added == nullptr || added->message != entry.message)
    throw store::corruption_error{"a row is of another message"};
  if (added->what->files.empty())
    return std::nullopt;  // It has been redacted since, and its row goes with that.
  open_fetch made;
  made.between = *pair;
  made.found
    = {record->event.conversation, added->message, added->index, entry.seq, added->what->files};
  turn_to_file(made);
  return made;
} catch (const store::corruption_error& damage) {
  log().error("fetcher: the files of a message cannot be fetched, seq={} cause=\"{}\"", entry.seq,
              damage.what());
  return std::nullopt;
}

/// Begins with what waits, as far as there is room.
void pump(self_pointer self, const fetcher_state::key& key) {
  auto& my = self->state;
  auto& line = my.lines.at(key);
  const auto prefix = store::outbox_prefix(key.first, line.ours);
  while (!line.exhausted && line.in_flight < my.shared->options.fetches_max) {
    const auto page = my.shared->reader.outbox(prefix, store::lane::media, line.read_up_to, 1);
    line.exhausted = page.empty();
    for (const auto& entry : page) {
      line.read_up_to = entry.seq;
      if (auto next = read_entry(my, entry)) {
        ++line.in_flight;
        try_once(self, std::move(*next));
      }
    }
  }
}

/// Frees the message's place.
void leave(self_pointer self, const fetcher_state::key& key) {
  --self->state.lines.at(key).in_flight;
  pump(self, key);
}

/// The file at `place` is settled: on to the message's next, or the message is done.
void go_on(self_pointer self, open_fetch what) {
  auto& my = self->state;
  if (++what.place < what.found.files.size()) {
    turn_to_file(what);
    try_once(self, std::move(what));
    return;
  }
  const auto key = key_of(what.between.organization, what.between.ours);
  settle(my, std::move(what));
  leave(self, key);
}

/// The file stays where it is.
void give_up(self_pointer self, open_fetch what, model::media_fault why, std::string_view cause) {
  self->state.shared->counts.media_failed.fetch_add(1, std::memory_order_relaxed);
  log().info("fetcher: a file was not fetched, message={} place={} cause=\"{}\"",
             what.found.message.text(), what.place, cause);
  what.found.files[what.place].fault = why;
  go_on(self, std::move(what));
}

void try_later(self_pointer self, open_fetch what, std::string_view cause) {
  auto& my = self->state;
  if (++what.tries >= my.shared->options.fetch_tries) {
    give_up(self, std::move(what), model::media_fault::unreachable, cause);
    return;
  }
  const auto pause = retry_pauses[std::min(what.tries, retry_pauses.size()) - 1];
  // From the beginning: what a redirect led to may have been good for a short time only.
  what.url = what.found.files[what.place].url;
  what.redirects = 0;
  what.not_before = steady_clock::now() + pause;
  tick_by(self, what.not_before);
  my.retries.push_back(std::move(what));
}

/// All of the file has come.
void settle_file(self_pointer self, open_fetch what, const incoming_media::outcome& came) {
  auto& my = self->state;
  if (came.refused) {
    const bool large = came.refused->code == model::errc::file_too_large;
    give_up(self, std::move(what),
            large ? model::media_fault::too_large : model::media_fault::type_refused,
            came.refused->detail);
  } else if (came.kept) {
    my.shared->counts.media_fetched.fetch_add(1, std::memory_order_relaxed);
    auto& file = what.found.files[what.place];
    file.file = came.kept->id;
    file.content_type = came.kept->content_type;
    go_on(self, std::move(what));
  } else if (came.unwanted) {
    // There is nothing to tell: the message has no files any more, and no row.
    leave(self, key_of(what.between.organization, what.between.ours));
  } else {
    try_later(self, std::move(what), came.fault);
  }
}

void answered(self_pointer self, const media_answer& heard) {
  auto& my = self->state;
  const auto found = my.fetches.find(heard.number);
  if (found == my.fetches.end())
    return;
  auto what = std::move(found->second);
  my.fetches.erase(found);
  const auto& result = heard.result;
  if (result.too_large) {
    give_up(self, std::move(what), model::media_fault::too_large, result.cause);
    return;
  }
  if (result.outcome != http::exchange_outcome::answered) {
    try_later(self, std::move(what), result.cause);
    return;
  }
  const auto status = "status " + std::to_string(result.status);
  auto verdict = carrier::judge_media_answer(result.status, result.location, what.url);
  using kind = carrier::media_verdict::kind;
  switch (verdict.what) {
    case kind::content:
      settle_file(self, std::move(what), heard.file);
      return;
    case kind::redirect:
      if (++what.redirects > redirects_max) {
        give_up(self, std::move(what), model::media_fault::refused, "too many redirects");
        return;
      }
      what.url = std::move(verdict.url);
      try_once(self, std::move(what));
      return;
    case kind::transient:
      try_later(self, std::move(what), status);
      return;
    case kind::permanent:
      give_up(self, std::move(what), model::media_fault::refused, status);
      return;
  }
}

/// Tries again whose pause is over.
void tick(self_pointer self) {
  auto& my = self->state;
  tick_came(self);
  const auto now = steady_clock::now();
  for (auto count = my.retries.size(); count > 0; --count) {
    auto next = std::move(my.retries.front());
    my.retries.pop_front();
    if (next.not_before > now) {
      tick_by(self, next.not_before);
      my.retries.push_back(std::move(next));
    } else {
      try_once(self, std::move(next));
    }
  }
}

void look(self_pointer self, std::uint32_t organization, const model::address& ours) {
  auto key = key_of(organization, ours);
  auto& line = self->state.lines[key];
  line.ours = ours;
  line.exhausted = false;
  pump(self, key);
}

}  // namespace

fetcher_actor::behavior_type fetcher(self_pointer self, const services* shared) {
  supervise(self, "fetcher");
  self->state.shared = shared;
  return {
    [self](atom::media, std::uint32_t organization, const model::address& ours) {
      look(self, organization, ours);
    },
    [self](const media_answer& heard) { answered(self, heard); },
    [self](atom::tick) { tick(self); },
  };
}

void take_up_media(const services& shared, const fetcher_actor& whom) {
  for (const auto& [organization, ours] : shared.reader.outbox_numbers())
    caf::anon_send(whom, atom::media::value, organization, ours);
}

}  // namespace parley::actors
