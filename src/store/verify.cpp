#include "parley/store/verify.hpp"

#include "parley/store/codec.hpp"
#include "parley/store/directory_table.hpp"
#include "parley/model/contact_rules.hpp"
#include "src/store/bytes.hpp"
#include "src/store/contact_codec.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/bulk_cells.hpp"
#include "src/store/bulk_codec.hpp"
#include "src/store/keys.hpp"
#include "src/store/record_decode.hpp"
#include "src/store/record_format.hpp"
#include "src/store/sealed.hpp"
#include "src/store/webhook_codec.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace parley::store {
namespace {

constexpr std::size_t faults_max = 1000;

using std::to_string;

/// A pair as far as the walk has replayed it.
struct replayed {
  model::conversation_state state;
  std::uint64_t snapshot_head = 0;  ///< 0: none, or none that can be read.
  std::uint64_t row_head = 0;       ///< As `heads` has it.
  bool snapshot_met = false;        ///< The replay passed the snapshot's event.
  bool broken = false;              ///< A record is missing: nothing can be compared any more.
};

class verifier {
public:
  verifier(const environment& env, const apply_function& apply)
    : env_(env), apply_(apply), txn_(env) {}

  [[nodiscard]] verification run() && {
    guarded([&] { walk_journal(); });
    guarded([&] { check_meta(); });
    walk("conversations", txn_.in().conversations, &verifier::check_snapshot);
    walk("heads", txn_.in().heads, &verifier::check_head);
    walk("conversation_ids", txn_.in().conversation_ids, &verifier::check_place);
    walk("outbox", txn_.in().outbox, &verifier::check_outbox);
    walk("timers", txn_.in().timers, &verifier::check_timer);
    walk("listings", txn_.in().listings, &verifier::check_listing);
    walk("contacts", txn_.in().contacts, &verifier::check_contact);
    walk("contact_addresses", txn_.in().contact_addresses, &verifier::check_contact_address);
    walk("consents", txn_.in().consents, &verifier::check_consent);
    walk("cursors", txn_.in().cursors, &verifier::check_cursor);
    walk("webhook_log", txn_.in().webhook_log, &verifier::check_try);
    walk("dead_letters", txn_.in().dead_letters, &verifier::check_dead_letter);
    walk("webhook_replays", txn_.in().webhook_replays, &verifier::check_replay);
    walk("bulk_jobs", txn_.in().bulk_jobs, &verifier::check_bulk_job);
    walk("bulk_lines", txn_.in().bulk_lines, &verifier::check_bulk_lines);
    walk("bulk_cells", txn_.in().bulk_cells, &verifier::check_bulk_cells);
    walk("bulk_refused", txn_.in().bulk_refused, &verifier::check_bulk_refused);
    for (const auto& entry : pairs_)
      guarded([&] { check_rows_of(entry.first, entry.second); });
    guarded([&] { std::ignore = load_directory(env_); });
    found_.pairs = pairs_.size();
    return std::move(found_);
  }

private:
  using row_check = void (verifier::*)(std::string_view key, std::string_view value);

  /// Runs `check`; what it throws is a fault like those it finds.
  template <class Check>
  void guarded(Check&& check) {
    try {
      check();
    } catch (const std::exception& cause) {
      fault(cause.what());
    }
  }

  void fault(std::string what) {
    if (found_.faults.size() < faults_max)
      found_.faults.push_back(std::move(what));
  }

  void walk(std::string_view name, MDB_dbi table, row_check check) {
    guarded([&] {
      lmdb::cursor at{txn_.get(), table};
      for (bool more = at.move(MDB_FIRST); more; more = at.move(MDB_NEXT))
        guarded([&] { (this->*check)(at.key(), unseal(name, at.key(), at.value())); });
    });
  }

  void walk_journal() {
    lmdb::cursor at{txn_.get(), txn_.in().journal};
    for (bool more = at.move(MDB_FIRST); more; more = at.move(MDB_NEXT)) {
      const auto seq = load_little<std::uint64_t>(at.key().data());
      if (seq != last_seq_ + 1)
        fault("journal: record " + to_string(last_seq_ + 1) + " is missing");
      last_seq_ = seq;
      ++found_.records;
      try {
        check_record(decode_record(seq, at.value()));
      } catch (const std::exception& cause) {
        unreadable_.insert(seq);
        fault(cause.what());
      }
    }
  }

  void check_record(const record& found) {
    const auto [entry, fresh] = pairs_.try_emplace(found.pair_key);
    auto& pair = entry->second;
    if (fresh)
      meet(found, pair);
    if (pair.state.pair.organization != found.organization)
      fault("journal: record " + to_string(found.seq)
            + " is of another organisation than its pair");
    if (unreadable_.contains(found.prev)) {
      pair.broken = true;  // Already named; everything after it would only echo.
    } else if (!pair.broken && found.prev != pair.state.head_seq) {
      pair.broken = true;
      fault("journal: record " + to_string(found.seq) + " follows " + to_string(found.prev)
            + " and not " + to_string(pair.state.head_seq) + " of " + printable(found.pair_key));
    }
    apply_(pair.state, found.event, found.seq);
    if (const auto* consent = std::get_if<model::consent_changed>(&found.event.body))
      check_consent_row(found, *consent);
    if (pair.broken) {
      pair.state.head_seq = found.seq;
      return;
    }
    if (found.seq == pair.snapshot_head)
      compare_snapshot(found.pair_key, pair);
    if (pair.state.phase == model::conversation_phase::closed)
      compare_final(pair);
  }

  void meet(const record& first, replayed& pair) {
    if (const auto ends = model::pair::from_key(first.pair_key))
      pair.state.pair = *ends;
    else
      fault("journal: record " + to_string(first.seq) + " has the key "
            + printable(first.pair_key) + ", which is no pair");
    if (const auto snapshot = sound_snapshot(first.pair_key))
      pair.snapshot_head = snapshot->head_seq;
  }

  /// A damaged one is left to the walk over its own table, which names it.
  [[nodiscard]] std::optional<snapshot_content> sound_snapshot(std::string_view pair_key) const {
    const auto sealed = lmdb::get(txn_.get(), txn_.in().conversations, pair_key);
    if (!sealed)
      return std::nullopt;
    try {
      return open_snapshot(unseal("conversations", pair_key, *sealed));
    } catch (const corruption_error&) {
      return std::nullopt;
    }
  }

  [[nodiscard]] const std::string& encoded(const model::conversation_state& state) {
    encoded_.clear();
    encode(state, encoded_);
    return encoded_;
  }

  void compare_snapshot(std::string_view pair_key, replayed& pair) {
    pair.snapshot_met = true;
    const auto snapshot = sound_snapshot(pair_key);
    if (snapshot && snapshot->encoded_state != encoded(pair.state))
      fault("conversations: the snapshot of " + printable(pair_key)
            + " is not what its events replay to");
  }

  /// A damaged final state is left to the walk over its own table.
  void compare_final(const replayed& pair) {
    const auto key = id_key(pair.state.id);
    const auto sealed = lmdb::get(txn_.get(), txn_.in().conversation_ids, key);
    if (!sealed || sealed->size() < seal_bytes)
      return;
    try {
      const auto place = open_place(unseal("conversation_ids", key, *sealed));
      if (!place.closed || decode_state(*place.closed).head_seq != pair.state.head_seq
          || *place.closed == encoded(pair.state))
        return;
    } catch (const corruption_error&) {
      return;
    }
    fault("conversation_ids: the final state of " + pair.state.id.text()
          + " is not what its events replay to");
  }

  void check_meta() {
    const auto sealed = lmdb::get(txn_.get(), txn_.in().meta, journal_meta_key);
    const auto meta = sealed ? open_journal_meta(unseal("meta", journal_meta_key, *sealed))
                             : journal_meta{};
    tail_from_ = meta.tail_from;
    if (meta.last_seq != last_seq_)
      fault("journal: ends at " + to_string(last_seq_) + ", but " + to_string(meta.last_seq)
            + " was acknowledged");
  }

  void check_snapshot(std::string_view key, std::string_view value) {
    ++found_.snapshots;
    const auto snapshot = open_snapshot(value);
    const auto state = decode_state_of("conversations", key, snapshot.encoded_state);
    if (state.pair.key() != key || state.head_seq != snapshot.head_seq)
      fault("conversations: the snapshot of " + printable(key) + " is of something else");
    const auto pair = pairs_.find(std::string{key});
    if (pair == pairs_.end())
      fault("conversations: the snapshot of " + printable(key) + " has no events");
    else if (!pair->second.broken && !pair->second.snapshot_met)
      fault("conversations: the snapshot of " + printable(key) + " ends at "
            + to_string(snapshot.head_seq) + ", which is not in the pair's chain");
  }

  void check_head(std::string_view key, std::string_view value) {
    const auto pair_key = head_pair_key(key);
    const auto seq = open_head(value);
    const auto pair = pairs_.find(std::string{pair_key});
    if (pair == pairs_.end() || key != head_key(pair_key)) {
      fault("heads: the row " + printable(key) + " names a pair without events");
      return;
    }
    pair->second.row_head = seq;
    if (unreadable_.contains(seq))
      return;
    const auto bytes = lmdb::get(txn_.get(), txn_.in().journal, seq);
    if (!bytes || open_record(seq, *bytes).pair_key != pair_key)
      fault("heads: the row of " + printable(pair_key) + " names record " + to_string(seq)
            + ", which is not the pair's");
  }

  void check_place(std::string_view key, std::string_view value) {
    const auto place = open_place(value);
    if (!pairs_.contains(std::string{place.pair_key}))
      fault("conversation_ids: the row " + printable(key) + " names a pair without events");
    if (!place.closed)
      return;
    const auto state = decode_state_of("conversation_ids", key, *place.closed);
    if (id_key(state.id) != key || state.pair.key() != place.pair_key
        || state.phase != model::conversation_phase::closed)
      fault("conversation_ids: the row " + printable(key) + " has another one's final state");
  }

  void check_outbox(std::string_view key, std::string_view value) {
    const auto content = open_outbox(value);
    const auto seq = content.one_recipient ? content.message_seq : outbox_seq(key);
    std::ignore = outbox_lane(key);
    const auto bytes = lmdb::get(txn_.get(), txn_.in().journal, seq);
    if (!bytes) {
      fault("outbox: the row " + printable(key) + " names record " + to_string(seq)
            + ", which does not exist");
      return;
    }
    if (unreadable_.contains(seq))
      return;
    const auto found = decode_record(seq, *bytes);
    const auto* const added = std::get_if<model::message_added>(&found.event.body);
    if (added == nullptr || added->message != content.message
        || found.pair_key != content.pair_key)
      fault("outbox: the row " + printable(key) + " names record " + to_string(seq)
            + ", which is not its message");
  }

  void check_timer(std::string_view key, std::string_view) {
    const auto pair = pairs_.find(std::string{timer_pair_key(key)});
    if (pair == pairs_.end())
      fault("timers: the row " + printable(key) + " names a pair without events");
    else if (!pair->second.broken && pair->second.state.timer_due != timer_due(key))
      fault("timers: the row " + printable(key) + " is not the pair's timer");
  }

  void check_listing(std::string_view key, std::string_view value) {
    const auto sealed
      = lmdb::get(txn_.get(), txn_.in().conversation_ids, id_key(listing_id(key)));
    if (!sealed)
      fault("listings: the row " + printable(key) + " names a conversation that does not exist");
    else if (sealed->size() > seal_bytes
             && open_place(sealed->substr(seal_bytes)).pair_key != value)
      fault("listings: the row " + printable(key) + " names another pair than its conversation");
  }

  void check_contact(std::string_view key, std::string_view value) {
    ++found_.contacts;
    const auto who = decode_contact(key, value);
    for (const auto& address : who.addresses)
      check_index_of(contact_organization(key), address, who.id);
  }

  /// A row of the index that is damaged is named by the walk over its own table.
  void check_index_of(std::uint32_t organization, const model::address& address,
                      const model::contact_id& holder) {
    const auto key = contact_address_key(organization, address.text());
    const auto sealed = lmdb::get(txn_.get(), txn_.in().contact_addresses, key);
    if (!sealed) {
      fault("contact_addresses: the row of " + address.text() + " of " + holder.text()
            + " is missing");
      return;
    }
    try {
      if (open_contact_address(unseal("contact_addresses", key, *sealed)) != holder)
        fault("contact_addresses: " + address.text() + " of " + holder.text()
              + " is another contact's");
    } catch (const corruption_error&) {
      return;
    }
  }

  /// A contact that is damaged is named by the walk over its own table.
  void check_contact_address(std::string_view key, std::string_view value) {
    const auto holder = open_contact_address(value);
    const auto address = contact_address(key);
    const auto place = contact_key(load_big<std::uint32_t>(key.data()), holder);
    const auto sealed = lmdb::get(txn_.get(), txn_.in().contacts, place);
    if (!sealed) {
      fault("contact_addresses: the row " + printable(key) + " names a contact that does not "
                                                             "exist");
      return;
    }
    try {
      const auto who = decode_contact(place, unseal("contacts", place, *sealed));
      const auto known = model::address::parse(address);
      if (!known || !model::has_address(who, *known))
        fault("contact_addresses: the row " + printable(key) + " names " + holder.text()
              + ", which does not have the address");
    } catch (const corruption_error&) {
      return;
    }
  }

  /// Whoever wants no messages must be found to.
  void check_consent_row(const record& found, const model::consent_changed& consent) {
    auto key = consent_scope_key(found.organization, consent.address, consent.number);
    append_big(key, found.seq);
    if (!lmdb::get(txn_.get(), txn_.in().consents, key))
      fault("consents: the row of record " + to_string(found.seq) + " is missing");
  }

  void check_consent(std::string_view key, std::string_view value) {
    const auto seq = open_consent_key(key).seq;
    if (unreadable_.contains(seq))
      return;  // Already named.
    const auto sealed = lmdb::get(
      txn_.get(), txn_.in().journal,
      std::string_view{reinterpret_cast<const char*>(&seq), sizeof seq});
    if (!sealed || decode_record(seq, *sealed).event != decode_event(value))
      fault("consents: the row " + printable(key) + " is not what the journal says");
  }

  /// A webhook that is beyond the journal would miss what comes.
  void check_cursor(std::string_view key, std::string_view value) {
    if (decode_webhook_cursor(key, value) > last_seq_)
      fault("cursors: the row " + printable(key) + " is beyond the journal");
  }

  void check_try(std::string_view key, std::string_view value) {
    std::ignore = decode_webhook_try(key, value);
  }

  void check_dead_letter(std::string_view key, std::string_view value) {
    if (decode_dead_letter(key, value).seq > last_seq_)
      fault("dead_letters: the row " + printable(key) + " is of no event");
  }

  void check_replay(std::string_view key, std::string_view value) {
    if (model::seq_of(decode_webhook_replay(key, value)) > last_seq_)
      fault("webhook_replays: the row " + printable(key) + " is of no event");
  }

  void check_bulk_job(std::string_view key, std::string_view value) {
    if (key.front() == static_cast<char>(bulk_row::key))
      std::ignore = decode_bulk_key(value);
    else if (key.front() == static_cast<char>(bulk_row::job))
      check_bulk_counts(decode_bulk_job(key, value).job);
    else
      std::ignore = open_bulk_jobs_key(key);
  }

  /// The counts must be what the cells say. Damaged ones are named by the walk over their table.
  void check_bulk_counts(const model::bulk_job& job) try {
    const auto prefix = bulk_job_key(job.organization, job.id);
    lmdb::cursor at{txn_.get(), txn_.in().bulk_cells};
    model::bulk_counts counted;
    model::bulk_counts kept;
    for (bool more = at.seek(prefix); more && at.key().starts_with(prefix);
         more = at.move(MDB_NEXT)) {
      const auto value = unseal("bulk_cells", at.key(), at.value());
      if (is_bulk_counts_key(at.key())) {
        kept = decode_bulk_counts(value);
        continue;
      }
      for (const auto& cell : decode_bulk_block(value))
        if (cell.state != model::bulk_line_state::waiting)
          ++counted.of(cell.state);
    }
    if (counted != kept)
      fault("bulk_cells: the counts of " + job.id.text() + " are not those of its lines");
  } catch (const corruption_error&) {
    return;
  }

  void check_bulk_lines(std::string_view, std::string_view value) {
    std::ignore = decode_bulk_lines(value);
  }

  void check_bulk_cells(std::string_view key, std::string_view value) {
    if (is_bulk_counts_key(key))
      std::ignore = decode_bulk_counts(value);
    else
      std::ignore = decode_bulk_block(value);
  }

  void check_bulk_refused(std::string_view key, std::string_view value) {
    std::ignore = decode_bulk_refused(key, value);
  }

  /// What must happen later has to stand in a table that somebody reads.
  void check_rows_of(const std::string& pair_key, const replayed& pair) {
    if (pair.broken)
      return;
    const auto& state = pair.state;
    if (state.head_seq < tail_from_
        && std::max(pair.row_head, pair.snapshot_head) != state.head_seq)
      fault("heads: the last event of " + printable(pair_key) + ", " + to_string(state.head_seq)
            + ", is before the tail and no row has it");
    if (state.timer_due != model::timestamp{}
        && !lmdb::get(txn_.get(), txn_.in().timers, timer_key(state.timer_due, pair_key)))
      fault("timers: the timer of " + printable(pair_key) + " is missing");
    for (const auto& delivery : state.deliveries) {
      if (!model::in_outbox(delivery.state))
        continue;
      auto key = outbox_lane_key(state.pair.organization, state.pair.ours,
                                 delivery.bulk.job.has_value() ? lane::bulk : lane::reply);
      append_big(key, delivery.queued_seq != 0 ? delivery.queued_seq : delivery.message_seq);
      if (!lmdb::get(txn_.get(), txn_.in().outbox, key))
        fault("outbox: the row of " + delivery.message.text() + " is missing");
    }
  }

  const environment& env_;
  const apply_function& apply_;
  const read_transaction txn_;
  verification found_;
  std::uint64_t last_seq_ = 0;
  std::uint64_t tail_from_ = 1;
  std::unordered_map<std::string, replayed> pairs_;
  std::unordered_set<std::uint64_t> unreadable_;
  std::string encoded_;
};

}  // namespace

verification verify(const environment& env, const apply_function& apply) {
  return verifier{env, apply}.run();
}

}  // namespace parley::store
