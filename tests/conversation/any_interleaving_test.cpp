#include "parley/model/limits.hpp"
#include "tests/conversation/desk.hpp"

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <deque>
#include <limits>
#include <map>
#include <set>

namespace parley::conversation {
namespace {

using model::conversation_phase;
using model::delivery_state;

/// What a data action has Parley say; the rest that it says by itself is the auto-responder's.
constexpr std::string_view from_action = "the endpoint says hello";

/// Three parties, if the other end is a group.
const std::array<std::string, 3> parties{"sms:+15551230001", "sms:+15551230002",
                                         "sms:+15551230003"};

std::size_t deliveries_max(const model::conversation_state& state) {
  return state.pair.theirs.is_group() ? model::deliveries_max * model::group_parties_max
                                      : model::deliveries_max;
}

/// What must hold whatever happens, remembered in the plainest way and in other words than the
/// rules': whole histories in maps, no bounds.
class invariants {
public:
  /// Before a command: what a duplicate is (I5).
  void expect(const desk& d, const model::command& what, const decision& outcome) {
    const auto* events = std::get_if<std::vector<model::event>>(&outcome);
    if (const auto* in = std::get_if<model::receive_message>(&what)) {
      const bool known = std::ranges::find(digests_, in->dedupe) != digests_.end();
      RC_ASSERT(known == std::holds_alternative<duplicate>(outcome));
      RC_ASSERT(known == (events == nullptr));
    }
    if (const auto* out = std::get_if<model::send_message>(&what); out != nullptr && events) {
      const auto used = keys_used_at_.find(out->idempotency_key);
      if (used != keys_used_at_.end())
        RC_ASSERT(d.now - used->second >= model::idempotency_lifetime);
      RC_ASSERT(out->conversation == d.state.id);
    }
    resends_ = std::holds_alternative<model::resolve_delivery>(what);
    if (std::holds_alternative<model::claim_conversation>(what) && events)
      RC_ASSERT(d.state.claimed_by.empty());  // Two claims have one winner.
    if (events != nullptr)
      RC_ASSERT(!events->empty());
  }

  void follow(const model::event& event) {
    const auto by_kind = [&](const auto& body) { on(event, body); };
    std::visit(by_kind, event.body);
    RC_ASSERT(open_.size() <= 1u);  // I4
  }

  void hold(const desk& d) const {
    const auto& s = d.state;
    RC_ASSERT(s.seen.size() <= model::dedupe_ids_max);
    RC_ASSERT(s.keys.size() <= model::idempotency_keys_max);
    RC_ASSERT(s.deliveries.size() <= deliveries_max(s));
    RC_ASSERT(s.parked.size() <= model::parked_reports_max);
    RC_ASSERT(s.marks.size() <= model::chain_marks_max);
    const bool open
      = s.phase == conversation_phase::active || s.phase == conversation_phase::inactive;
    RC_ASSERT(open == open_.contains(s.id));
    RC_ASSERT(s.head_seq == (d.journal.empty() ? 0 : d.journal.back().first));
    RC_ASSERT(s.labels.size() <= model::labels_max);
    RC_ASSERT(s.participants.size() <= model::participants_max);
    for (const auto& who : s.participants)
      RC_ASSERT(unread(s, who) + who.read_index == s.last_index);
    hold_team(s, open);
    for (const auto& known : s.deliveries)
      RC_ASSERT(known.state == deliveries_.at({known.message, known.to}).state);
    // What still waits for an outcome never makes room for another.
    const auto waits = [](const auto& known) { return known.second.state < delivery_state::sent; };
    const auto kept = [](const auto& known) { return known.state < delivery_state::sent; };
    RC_ASSERT(std::ranges::count_if(deliveries_, waits)
              == std::ranges::count_if(s.deliveries, kept));
    if (open || !send_at_.empty())
      hold_timer(s, open);
    else
      RC_ASSERT(s.timer_due == model::timestamp{});
    for (const auto& known : s.deliveries)
      if (known.state == delivery_state::scheduled) {
        RC_ASSERT(known.send_at == send_at_.at(known.message));
        RC_ASSERT(s.timer_due != model::timestamp{});
        RC_ASSERT(s.timer_due <= known.send_at);
      }
  }

private:
  /// Somebody always takes part, each once; a claim has one user, who is among them and whom
  /// nobody but people added since keeps company.
  static void hold_team(const model::conversation_state& s, bool open) {
    const bool waits = s.waiting_since != model::timestamp{};
    const bool held = s.question.holds;
    if (open && !waits && !held)
      RC_ASSERT(!s.participants.empty());
    if (waits) {
      RC_ASSERT(open);
      RC_ASSERT(s.route.assigned);
      RC_ASSERT(s.claimed_by.empty());
    }
    if (!open)
      RC_ASSERT(s.question == model::open_question{});
    RC_ASSERT((s.closed_at != model::timestamp{}) == (s.phase == conversation_phase::closed));
    std::set<std::string> users;
    for (const auto& who : s.participants)
      RC_ASSERT(users.insert(who.user).second);
    RC_ASSERT(s.claimed_by.empty() == (s.claim_active_at == model::timestamp{}));
    RC_ASSERT(s.claimed_by.empty() || users.contains(s.claimed_by));
    if (open && !waits && s.claimed_by.empty())
      RC_ASSERT(s.away.empty());
    RC_ASSERT(s.attributes.size() <= model::attributes_max);
    RC_ASSERT(s.same_text_at.size() <= model::same_text_max);
    RC_ASSERT(open || s.snoozed_until == model::timestamp{});
    RC_ASSERT(std::ranges::is_sorted(s.labels));
  }

  /// An open conversation with a deadline has a timer that does not stand after it.
  static void hold_timer(const model::conversation_state& s, bool open) {
    const bool goes_inactive
      = s.phase == conversation_phase::active && s.route.inactive_after_ms != 0;
    const bool standing = s.timer_due != model::timestamp{};
    if (!open)
      return;
    if (goes_inactive) {
      RC_ASSERT(standing);
      RC_ASSERT(s.timer_due <= s.last_activity + 1ms * s.route.inactive_after_ms);
    }
    if (s.route.close_after_ms != 0) {
      RC_ASSERT(standing);
      RC_ASSERT(s.timer_due <= s.last_activity + 1ms * s.route.close_after_ms);
    }
    if (!s.claimed_by.empty() && s.route.claim_expiry_ms != 0) {
      RC_ASSERT(standing);
      RC_ASSERT(s.timer_due <= s.claim_active_at + 1ms * s.route.claim_expiry_ms);
    }
    if (s.snoozed_until != model::timestamp{}) {
      RC_ASSERT(standing);
      RC_ASSERT(s.timer_due <= s.snoozed_until);
    }
    if (!s.question.action.empty()) {
      RC_ASSERT(standing);
      RC_ASSERT(s.timer_due <= s.question.until);
    }
    if (s.unanswered_since != model::timestamp{} && !s.question.holds
        && s.escalated < s.route.escalations.size()) {
      RC_ASSERT(standing);
      RC_ASSERT(s.timer_due
                <= s.unanswered_since + 1ms * s.route.escalations[s.escalated].after_ms);
    }
  }

  void on(const model::event& event, const model::conversation_opened& opened) {
    RC_ASSERT(open_.empty());
    RC_ASSERT(!last_index_.contains(event.conversation));
    RC_ASSERT(opened.previous == newest_);
    open_.insert(event.conversation);
    last_index_[event.conversation] = 0;
    newest_ = event.conversation;
  }

  void on(const model::event& event, const model::message_added& added) {
    RC_ASSERT(open_.contains(event.conversation));
    RC_ASSERT(added.index == ++last_index_[event.conversation]);  // I3: dense, from 1
    RC_ASSERT(messages_.insert(added.message).second);
    if (added.dedupe.has_value()) {
      RC_ASSERT(std::ranges::find(digests_, added.dedupe) == digests_.end());
      digests_.push_back(added.dedupe);
      if (digests_.size() > model::dedupe_ids_max)
        digests_.pop_front();
    }
    if (added.idempotency_key.has_value())
      keys_used_at_[added.idempotency_key] = event.at;
    auto begins = delivery_state::queued;
    if (added.send_at != model::timestamp{}) {
      begins = delivery_state::scheduled;
      send_at_[added.message] = added.send_at;
    }
    if (added.direction == model::direction::outbound && added.recipients.empty())
      deliveries_[{added.message, {}}] = {begins, 0};
    for (const auto& to : added.recipients) {
      RC_ASSERT(to != added.author.id);
      deliveries_[{added.message, to}] = {begins, 0};
    }
    if (added.author.type == model::author::kind::system && added.what->body != from_action) {
      RC_ASSERT(added.index == 2u);
      if (answered_by_itself_)  // RC_ASSERT looks at both sides of an `||`.
        RC_ASSERT(event.at - *answered_by_itself_ >= model::auto_reply_pause);
      answered_by_itself_ = event.at;
    }
  }

  void on(const model::event& event, const model::delivery_changed& change) {
    auto& known = deliveries_.at({change.message, change.to});
    const bool again
      = known.state == delivery_state::sending
        && (change.state == delivery_state::queued
            || (change.state == delivery_state::sending && change.attempts == known.attempts + 1));
    const bool resent = resends_ && known.state == delivery_state::unknown
                        && change.state == delivery_state::queued;
    RC_ASSERT(again || resent || model::advances(known.state, change.state));  // I6
    if (known.state == delivery_state::scheduled && change.state != delivery_state::canceled)
      RC_ASSERT(event.at >= send_at_.at(change.message));  // Nothing moves before its time.
    RC_ASSERT(change.attempts >= known.attempts);
    known = {change.state, change.attempts};
  }

  void on(const model::event& event, const model::conversation_closed&) {
    RC_ASSERT(open_.erase(event.conversation) == 1u);
  }

  void on(const model::event& event, const model::conversation_idled&) {
    RC_ASSERT(open_.contains(event.conversation));
  }

  void on(const model::event& event, const model::timer_rearmed&) {
    if (send_at_.empty())  // What is scheduled needs one in a closed conversation too.
      RC_ASSERT(open_.contains(event.conversation));
  }

  void on(const model::event&, const model::message_edited& edited) {
    send_at_.at(edited.message) = edited.send_at;
  }

  void on(const model::event& event, const model::read_advanced& read) {
    RC_ASSERT(read.index <= last_index_.at(event.conversation));
    RC_ASSERT(read.index > 0u);
  }

  void on(const model::event&, const model::report_parked&) {}
  void on(const model::event&, const model::bulk_changed&) {}
  void on(const model::event&, const model::contact_assigned&) {}
  void on(const model::event&, const model::message_redacted&) {}
  void on(const model::event&, const model::media_settled&) {}
  void on(const model::event&, const model::availability_changed&) {}
  void on(const model::event&, const model::consent_changed&) {}

  void on(const model::event& event, const model::conversation_reopened&) {
    RC_ASSERT(open_.empty());
    RC_ASSERT(event.conversation == newest_);
    open_.insert(event.conversation);
  }

  template <class Body>
    requires(std::same_as<Body, model::conversation_claimed>
             || std::same_as<Body, model::conversation_released>
             || std::same_as<Body, model::conversation_transferred>
             || std::same_as<Body, model::participant_added>
             || std::same_as<Body, model::participant_removed>
             || std::same_as<Body, model::conversation_snoozed>
             || std::same_as<Body, model::labels_changed>
             || std::same_as<Body, model::conversation_escalated>
             || std::same_as<Body, model::priority_changed>
             || std::same_as<Body, model::question_asked>
             || std::same_as<Body, model::question_settled>
             || std::same_as<Body, model::attributes_changed>)
  void on(const model::event& event, const Body&) {
    RC_ASSERT(open_.contains(event.conversation));
  }

  struct known_delivery {
    delivery_state state;
    std::uint32_t attempts;
  };

  std::set<model::conversation_id> open_;
  model::conversation_id newest_;
  std::map<model::conversation_id, std::uint64_t> last_index_;
  std::set<model::message_id> messages_;
  std::deque<model::id128> digests_;
  std::map<model::id128, model::timestamp> keys_used_at_;
  std::map<std::pair<model::message_id, std::string>, known_delivery> deliveries_;
  std::map<model::message_id, model::timestamp> send_at_;  ///< Of every scheduled one.
  bool resends_ = false;  ///< The command may send again what has an unknown outcome.
  std::optional<model::timestamp> answered_by_itself_;
};

/// A desk that obeys a list of numbers, each of which stands for one thing that happens.
class restless_desk {
public:
  explicit restless_desk(std::uint32_t deadlines) {
    d.route.inactive_after_ms = deadlines % 2 == 0 ? 0 : 600'000;
    d.route.close_after_ms = deadlines / 2 % 2 == 0 ? 0 : 3'600'000;
    d.route.claim_expiry_ms = deadlines / 4 % 2 == 0 ? 0 : 300'000;
    d.route.inbox = "support";
    if (deadlines / 8 % 2 != 0)
      d.auto_reply = automatic_reply{text("one of us will be with you soon"), 1};
    d.route.assigned = deadlines / 16 % 2 != 0;
    if (deadlines / 32 % 2 != 0)
      d.route.escalations = {{180'000, {"eve"}}, {400'000, {"dora", "bob"}}};
    if (deadlines / 64 % 2 != 0) {
      d.route.data_action = "crm";
      d.route.asks_every_message = deadlines % 2 != 0;
    }
    d.route.reopen_within_ms = deadlines / 128 % 2 == 0 ? 0 : 1'800'000;
    if (deadlines / 256 % 2 != 0)
      meet_group();
  }

  static constexpr std::uint32_t settings = 512;  ///< Ways in which its inbox can be set.

  void happen(std::uint32_t what) {
    const auto kind = take(what, 30);
    const auto times = kind < 12 || kind > 15 ? 1u : 1u + take(what, 70);
    for (std::uint32_t i = 0; i < times; ++i)
      carry_out(command(kind, what + i));
    pass_time(what);
  }

  desk d;
  invariants must;

private:
  static std::uint32_t take(std::uint32_t& number, std::uint32_t choices) {
    const auto chosen = number % choices;
    number /= choices;
    return chosen;
  }

  void carry_out(const model::command& what) {
    const auto before = d.state;
    const auto first = d.decide(what);
    RC_ASSERT(d.state == before);
    must.expect(d, what, first);
    const auto length = d.journal.size();
    const auto outcome = d.carry_out(what);
    RC_ASSERT(outcome.index() == first.index());
    if (outcome.index() == 0)
      RC_ASSERT(std::get<0>(outcome) == std::get<0>(first));
    else
      RC_ASSERT(d.state == before);
    for (auto i = length; i < d.journal.size(); ++i)
      must.follow(d.journal[i].second);
    must.hold(d);
  }

  /// The other end is a group, which is always started from inside and asks no data action.
  void meet_group() {
    d.state.pair.theirs = *model::address::group_of(
      model::channel::sms, {"+15551230001", "+15551230002", "+15551230003"});
    d.route.data_action.clear();
    d.auto_reply.reset();
    carry_out(start(1));
  }

  [[nodiscard]] bool is_group() const { return d.state.pair.theirs.is_group(); }

  [[nodiscard]] std::string some_party(std::uint32_t n) const {
    return is_group() ? parties[n % parties.size()] : std::string{};
  }

  [[nodiscard]] model::receive_message inbound(std::uint64_t carrier_id, std::uint32_t n) const {
    auto what = desk::inbound(carrier_id);
    what.from = some_party(n);
    return what;
  }

  model::command command(std::uint32_t kind, std::uint32_t n) {
    switch (kind) {
      case 0:
        return inbound(1 + n % 100, n);
      case 1:
      case 12:
        return inbound(1000 + ++fresh_, n);
      case 2:
      case 13:
        return send(n);
      case 3:
      case 14:
        return model::begin_attempt{numbered<model::message_id>(some_message(n)),
                                    some_party(n / 12)};
      case 4:
      case 5:
        return end(n);
      case 6:
      case 7:
        return report(n);
      case 8:
        return model::close_conversation{some_conversation(n),
                                         std::array{"", "alice", "eve"}[n % 3]};
      case 9:
        return model::mark_read{some_conversation(n), std::array{"bob", "alice", "eve"}[n / 3 % 3],
                                n / 9 % 20};
      case 10:
      case 11:
        return timer(n);
      case 16:
        return model::claim_conversation{some_conversation(n), some_user(n)};
      case 17:
        return model::release_conversation{some_conversation(n),
                                           n % 2 == 0 ? std::string{} : some_user(n)};
      case 18:
        return transfer(n);
      case 19:
        if (n % 2 == 0)
          return model::add_participant{some_conversation(n), some_user(n / 2)};
        return model::remove_participant{some_conversation(n), some_user(n / 2)};
      case 20:
        return model::snooze_conversation{some_conversation(n), {},
                                          d.now + 1min * (n % 50) - 1min * 5};
      case 21:
        if (n % 2 == 0)
          return start(n);
        return model::change_labels{some_conversation(n),
                                    {std::to_string(n % 50), std::to_string(n / 50 % 50)},
                                    {std::to_string(n / 7 % 50)}};
      case 22:
        return model::assign_conversation{some_conversation(n), some_user(n),
                                          d.state.route.inbox};
      case 23:
        return model::change_priority{some_conversation(n), {},
                                      static_cast<model::priority>(1 + n % 4)};
      case 24:
        return model::redact_message{some_conversation(n),
                                     numbered<model::message_id>(some_message(n)), 1, 1};
      case 25:
        return settle(n);
      case 26:
        return model::assign_contact{numbered<model::contact_id>(n % 3)};
      case 27:
        return model::cancel_message{some_conversation(n),
                                     numbered<model::message_id>(some_message(n))};
      case 28:
        return edit(n);
      case 29:
        return model::resolve_delivery{some_conversation(n),
                                       numbered<model::message_id>(some_message(n)),
                                       some_party(n / 12),
                                       static_cast<model::resolution>(1 + n % 3)};
      default:
        return model::report_delivery{"XX" + std::to_string(++fresh_), some_state(n), 0};
    }
  }

  /// Half of them say which message they are about.
  [[nodiscard]] model::report_delivery report(std::uint32_t n) const {
    const auto message = some_message(n);
    const auto party = some_party(n / 12);
    model::report_delivery result{"SM" + std::to_string(message) + party, some_state(n / 7),
                                  static_cast<std::int32_t>(n % 3), {}, {}};
    if (n / 3 % 2 == 0) {
      result.message = numbered<model::message_id>(message);
      result.to = party;
    }
    return result;
  }

  [[nodiscard]] static std::string some_user(std::uint32_t n) {
    return std::array{"alice", "bob", "eve", "dora"}[n % 4];
  }

  model::transfer_conversation transfer(std::uint32_t n) const {
    model::transfer_conversation result{some_conversation(n),
                                        n % 3 == 0 ? std::string{} : some_user(n), {}, {}};
    if (n % 5 < 3) {
      result.to_user = some_user(n / 5);
    } else {
      result.to.inbox = n % 2 == 0 ? "support" : "sales";
      result.to.users = {"bob", "dora"};
      result.to.claim_expiry_ms = n % 7 == 0 ? 0 : 120'000;
    }
    return result;
  }

  model::settle_question settle(std::uint32_t n) {
    model::settle_question result{some_conversation(n), d.state.question.index, {}, {}, {}};
    result.outcome = model::question_outcome::answered;
    if (n % 3 == 0)
      result.answer.to = transfer(3).to;
    if (n % 6 == 0 && result.answer.to)
      result.answer.to->assigned = true;
    if (result.answer.to && result.answer.to->users.empty())
      result.answer.to->users = {"bob"};
    result.answer.add = {some_user(n)};
    result.answer.remove = {some_user(n / 4), some_user(n / 16)};
    for (std::uint32_t i = 0; i < n % 4; ++i)
      result.answer.replies.push_back(
        {numbered<model::message_id>(3'000'000 + ++fresh_), text(std::string{from_action}), 1});
    result.answer.labels = {std::to_string(n % 50)};
    result.answer.attributes = {{std::to_string(n % 40), n % 2 == 0 ? "yes" : ""}};
    result.answer.close = n % 19 == 0;
    return result;
  }

  model::start_conversation start(std::uint32_t n) {
    model::start_conversation result;
    result.first = send(n);
    result.first.conversation = {};
    if (n % 3 == 0)
      result.first.what = nullptr;
    result.route = d.route;
    if (n % 5 == 0) {
      result.route.users = {"eve"};
      result.route.inbox.clear();
    }
    return result;
  }

  model::send_message send(std::uint32_t n) {
    auto result = d.reply(100 + sent_++);
    result.conversation = some_conversation(n);
    if (n % 3 == 0)
      result.idempotency_key = numbered(500 + n / 3 % 100);
    result.request_digest = numbered(n / 300 % 2);
    if (n % 7 == 0)
      result.author = {model::author::kind::team, n % 2 == 0 ? "support" : "sales"};
    result.note = n % 11 == 0;
    if (n % 5 == 0)
      result.send_at = d.now + 1min * (1 + n % 90);
    return result;
  }

  [[nodiscard]] model::edit_message edit(std::uint32_t n) const {
    return {.conversation = some_conversation(n),
            .message = numbered<model::message_id>(some_message(n)),
            .index = 1,
            .message_seq = 1,
            .what = n % 2 == 0 ? text("another answer") : nullptr,
            .segments = 1,
            .send_at = n % 3 == 0 ? model::timestamp{} : d.now + 1min * (1 + n % 70)};
  }

  model::end_attempt end(std::uint32_t n) {
    const auto message = some_message(n);
    auto what
      = desk::end(message, some_state(n / 5), n % 11 == 0 ? "" : "SM" + std::to_string(message));
    what.to = some_party(n / 60);
    if (!what.provider_id.empty())
      what.provider_id += what.to;  // Each leg has an id of its own.
    return what;
  }

  model::fire_timer timer(std::uint32_t n) {
    if (n % 4 != 0)
      d.now = std::max(d.now, d.state.timer_due);
    return {n % 5 == 0 ? d.now : d.state.timer_due};
  }

  /// Mostly one of the newest, sometimes one that is not there.
  [[nodiscard]] std::uint64_t some_message(std::uint32_t n) const {
    return 100 + sent_ - std::min<std::uint64_t>(n % 12, sent_);
  }

  [[nodiscard]] static delivery_state some_state(std::uint32_t n) {
    return static_cast<delivery_state>(1 + n % 10);
  }

  [[nodiscard]] model::conversation_id some_conversation(std::uint32_t n) const {
    return n % 13 == 0 ? d.state.previous : n % 17 == 0 ? model::conversation_id{} : d.state.id;
  }

  void pass_time(std::uint32_t n) {
    constexpr std::array<std::chrono::milliseconds, 8> steps{0ms,   1ms,   1s, 5min,
                                                             15min, -2min, 2h, 13h};
    d.now += steps[n % steps.size()];
  }

  std::uint64_t fresh_ = 0;
  std::uint64_t sent_ = 0;
};

std::vector<std::uint32_t> whatever(std::size_t length) {
  // Not scaled by the size of the case: each number has to reach every kind from the start.
  const auto one = rc::gen::resize(
    rc::kNominalSize, rc::gen::inRange<std::uint32_t>(0, std::numeric_limits<std::int32_t>::max()));
  return *rc::gen::container<std::vector<std::uint32_t>>(length, one);
}

RC_GTEST_PROP(any_interleaving, keeps_the_invariants_and_replays_to_the_same_state, ()) {
  restless_desk restless{*rc::gen::inRange<std::uint32_t>(0, restless_desk::settings)};
  for (const auto what : whatever(150))
    restless.happen(what);
  RC_ASSERT(restless.d.replayed() == restless.d.state);  // I10
}

RC_GTEST_PROP(any_interleaving, a_snapshot_and_the_tail_after_it_are_the_replay, ()) {
  restless_desk restless{*rc::gen::inRange<std::uint32_t>(0, restless_desk::settings)};
  for (const auto what : whatever(60))
    restless.happen(what);
  const auto snapshot = restless.d.state;
  const auto covered = restless.d.journal.size();
  for (const auto what : whatever(60))
    restless.happen(what);
  auto state = snapshot;
  for (auto i = covered; i < restless.d.journal.size(); ++i)
    apply(state, restless.d.journal[i].second, restless.d.journal[i].first);
  RC_ASSERT(state == restless.d.state);
}

RC_GTEST_PROP(any_interleaving, apply_takes_every_event_in_every_state, ()) {
  restless_desk restless{*rc::gen::inRange<std::uint32_t>(0, restless_desk::settings)};
  for (const auto what : whatever(120))
    restless.happen(what);
  auto events = restless.d.journal;
  auto state = restless.d.state;
  if (events.empty())
    return;
  for (const auto pick : whatever(200)) {
    const auto& [seq, event] = events[pick % events.size()];
    apply(state, event, seq);
    RC_ASSERT(state.head_seq == seq);
    RC_ASSERT(state.seen.size() <= model::dedupe_ids_max);
    RC_ASSERT(state.keys.size() <= model::idempotency_keys_max);
    RC_ASSERT(state.deliveries.size() <= deliveries_max(state));
    RC_ASSERT(state.parked.size() <= model::parked_reports_max);
    RC_ASSERT(state.marks.size() <= model::chain_marks_max);
    for (const auto& who : state.participants)
      RC_ASSERT(unread(state, who) <= state.last_index);
  }
}

}  // namespace
}  // namespace parley::conversation
