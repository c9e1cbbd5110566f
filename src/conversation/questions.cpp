#include "parley/model/limits.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace parley::conversation {

namespace {

using users = std::vector<std::string>;

bool contains(const users& all, const std::string& user) {
  return std::ranges::find(all, user) != all.end();
}

/// Collects what an answer leads to.
class settling {
public:
  settling(const model::conversation_state& state, const model::settle_question& what,
           const circumstances& around)
    : state_(state), what_(what), answer_(what.answer), around_(around) {}

  [[nodiscard]] std::vector<model::event> events() && {
    reroute();
    add(settled());
    regroup();
    mark();
    reply();
    if (answer_.close)
      add_closing(state_.id, {model::close_reason::data_action, {}}, scheduled_first(state_),
                  around_.now, events_);
    else
      rearm();
    return std::move(events_);
  }

private:
  void add(model::event_body body) {
    events_.push_back({state_.id, around_.now, std::move(body)});
  }

  [[nodiscard]] model::question_settled settled() const {
    model::question_settled made{state_.question.action, what_.outcome, what_.detail};
    made.placed = takes_default_route();
    made.waits = made.placed && state_.route.assigned;
    if (made.placed)
      made.users = present();
    return made;
  }

  /// Whether it was held back, nobody has got it meanwhile, and nobody does by the answer.
  [[nodiscard]] bool takes_default_route() const { return state_.question.holds && !answer_.to; }

  /// Before the question is settled: who takes part then is not asked for the default route.
  void reroute() {
    if (!answer_.to)
      return;
    model::conversation_transferred moved;
    moved.inbox = answer_.to->inbox;
    moved.team = answer_.to->users;
    moved.claim_expiry_ms = answer_.to->claim_expiry_ms;
    moved.waits = answer_.to->assigned;
    moved.escalations = answer_.to->escalations;
    add(std::move(moved));
  }

  /// Whoever takes part once the route is settled, with nothing added or removed yet.
  [[nodiscard]] users present() const {
    if (answer_.to)
      return answer_.to->assigned ? users{} : answer_.to->users;
    users now;
    for (const auto& who : state_.participants)
      now.push_back(who.user);
    if (takes_default_route() && !state_.route.assigned)
      for (const auto& user : state_.route.users)
        if (!contains(now, user))
          now.push_back(user);
    return now;
  }

  /// The last one stays: somebody must take part.
  void regroup() {
    auto now = present();
    for (const auto& user : answer_.add)
      if (!contains(now, user) && now.size() < model::participants_max) {
        now.push_back(user);
        add(model::participant_added{user});
      }
    for (const auto& user : answer_.remove)
      if (contains(now, user) && now.size() > 1 && user != state_.claimed_by) {
        std::erase(now, user);
        add(model::participant_removed{user});
      }
  }

  void mark() {
    auto labels = state_.labels;
    labels.insert(labels.end(), answer_.labels.begin(), answer_.labels.end());
    std::ranges::sort(labels);
    const auto repeated = std::ranges::unique(labels);
    labels.erase(repeated.begin(), repeated.end());
    if (labels != state_.labels && labels.size() <= model::labels_max)
      add(model::labels_changed{std::move(labels)});
    auto attributes = merged_attributes();
    if (attributes != state_.attributes && attributes.size() <= model::attributes_max)
      add(model::attributes_changed{std::move(attributes)});
    if (answer_.priority && *answer_.priority != state_.priority)
      add(model::priority_changed{{}, *answer_.priority});
  }

  [[nodiscard]] std::vector<model::attribute> merged_attributes() const {
    auto all = state_.attributes;
    for (const auto& one : answer_.attributes) {
      std::erase_if(all, [&](const auto& known) { return known.name == one.name; });
      if (!one.value.empty())
        all.push_back(one);
    }
    std::ranges::sort(all, {}, &model::attribute::name);
    return all;
  }

  /// As many of the replies as there is room for; none to whoever has opted out (I7).
  void reply() {
    if (!around_.opted_out.empty())
      return;
    auto waiting = std::ranges::count_if(
      state_.deliveries, [](const auto& one) { return !may_leave(one.state); });
    auto index = state_.last_index;
    for (const auto& text : answer_.replies) {
      if (static_cast<std::size_t>(waiting++) >= model::deliveries_max)
        return;
      model::message_added added;
      added.message = text.message;
      added.index = ++index;
      added.direction = model::direction::outbound;
      added.author.type = model::author::kind::system;
      added.what = text.what;
      added.segments = text.segments;
      add(std::move(added));
    }
  }

  /// Steps of escalation count from the oldest message: nobody was called in before the answer, and
  /// a new team begins with its first.
  void rearm() {
    auto route = state_.route;
    auto after = moments_of(state_);
    after.question_until = {};
    after.held = false;
    if (answer_.to) {
      route.escalations = answer_.to->escalations;
      after.claim_active_at = {};
      after.escalated = 0;
    }
    rearm_if_late(state_, after, route, around_.now, events_);
  }

  const model::conversation_state& state_;
  const model::settle_question& what_;
  const model::action_answer& answer_;
  const circumstances& around_;
  std::vector<model::event> events_;
};

}  // namespace

decision decide_on(const model::conversation_state& state, const model::settle_question& what,
                   const circumstances& around) {
  // It was settled before, by its time or because the conversation was closed.
  if (what.conversation != state.id || !is_open(state) || state.question.action.empty()
      || state.question.index != what.index)
    return nothing{};
  return settling{state, what, around}.events();
}

void settle_without_answer(const model::conversation_state& state, const circumstances& around,
                           std::vector<model::event>& events) {
  model::settle_question late;
  late.outcome = model::question_outcome::timed_out;
  late.detail = "there was no answer in time";
  auto settled = settling{state, late, around}.events();
  std::ranges::move(settled, std::back_inserter(events));
}

void ask_about_message(const model::conversation_state& state, const circumstances& around,
                       std::vector<model::event>& events) {
  if (!state.route.asks_every_message || state.route.data_action.empty()
      || !state.question.action.empty())
    return;
  const model::open_question question{state.route.data_action, state.last_index + 1,
                                      around.now + around.question_patience, false};
  events.push_back({state.id, around.now, model::question_asked{question}});
  auto after = moments_of(state);
  after.question_until = question.until;
  rearm_if_late(state, after, state.route, around.now, events);
}

}  // namespace parley::conversation
