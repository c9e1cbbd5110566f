#include "parley/store/rows.hpp"

#include "parley/model/delivery_count.hpp"
#include "parley/store/codec.hpp"
#include "src/store/bytes.hpp"
#include "src/store/keys.hpp"

#include <algorithm>
#include <utility>

namespace parley::store {
namespace {

using model::in_outbox;

/// Replies by people overtake bulk (mission 6).
[[nodiscard]] lane lane_of(const model::bulk_line& line) noexcept {
  return line.job.has_value() ? lane::bulk : lane::reply;
}

/// When an id was made: what it begins with.
[[nodiscard]] model::timestamp made_at(const model::id128& id) noexcept {
  constexpr unsigned bits_behind = 16;
  const auto ms = load_big<std::uint64_t>(id_key(id).data()) >> bits_behind;
  return model::timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(ms)}};
}

/// Follows the few fields of the state that rows depend on through the events; collects the rows.
class projection {
public:
  projection(const model::conversation_state& before, std::span<const model::event> events)
    : before_(before),
      events_(events),
      id_(before.id),
      phase_(before.phase),
      inbox_(&before.route.inbox),
      team_(&before.route.users),
      unrouted_(before.route.unrouted),
      opened_at_(before.created_at),
      timer_due_(before.timer_due),
      assigned_(before.route.assigned),
      held_(before.question.holds),
      waiting_since_(before.waiting_since),
      holder_(holder_of(before)) {}

  [[nodiscard]] std::vector<row> rows() && {
    for (; at_ < events_.size(); ++at_)
      std::visit([this](const auto& body) { follow(body); }, events_[at_].body);
    return std::move(rows_);
  }

private:
  void follow(const model::conversation_opened& body) {
    // The state that is about to be replaced is the final one of the conversation before. The actor
    // appends it as a snapshot when it closes; this holds even if a crash came in between.
    if (at_ == 0 && before_.phase == model::conversation_phase::closed) {
      std::string state;
      encode(before_, state);
      put(table::conversation_ids, std::string{id_key(before_.id)},
          closed_place_value(pair_key(), state));
    }
    id_ = events_[at_].conversation;
    opened_at_ = events_[at_].at;
    inbox_ = &body.route.inbox;
    team_ = &body.route.users;
    unrouted_ = body.route.unrouted;
    assigned_ = body.route.assigned;
    held_ = !body.route.data_action.empty();
    waiting_since_ = {};
    holder_.clear();
    users_.clear();
    users_known_ = true;
    phase_ = model::conversation_phase::active;
    put(table::conversation_ids, std::string{id_key(id_)}, open_place_value(pair_key()));
    if (!held_ && !assigned_)
      users_ = body.route.users;
    list(phase_, false);
    if (!held_ && assigned_)
      set_waiting(events_[at_].at);
    set_timer(body.timer_due);
  }

  void follow(const model::message_added& body) {
    if (body.direction == model::direction::note)
      return;
    enter(model::conversation_phase::active);
    if (body.direction == model::direction::inbound && body.what && !body.what->files.empty())
      put_in_outbox(lane::media, body.message);
    // What is scheduled is not in the outbox before its time.
    if (model::delivery_count(body) == 0 || body.send_at != model::timestamp{})
      return;
    put_in_outbox(lane_of(body.bulk), body.message);
    sent_here_.emplace_back(body.message, rows_.back().key_ends_with_seq_of);
  }

  void follow(const model::delivery_changed& body) {
    const auto known = std::ranges::find_if(
      before_.deliveries, [&](const model::delivery& one) { return is_of(one, body); });
    const auto* before = known == before_.deliveries.end() ? nullptr : &*known;
    list_unknown(before, body);
    if (in_outbox(body.state)) {
      if (before != nullptr && model::is_queued_anew(before->state, body.state))
        put_in_outbox(*before);
      return;
    }
    if (before != nullptr && before->queued_seq != 0) {
      if (in_outbox(before->state))
        take_from_outbox(*before, before->queued_seq);
      return;
    }
    if (!body.to.empty()) {
      finished_here_.emplace_back(body.message, body.to);
      if (waits_for_others(body))
        return;
    }
    const auto here
      = std::ranges::find(sent_here_, body.message, &decltype(sent_here_)::value_type::first);
    if (here != sent_here_.end()) {
      const auto& sent
        = std::get<model::message_added>(events_[static_cast<std::size_t>(here->second)].body);
      erase(table::outbox, lane_key(lane_of(sent.bulk)));
      rows_.back().key_ends_with_seq_of = here->second;
      return;
    }
    if (before != nullptr && in_outbox(before->state))
      take_from_outbox(*before, before->message_seq);
  }

  void follow(const model::conversation_idled& body) {
    enter(model::conversation_phase::inactive);
    set_timer(body.timer_due);
  }

  void follow(const model::conversation_closed&) {
    enter(model::conversation_phase::closed);
    set_timer({});
    set_waiting({});
    set_holder({});
    held_ = false;
  }

  void follow(const model::conversation_reopened& body) {
    put(table::conversation_ids, std::string{id_key(id_)}, open_place_value(pair_key()));
    enter(model::conversation_phase::active);
    set_timer(body.timer_due);
    if (body.waits) {
      wait_again();
      return;
    }
    if (!before_.route.inbox.empty())
      set_holder(before_.claimed_by);
    if (users_.empty())
      relist([&] { users_ = *team_; });
  }

  /// Whoever was held back by a question takes part now.
  void follow(const model::question_settled&) {
    if (!std::exchange(held_, false))
      return;
    if (assigned_)
      set_waiting(events_[at_].at);
    else
      relist([&] {
        for (const auto& user : *team_)
          if (std::ranges::find(users_, user) == users_.end())
            users_.push_back(user);
      });
  }

  void follow(const model::timer_rearmed& body) { set_timer(body.timer_due); }
  void follow(const model::report_parked&) {}
  void follow(const model::read_advanced&) {}
  void follow(const model::conversation_snoozed&) {}
  void follow(const model::labels_changed&) {}
  void follow(const model::conversation_escalated&) {}
  void follow(const model::priority_changed&) {}
  void follow(const model::contact_assigned&) {}
  void follow(const model::message_redacted& body) { forget_media(body.message_seq); }
  void follow(const model::media_settled& body) { forget_media(body.message_seq); }
  void follow(const model::question_asked& body) { held_ = body.question.holds; }
  void follow(const model::attributes_changed&) {}
  void follow(const model::availability_changed&) {}

  void follow(const model::bulk_changed&) {}
  void follow(const model::message_edited&) {}

  void follow(const model::consent_changed& body) {
    std::string value;
    encode(events_[at_], value);
    put(table::consents, consent_scope_key(before_.pair.organization, body.address, body.number),
        std::move(value));
    rows_.back().key_ends_with_seq_of = static_cast<std::int32_t>(at_);
  }

  void follow(const model::conversation_claimed& body) {
    held_ = false;
    relist([&] {
      if (body.assigned)
        std::erase_if(users_, [&](const std::string& user) {
          return user == body.user || is_of_team(user);
        });
      else
        users_.clear();
      users_.push_back(body.user);
    });
    set_waiting({});
    set_holder(body.user);
  }

  void follow(const model::conversation_released& body) {
    set_holder({});
    if (body.waits)
      wait_again();
    else
      relist([&] { users_ = body.users; });
  }

  void follow(const model::conversation_transferred& body) {
    held_ = false;
    relist([&] {
      inbox_ = &body.inbox;
      team_ = &body.team;
      unrouted_ = false;
      if (body.user.empty() || body.inbox.empty())
        assigned_ = body.waits;
      users_ = body.user.empty() ? body.team : std::vector{body.user};
      if (body.waits)
        users_.clear();
    });
    set_waiting({});
    set_holder(body.inbox.empty() ? std::string{} : body.user);
    if (body.waits)
      set_waiting(events_[at_].at);
  }

  void follow(const model::participant_added& body) {
    relist([&] { users_.push_back(body.user); });
  }

  void follow(const model::participant_removed& body) {
    relist([&] { std::erase(users_, body.user); });
  }

  /// The row of the message that is at hand.
  void put_in_outbox(lane which, const model::message_id& message) {
    put(table::outbox, lane_key(which), outbox_value(message, pair_key()));
    rows_.back().key_ends_with_seq_of = static_cast<std::int32_t>(at_);
  }

  /// A row for one delivery alone, keyed by the event at hand: a sender reads on from where it is.
  void put_in_outbox(const model::delivery& one) {
    put(table::outbox, lane_key(lane_of(one.bulk)),
        outbox_value_of_one(
          {.message = one.message,
           .pair_key = pair_key(),
           .one_recipient = true,
           .message_seq = one.message_seq,
           // A message is good for so long from its time on; one that is sent again, from now on.
           .valid_from = one.state == model::delivery_state::scheduled ? one.send_at
                                                                       : events_[at_].at,
           .to = one.to}));
    rows_.back().key_ends_with_seq_of = static_cast<std::int32_t>(at_);
  }

  void take_from_outbox(const model::delivery& one, std::uint64_t row_seq) {
    auto key = lane_key(lane_of(one.bulk));
    append_big(key, row_seq);
    erase(table::outbox, std::move(key));
  }

  /// The line of the delivery's conversation among those with an unknown outcome: it comes with the
  /// first one and goes with the last.
  void list_unknown(const model::delivery* before, const model::delivery_changed& body) {
    using model::delivery_state;
    const auto& where = events_[at_].conversation;
    const std::pair which{body.message, body.to};
    const bool is = body.state == delivery_state::unknown;
    const bool was = (before != nullptr && before->state == delivery_state::unknown)
                     || std::ranges::find(unknown_here_, which) != unknown_here_.end();
    if (!is && !was)
      return;
    (is ? unknown_here_ : settled_here_).push_back(which);
    const auto is_other = [&](const model::delivery& one) {
      return one.conversation == where && one.state == delivery_state::unknown
             && std::ranges::find(settled_here_, std::pair{one.message, one.to})
                  == settled_here_.end();
    };
    if (!is && std::ranges::any_of(before_.deliveries, is_other))
      return;
    auto key = listing_prefix(before_.pair.organization, listing_scope::unknown, {},
                              model::conversation_phase::active);
    append_listing_place(key, made_at(where), where);
    if (is)
      put(table::listings, std::move(key), pair_key());
    else
      erase(table::listings, std::move(key));
  }

  /// There may be no such row.
  void forget_media(std::uint64_t message_seq) {
    auto key = lane_key(lane::media);
    append_big(key, message_seq);
    erase(table::outbox, std::move(key));
  }

  [[nodiscard]] std::string lane_key(lane which) const {
    return outbox_lane_key(before_.pair.organization, before_.pair.ours, which);
  }

  static std::string holder_of(const model::conversation_state& state) {
    const bool open = state.phase == model::conversation_phase::active
                      || state.phase == model::conversation_phase::inactive;
    return open && !state.route.inbox.empty() ? state.claimed_by : std::string{};
  }

  [[nodiscard]] bool is_of_team(const std::string& user) const {
    return std::ranges::find(*team_, user) != team_->end();
  }

  static bool is_of(const model::delivery& one, const model::delivery_changed& body) noexcept {
    return one.message == body.message && one.to == body.to;
  }

  /// A group's message has one row until the last of its recipients needs it no more.
  [[nodiscard]] bool waits_for_others(const model::delivery_changed& body) const {
    return std::ranges::any_of(before_.deliveries, [&](const model::delivery& one) {
      return one.message == body.message && in_outbox(one.state) && one.queued_seq == 0
             && std::ranges::find(finished_here_, std::pair{one.message, one.to})
                  == finished_here_.end();
    });
  }

  void wait_again() {
    relist([&] { users_.clear(); });
    set_holder({});
    set_waiting(events_[at_].at);
  }

  /// The line in the inbox's queue, in the order in which they began to wait.
  void set_waiting(model::timestamp since) {
    if (since == waiting_since_)
      return;
    if (waiting_since_ != model::timestamp{})
      list_at(listing_scope::waiting, waiting_inbox_, waiting_since_, true);
    waiting_since_ = since;
    waiting_inbox_ = *inbox_;
    if (waiting_since_ != model::timestamp{})
      list_at(listing_scope::waiting, waiting_inbox_, waiting_since_, false);
  }

  /// The line that counts it among what one user has.
  void set_holder(const std::string& user) {
    if (user == holder_)
      return;
    if (!holder_.empty())
      list_at(listing_scope::held, holder_, opened_at_, true);
    holder_ = user;
    if (!holder_.empty())
      list_at(listing_scope::held, holder_, opened_at_, false);
  }

  /// A line of a listing whose conversations are all open: it knows one phase.
  void list_at(listing_scope scope, std::string_view scope_id, model::timestamp place, bool gone) {
    auto key = listing_prefix(before_.pair.organization, scope, scope_id,
                              model::conversation_phase::active);
    append_listing_place(key, place, id_);
    if (gone)
      erase(table::listings, std::move(key));
    else
      put(table::listings, std::move(key), pair_key());
  }

  /// Makes a change of who takes part, and moves the lines that depend on it. What is put again
  /// that was erased before is written as it was: the last word on a key counts.
  template <class Change>
  void relist(Change&& change) {
    learn_users();
    list(phase_, true);
    change();
    list(phase_, false);
  }

  void learn_users() {
    if (std::exchange(users_known_, true))
      return;
    for (const auto& who : before_.participants)
      users_.push_back(who.user);
  }

  void enter(model::conversation_phase phase) {
    if (phase == phase_)
      return;
    list(phase_, true);
    phase_ = phase;
    list(phase_, false);
  }

  /// Puts or erases the conversation's line in every listing that shows it.
  void list(model::conversation_phase phase, bool gone) {
    learn_users();
    list_in(listing_scope::organization, {}, phase, gone);
    if (unrouted_)
      list_in(listing_scope::unrouted, {}, phase, gone);
    if (!inbox_->empty())
      list_in(listing_scope::inbox, *inbox_, phase, gone);
    if (before_.pair.theirs.is_group())
      for (const auto& one : before_.pair.theirs.members())
        list_in(listing_scope::party, party_scope(before_.pair.ours, one.identifier), phase, gone);
    // Members find a team's conversation in the inbox; only others need lines of their own.
    for (const auto& user : users_)
      if (inbox_->empty() || std::ranges::find(*team_, user) == team_->end())
        list_in(listing_scope::user, user, phase, gone);
  }

  void list_in(listing_scope scope, std::string_view scope_id, model::conversation_phase phase,
               bool gone) {
    auto key = listing_prefix(before_.pair.organization, scope, scope_id, phase);
    append_listing_place(key, opened_at_, id_);
    if (gone)
      erase(table::listings, std::move(key));
    else
      put(table::listings, std::move(key), pair_key());
  }

  void set_timer(model::timestamp due) {
    if (due == timer_due_)
      return;
    if (timer_due_ != model::timestamp{})
      erase(table::timers, timer_key(timer_due_, pair_key()));
    timer_due_ = due;
    if (timer_due_ != model::timestamp{})
      put(table::timers, timer_key(timer_due_, pair_key()), {});
  }

  void put(table where, std::string key, std::string value) {
    auto& added = rows_.emplace_back();
    added.where = where;
    added.key = std::move(key);
    added.value = std::move(value);
  }

  void erase(table where, std::string key) {
    put(where, std::move(key), {});
    rows_.back().erase = true;
  }

  /// Made when the first row needs it: most events have none.
  [[nodiscard]] const std::string& pair_key() {
    if (pair_key_.empty())
      pair_key_ = before_.pair.key();
    return pair_key_;
  }

  const model::conversation_state& before_;
  std::span<const model::event> events_;
  std::size_t at_ = 0;

  model::conversation_id id_;
  model::conversation_phase phase_;
  const std::string* inbox_;
  const std::vector<std::string>* team_;  ///< Its members, in whose list the inbox stands.
  bool unrouted_;
  std::vector<std::string> users_;        ///< Who takes part, once somebody asked.
  bool users_known_ = false;
  model::timestamp opened_at_;
  model::timestamp timer_due_;
  bool assigned_;
  bool held_;                       ///< By a question to a data action.
  model::timestamp waiting_since_;
  std::string waiting_inbox_ = before_.route.inbox;
  std::string holder_;
  std::vector<std::pair<model::message_id, std::int32_t>> sent_here_;
  std::vector<std::pair<model::message_id, std::string>> finished_here_;
  std::vector<std::pair<model::message_id, std::string>> unknown_here_;  ///< Their outcome is …
  std::vector<std::pair<model::message_id, std::string>> settled_here_;  ///< … and is no more.

  std::string pair_key_;
  std::vector<row> rows_;
};

}  // namespace

std::string party_scope(const model::address& ours, std::string_view party) {
  auto scope = ours.text();
  scope += ',';
  scope += party;
  return scope;
}

std::vector<row> project(const model::conversation_state& before,
                         std::span<const model::event> events) {
  return projection{before, events}.rows();
}

}  // namespace parley::store
