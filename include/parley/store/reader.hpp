#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parley/model/contact.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/event.hpp"
#include "parley/store/environment.hpp"
#include "parley/store/bulk_table.hpp"
#include "parley/store/journal.hpp"
#include "parley/store/rows.hpp"
#include "parley/store/webhook_table.hpp"

namespace parley::store {

/// A record of the journal.
struct record {
  std::uint64_t seq = 0;
  std::uint64_t prev = 0;  ///< The pair's event before; 0 is none.
  std::uint32_t organization = 0;
  std::string pair_key;
  model::event event;
};

/// A pair as the store has it: replaying `tail` on `snapshot` gives its durable state (I10).
struct stored_pair {
  std::optional<model::conversation_state> snapshot;
  std::vector<record> tail;  ///< Oldest first.
};

/// Where a conversation is kept.
struct conversation_place {
  std::string pair_key;
  std::optional<model::conversation_state> closed;  ///< The final state of a closed one.
};

/// One line of a listing.
struct listed {
  model::conversation_id id;
  model::conversation_phase phase = model::conversation_phase::none;
  std::string pair_key;
  std::string cursor;  ///< Continue after this one.
};

struct listing_query {
  std::uint32_t organization = 0;
  listing_scope scope = listing_scope::organization;
  std::string scope_id{};  ///< The inbox, the user, `party_scope`; empty for the others.
  model::conversation_phase phase = model::conversation_phase::active;
  std::string after{};     ///< A `listed::cursor` of the same query, or empty.
  std::size_t limit = 0;
};

/// A message that a sender has yet to finish, or a row that is damaged: then only `seq` and `fault`
/// say anything. It is an entry all the same, so that one damaged row holds up no other.
struct outbox_entry {
  std::uint64_t seq = 0;  ///< Of the event that put it into the outbox: the order of the lane.
  store::lane lane = lane::reply;
  std::string pair_key;
  model::message_id message;
  std::uint64_t message_seq = 0;  ///< Of the message's event in the journal, which has the text.
  model::timestamp valid_from{};  ///< Its validity counts from then; zero: from its acceptance.
  bool one_recipient = false;     ///< It stands for one delivery of the message …
  std::string to{};               ///< … to this recipient, of a group.
  std::string fault{};  ///< Empty: none.
};

/// One change of consent, as the journal has it.
struct consent_record {
  std::uint64_t seq = 0;
  model::timestamp at{};
  model::conversation_id conversation;  ///< None when it is about no conversation.
  model::consent_changed change;
};

struct due_timer {
  model::timestamp due{};
  std::string pair_key;
};

/// Consistent reads of what is durable. Each call is one short LMDB read transaction, so it may run
/// on any thread; pages that are not in memory are read from disk by the calling thread. Throws
/// `corruption_error` when bytes are not what was written.
class reader {
public:
  reader(std::shared_ptr<environment> env, const journal& tail);

  /// Snapshot and tail of a pair; both empty when it has never had an event. At a moment when the
  /// pair is not being appended to, the result is complete; else it is a durable prefix.
  [[nodiscard]] stored_pair load(std::string_view pair_key) const;

  [[nodiscard]] std::optional<conversation_place> find(const model::conversation_id& id) const;

  [[nodiscard]] std::optional<record> at(std::uint64_t seq) const;

  /// The record that added a message. Ids begin with the time at which the message was accepted,
  /// and the journal is in the order of acceptance, so a search by time finds it without an index
  /// that every message would have to be written to. A clock that was set back by more than a
  /// second can hide messages of that time.
  [[nodiscard]] std::optional<record> find_message(const model::message_id& id) const;

  /// Calls `each` with the records after `seq`, in order, until it returns false or `limit` records
  /// were read. Returns the last sequence number read, or `seq`.
  std::uint64_t read_from(std::uint64_t seq, std::size_t limit,
                          const std::function<bool(const record&)>& each) const;

  /// As `read_from`, back along one pair's chain, starting at `seq` itself.
  void read_back(std::uint64_t seq, const std::function<bool(const record&)>& each) const;

  /// A page of a listing, newest first. A cursor that is none gives an empty page.
  [[nodiscard]] std::vector<listed> list(const listing_query& query) const;

  /// Whether our number has had a group, of whichever parties.
  [[nodiscard]] bool has_groups(std::uint32_t organization, const model::address& ours) const;

  /// A page of an inbox's queue: conversations that wait for somebody to get them, first come
  /// first.
  /// @param after the cursor of a line of the same queue, or empty. One that is none gives an empty
  ///   page; a line that is gone by now still has its place.
  [[nodiscard]] std::vector<listed> waiting(std::uint32_t organization, std::string_view inbox,
                                            std::string_view after, std::size_t limit) const;
  /// How many open conversations of team inboxes a user has; stops counting at `limit`.
  [[nodiscard]] std::size_t count_held(std::uint32_t organization, std::string_view user,
                                       std::size_t limit) const;

  /// The entries of a number's lane after `after_seq`, oldest first.
  [[nodiscard]] std::vector<outbox_entry> outbox(std::string_view outbox_prefix, store::lane lane,
                                                 std::uint64_t after_seq, std::size_t limit) const;
  /// Every (organisation, our address) that has something to send.
  [[nodiscard]] std::vector<std::pair<std::uint32_t, model::address>> outbox_numbers() const;

  /// Timers due at or before `now`, earliest first.
  [[nodiscard]] std::vector<due_timer> due_timers(model::timestamp now, std::size_t limit) const;
  /// When the earliest timer is due.
  [[nodiscard]] std::optional<model::timestamp> next_timer() const;

  // -- contacts. What is not there costs one search in a small table.

  [[nodiscard]] std::optional<model::contact> find_contact(std::uint32_t organization,
                                                           const model::contact_id& id) const;
  /// Whose address it is; nothing when no contact has it. One look-up.
  [[nodiscard]] std::optional<model::contact_id> contact_id_of(std::uint32_t organization,
                                                               const model::address& theirs) const;
  /// The contact that has the address: two look-ups, one when nobody has it.
  [[nodiscard]] std::optional<model::contact> contact_of(std::uint32_t organization,
                                                         const model::address& theirs) const;
  /// Calls `each` with an organisation's contacts behind `after`, in order of id, until it returns
  /// false, as it does not take this one, or `scan_max` were read. Where to go on, if there may be
  /// more: behind the last one taken.
  std::optional<model::contact_id>
  read_contacts(std::uint32_t organization, const model::contact_id& after, std::size_t scan_max,
                const std::function<bool(const model::contact&)>& each) const;
  /// As `read_contacts`, with the addresses that begin with `prefix` (as text, behind the address
  /// `after`, in order of text) and whose each is.
  std::optional<std::string>
  read_contact_addresses(std::uint32_t organization, std::string_view prefix,
                         std::string_view after, std::size_t scan_max,
                         const std::function<bool(std::string_view address,
                                                  const model::contact& holder)>& each) const;

  // -- consents (mission 5), whose rows are small and few beside the messages.

  /// What is known of an address and one of our numbers (or nothing: all of them): the newest
  /// change of exactly that scope. One look-up.
  [[nodiscard]] std::optional<consent_record> consent_of(std::uint32_t organization,
                                                         std::string_view address,
                                                         std::string_view number) const;
  /// Calls `each` with an organisation's changes behind the key `after` (empty: from the first), by
  /// address, number and age, until it returns false, as it does not take this one, or `scan_max`
  /// were read. With an address only those about it; `newest_only`: of each address and number the
  /// last one. The key to go on behind, if there may be more.
  std::optional<std::string>
  read_consents(std::uint32_t organization, std::string_view address, std::string_view after,
                bool newest_only, std::size_t scan_max,
                const std::function<bool(const consent_record&)>& each) const;

  // -- webhooks (mission 10)

  /// Up to which event a webhook is done; nothing when that was never written.
  [[nodiscard]] std::optional<std::uint64_t> webhook_cursor(std::uint32_t organization,
                                                            std::string_view webhook) const;
  /// Lines of its delivery log before number `before`, newest first.
  [[nodiscard]] std::vector<webhook_try> webhook_tries(std::uint32_t organization,
                                                       std::string_view webhook,
                                                       std::uint64_t before,
                                                       std::size_t limit) const;
  /// Its dead letters behind an event, oldest first; behind none: from the first.
  [[nodiscard]] std::vector<dead_letter> dead_letters(std::uint32_t organization,
                                                      std::string_view webhook,
                                                      const model::event_id& after,
                                                      std::size_t limit) const;
  /// What is to be posted again, oldest first.
  [[nodiscard]] std::vector<model::event_id> webhook_replays(std::uint32_t organization,
                                                             std::string_view webhook,
                                                             std::size_t limit) const;

  // -- bulk jobs (mission 8)

  [[nodiscard]] std::optional<bulk_job_record> find_bulk_job(std::uint32_t organization,
                                                             const model::bulk_id& job) const;
  /// The job that a request with this key has made, not before a time.
  [[nodiscard]] std::optional<model::bulk_id>
  bulk_job_of_key(std::uint32_t organization, const model::id128& key,
                  model::timestamp not_before) const;
  /// An organisation's jobs, newest first, from the one before a job on.
  [[nodiscard]] std::vector<bulk_job_record>
  bulk_jobs(std::uint32_t organization, const std::optional<model::bulk_id>& before,
            std::size_t limit) const;
  /// The jobs of all organisations that are not over. As many as there may be at once.
  [[nodiscard]] std::vector<std::pair<std::uint32_t, model::bulk_id>> open_bulk_jobs() const;
  /// How many of a job's lines are in each state; those that wait are not counted.
  [[nodiscard]] model::bulk_counts bulk_counts(std::uint32_t organization,
                                               const model::bulk_id& job) const;
  /// The lines of a block (`bulk_block_lines`); none when there is no such block.
  [[nodiscard]] std::vector<model::bulk_entry>
  bulk_lines(std::uint32_t organization, const model::bulk_id& job, std::uint64_t block) const;
  /// What has become of a block's lines: always 64, those that there are not wait too.
  [[nodiscard]] std::vector<bulk_line_outcome>
  bulk_outcomes(std::uint32_t organization, const model::bulk_id& job, std::uint64_t block) const;
  /// The refused lines behind a number, in order.
  [[nodiscard]] std::vector<model::bulk_refusal> bulk_refused(std::uint32_t organization,
                                                            const model::bulk_id& job,
                                                            std::uint64_t after,
                                                            std::size_t limit) const;

  /// The last event of a chain that is nobody's conversation and has no snapshots; 0: none.
  [[nodiscard]] std::uint64_t head_of(std::string_view pair_key) const;

private:
  std::shared_ptr<environment> env_;
  const journal& tail_;
};

}  // namespace parley::store
