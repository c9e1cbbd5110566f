#include "src/ingress/event_feed.hpp"

#include "parley/model/event.hpp"
#include "src/ingress/api/lookup.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace parley::ingress {

namespace {

constexpr std::size_t window_records_max = 1024;
constexpr std::size_t extension_records_max = 256;
/// Records read in one transaction of the store; a long one would keep old pages from being reused.
constexpr std::size_t transaction_records_max = 4096;

/// Adds what is wanted of one record's events. False, and nothing is added, when the page has no
/// room for them: a record is never split.
bool add(feed_page& page, std::uint64_t seq, std::vector<shown_event> events,
         const event_subject& about, const feed_query& query) {
  std::erase_if(events, [&](const shown_event& one) { return !query.types.accepts(one.type); });
  if (!page.items.empty() && page.items.size() + events.size() > query.limit)
    return false;
  for (auto& one : events)
    page.items.push_back({seq, std::move(one), about});
  page.last_seq = seq;
  return true;
}

/// Whether a record of this kind can be wanted: what is not is not put into words.
bool may_be_wanted(const model::event_body& body, const type_filter& types) {
  const auto type = model::external_type(body);
  if (type.empty())
    return false;
  return types.accepts(event_type_index(type))
         || std::holds_alternative<model::conversation_opened>(body);
}

/// The message whose content the event tells as it is now; 0: it tells none.
std::uint64_t message_told_by(const model::event_body& body) noexcept {
  if (const auto* edited = std::get_if<model::message_edited>(&body))
    return edited->message_seq;
  const auto* settled = std::get_if<model::media_settled>(&body);
  return settled != nullptr ? settled->message_seq : 0;
}

/// The message's record that is another since this event; 0 when there is none.
std::uint64_t changed_message(const model::event_body& body) noexcept {
  if (const auto* gone = std::get_if<model::message_redacted>(&body))
    return gone->message_seq;
  return message_told_by(body);
}

/// The message's record that this one shows something of; 0 when it shows nothing of any.
std::uint64_t message_of(const store::record& record) noexcept {
  if (std::holds_alternative<model::message_added>(record.event.body))
    return record.seq;
  return message_told_by(record.event.body);
}

/// Whether its words have URLs that expire.
bool shows_files(const model::event_body& body) {
  if (std::holds_alternative<model::media_settled>(body))
    return true;
  const auto* added = std::get_if<model::message_added>(&body);
  return added != nullptr
         && std::ranges::any_of(added->what->files, [](const model::media& file) {
              return file.file.has_value();
            });
}

}  // namespace

event_feed::event_feed(const store::reader& reader, const store::journal& journal,
                       const model::directory_cell& directory, const file_urls& urls)
  : reader_(reader), journal_(journal), directory_(directory), urls_(urls) {}

feed_page event_feed::read_page(const feed_query& query) {
  feed_page page;
  page.last_seq = query.after;
  const auto committed = journal_.committed();
  if (query.after < committed && !read_window(page, query, committed))
    read_journal(page, query);
  if (!sees_everything(query.who))
    drop_hidden(page, query.who);
  page.at_end = page.last_seq >= committed;
  return page;
}

bool event_feed::read_window(feed_page& page, const feed_query& query, std::uint64_t committed) {
  const std::lock_guard lock{mutex_};
  const auto after = query.after;
  if (after > window_end_ || committed - window_end_ > window_records_max) {
    // Nobody has followed for a while. The window starts anew where the first reader near the end
    // is.
    if (committed - after > extension_records_max)
      return false;
    window_.clear();
    window_end_ = after;
  }
  // Up to the end, wherever the reader is: what has been redacted by now is shown to nobody.
  for (auto before = window_end_; window_end_ < committed; before = window_end_) {
    extend_window();
    if (window_end_ == before)
      return false;
  }
  const auto window_begin = window_.empty() ? window_end_ : window_.front().seq - 1;
  if (after < window_begin)
    return false;
  for (auto at = static_cast<std::size_t>(after - window_begin); at < window_.size(); ++at) {
    if (is_stale(window_[at]))
      show_again(window_[at].message_seq, *directory_.present());
    const auto& record = window_[at];
    const bool own = record.organization == query.organization;
    const bool masked = query.who.numbers == audience::masked;
    if (own && masked && !record.masked)
      return page.last_seq != after;  // Worded before the numbers were hidden: not for this reader.
    const auto& events = masked && own ? *record.masked : record.clear;
    if (page.items.size() >= query.limit
        || !add(page, record.seq, own ? events : std::vector<shown_event>{}, record.about, query))
      break;
  }
  return true;
}

void event_feed::extend_window() {
  const auto known = directory_.present();
  std::vector<std::uint64_t> changed;
  try {
    reader_.read_from(window_end_, extension_records_max, [&](const store::record& record) {
      window_.push_back(worded(record, *known));
      window_end_ = record.seq;
      if (const auto message = changed_message(record.event.body); message != 0)
        changed.push_back(message);
      return true;
    });
  } catch (const store::corruption_error&) {
    // The window ends before it; `read_journal` names it to whoever gets there.
  }
  for (const auto seq : changed)
    show_again(seq, *known);
  while (window_.size() > window_records_max)
    window_.pop_front();
}

void event_feed::show_again(std::uint64_t message_seq, const model::directory& known) {
  for (auto& kept : window_)
    if (kept.message_seq == message_seq)
      if (const auto record = reader_.at(kept.seq))
        kept = worded(*record, known);
}

std::vector<shown_event> event_feed::words_of(const store::record& record,
                                              const model::directory& known,
                                              audience who) const {
  const auto message_seq = message_told_by(record.event.body);
  if (message_seq == 0)
    return show(record, known, {.who = who, .urls = urls_});
  try {
    const auto message = reader_.at(message_seq);
    const auto* added = message ? std::get_if<model::message_added>(&message->event.body) : nullptr;
    return show(record, known,
                {.who = who, .urls = urls_, .about = added ? added->what.get() : nullptr});
  } catch (const store::corruption_error&) {
    return show(record, known, {.who = who, .urls = urls_});  // The message says so by itself.
  }
}

event_feed::worded_record event_feed::worded(const store::record& record,
                                             const model::directory& known) const {
  worded_record made;
  made.seq = record.seq;
  made.organization = record.organization;
  made.about = subject_of(record.event);
  made.message_seq = message_of(record);
  if (shows_files(record.event.body))
    made.signed_at = model::wall_clock();
  made.clear = words_of(record, known, audience::clear);
  const auto* owner = known.find_organization(record.organization);
  if (owner != nullptr && owner->hide_contact_numbers)
    made.masked = words_of(record, known, audience::masked);
  return made;
}

bool event_feed::is_stale(const worded_record& record) const {
  return record.signed_at != model::timestamp{}
         && model::wall_clock() - record.signed_at > urls_.validity / 2;
}

void event_feed::drop_hidden(feed_page& page, const viewer& who) const {
  std::unordered_map<model::id128, sight, model::id_hash> looked_up;
  std::erase_if(page.items, [&](const feed_page::item& one) {
    const auto [found, is_new] = looked_up.try_emplace(one.about.conversation);
    if (is_new)
      if (const auto state = find_conversation(reader_, one.about.conversation))
        found->second = sight_of(who, *state);
    return !is_shown(who, one.about, found->second);
  });
}

void event_feed::read_journal(feed_page& page, const feed_query& query) const {
  const auto known = directory_.present();
  std::size_t scanned = 0;
  bool more = true;
  while (more && scanned < query.scan_records_max) {
    const auto from = page.last_seq;
    const auto count = std::min(transaction_records_max, query.scan_records_max - scanned);
    const auto each = [&](const store::record& record) {
      const bool wanted = record.organization == query.organization
                          && may_be_wanted(record.event.body, query.types);
      more = page.items.size() < query.limit
             && add(page, record.seq,
                    wanted ? words_of(record, *known, query.who.numbers)
                           : std::vector<shown_event>{},
                    wanted ? subject_of(record.event) : event_subject{}, query);
      return more;
    };
    try {
      reader_.read_from(from, count, each);
    } catch (const store::corruption_error&) {
      // What is before it is shown; whoever asks for it itself is told.
      if (page.last_seq == query.after)
        throw;
      return;
    }
    scanned += static_cast<std::size_t>(page.last_seq - from);
    more = more && page.last_seq - from == count;
  }
}

}  // namespace parley::ingress
