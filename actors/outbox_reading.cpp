#include "actors/outbox_reading.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "actors/log.hpp"
#include "actors/stored_pair.hpp"
#include "parley/model/limits.hpp"
#include "parley/text/segments.hpp"

namespace parley::actors {

namespace {

/// The entry's record in the journal. Throws `corruption_error` when row or record are damaged.
store::record read_record(const store::reader& reader, const store::outbox_entry& entry) {
  if (!entry.fault.empty())
    throw store::corruption_error{entry.fault};
  auto record = reader.at(entry.message_seq);
  if (!record)
    throw store::corruption_error{"an outbox row points nowhere"};
  return std::move(*record);
}

/// Whom the entry's message goes to: the recipients of a group, or the pair's other end.
std::vector<std::string> recipients_of(const store::outbox_entry& entry,
                                       const model::message_added& added) {
  if (entry.one_recipient)
    return {entry.to};
  return added.recipients.empty() ? std::vector{std::string{}} : added.recipients;
}

/// Mission 6: what could not be sent by then is expired. A scheduled message is good from its time
/// on.
model::timestamp expiry_of(const store::outbox_entry& entry, const model::message_added& added,
                           model::timestamp accepted_at, std::chrono::milliseconds validity) {
  const auto from = entry.valid_from == model::timestamp{} ? accepted_at : entry.valid_from;
  return from + (added.validity_ms > 0 ? std::chrono::milliseconds{added.validity_ms} : validity);
}

/// Mission 2: in a group everybody sees everybody. All parties hear each other from our number, so
/// the text says whose it is; a text that would become too long for it goes as it is.
void name_author(pending_send& leg, const model::message_added& added) {
  if (added.direction != model::direction::inbound)
    return;
  const auto author = model::address::parse(added.author.id);
  auto named = std::make_shared<model::content>(*added.what);
  named->body = (author ? author->identifier : added.author.id) + ": " + added.what->body;
  const auto cut = text::segment(named->body);
  if (cut.characters > model::body_characters_max)
    return;
  leg.what = std::move(named);
  leg.segments = cut.segments;
}

}  // namespace

std::vector<pending_send> read_sends(const store::reader& reader, const number_facts& number,
                                     const store::outbox_entry& entry,
                                     std::chrono::milliseconds validity) try {
  const auto record = read_record(reader, entry);
  const auto pair = model::pair::from_key(entry.pair_key);
  const auto* added = std::get_if<model::message_added>(&record.event.body);
  if (!pair || !added || added->message != entry.message)
    throw store::corruption_error{"an outbox row is of another message"};
  const bool counts_as_one = pair->ours.kind == model::channel::whatsapp;  // However long it is.
  const auto expires_at = expiry_of(entry, *added, record.event.at, validity);
  std::vector<pending_send> legs;
  for (auto& to : recipients_of(entry, *added)) {
    auto& leg = legs.emplace_back(pending_send{.seq = entry.seq,
                                               .lane = entry.lane,
                                               .message = entry.message,
                                               .job = added->bulk.job,
                                               .pair = *pair,
                                               .to = std::move(to),
                                               .thread = entry.pair_key,
                                               .what = added->what,
                                               .segments = segments_of(*added),
                                               .expires_at = expires_at});
    leg.thread.append(1, '\0').append(leg.to);
    name_author(leg, *added);
    if (counts_as_one)
      leg.segments = 1;
  }
  return legs;
} catch (const store::corruption_error& damage) {
  log().error("sender: a message cannot be sent, number={} seq={} cause=\"{}\"", number.identifier,
              entry.seq, damage.what());
  return {};
}

std::int64_t count_sends(const store::reader& reader, const number_facts& number,
                         const store::outbox_entry& entry) try {
  const auto pair = model::pair::from_key(entry.pair_key);
  if (!pair || !pair->theirs.is_group() || entry.one_recipient)
    return 1;
  const auto state = load_pair(reader, entry.pair_key);
  if (!state)
    return 1;
  return std::ranges::count_if(state->deliveries, [&](const model::delivery& one) {
    return one.message == entry.message && one.queued_seq == 0 && model::in_outbox(one.state);
  });
} catch (const store::store_error& damage) {
  log().error("sender: what waits cannot be counted, number={} seq={} cause=\"{}\"",
              number.identifier, entry.seq, damage.what());
  return 1;
}

}  // namespace parley::actors
