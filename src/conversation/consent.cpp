#include "parley/model/limits.hpp"
#include "src/conversation/decisions.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Who wants messages and who does not (mission 5).

namespace parley::conversation {

namespace {

using model::consent_notice;
using model::consent_state;

/// What a person should look at whose wish is not quite clear.
constexpr std::string_view opt_out_request_label = "opt-out-request";

/// Mission 4.9: no automatic reply to what is most likely a machine that says the same again.
bool says_the_same_again(const model::conversation_state& state, std::uint32_t digest,
                         model::timestamp now) noexcept {
  if (digest != state.text_digest)
    return false;
  const auto recent = std::ranges::count_if(state.same_text_at, [&](model::timestamp at) {
    return now - at < model::same_text_window;
  });
  return static_cast<std::size_t>(recent) + 1 >= model::same_text_max;
}

/// The message that the events have added last, which comes from outside.
struct heard {
  const model::event* event = nullptr;
  const model::message_added* added = nullptr;
};

heard last_heard(const std::vector<model::event>& events) {
  for (const auto& event : std::views::reverse(events))
    if (const auto* added = std::get_if<model::message_added>(&event.body))
      return {&event, added};
  return {};
}

/// Mission 5: what waits to be sent to whoever has just opted out is not sent any more.
void cancel_waiting(const model::conversation_state& state, const std::string& address,
                    model::timestamp now, std::vector<model::event>& events) {
  const bool whole_pair = state.pair.theirs.text() == address;
  for (const auto& waiting : state.deliveries) {
    const bool concerned = waiting.to.empty() ? whole_pair : waiting.to == address;
    if (concerned && is_waiting(waiting.state) && !waiting.confirms_opt_out)
      events.push_back(
        step(waiting, model::delivery_state::canceled, model::carrier_opted_out, now));
  }
}

void record(const model::conversation_state& state, model::consent_changed change,
            const model::conversation_id& where, model::timestamp now,
            std::vector<model::event>& events) {
  const auto address = change.address;
  const bool leaves = change.state == consent_state::opted_out;
  events.push_back({where, now, std::move(change)});
  if (leaves)
    cancel_waiting(state, address, now, events);
}

/// One text for a change, and what else asks for an answer only as often as is good.
bool may_answer(const model::conversation_state& state, const consent_notice& notice,
                const model::message_added& to, const circumstances& around) {
  if (notice.answer == nullptr || !has_room_for_deliveries(state, 1))
    return false;
  const bool was_out = has_opted_out(around, notice.address);
  switch (notice.wants) {
    case consent_notice::kind::opt_out:
      return !was_out;
    case consent_notice::kind::opt_in:
      return was_out || !is_loop(state, to, around.now);
    case consent_notice::kind::help:
      return !was_out && !is_loop(state, to, around.now);
    case consent_notice::kind::asks_person:
      break;
  }
  return false;
}

void answer(const model::conversation_state& state, const consent_notice& notice,
            const model::conversation_id& where, std::uint64_t index,
            const circumstances& around, std::vector<model::event>& events) {
  model::message_added added;
  added.message = around.fresh_reply;
  added.index = index;
  added.direction = model::direction::outbound;
  added.author.type = model::author::kind::system;
  added.what = notice.answer;
  added.segments = notice.segments;
  added.confirms_opt_out = notice.wants == consent_notice::kind::opt_out;
  if (state.pair.theirs.is_group())
    added.recipients.push_back(notice.address);
  events.push_back({where, around.now, std::move(added)});
}

/// The newest labels, which the events may have changed, or those of before.
const std::vector<std::string>& labels_after(const model::conversation_state& state,
                                             const std::vector<model::event>& events) {
  static const std::vector<std::string> none;
  const std::vector<std::string>* labels = &state.labels;
  for (const auto& event : events) {
    if (std::holds_alternative<model::conversation_opened>(event.body))
      labels = &none;
    else if (const auto* changed = std::get_if<model::labels_changed>(&event.body))
      labels = &changed->labels;
  }
  return *labels;
}

/// A person should look at it.
void mark(const model::conversation_state& state, const model::conversation_id& where,
          model::timestamp now, std::vector<model::event>& events) {
  auto labels = labels_after(state, events);
  const auto place = std::ranges::lower_bound(labels, opt_out_request_label);
  if (labels.size() >= model::labels_max
      || (place != labels.end() && *place == opt_out_request_label))
    return;
  labels.insert(place, std::string{opt_out_request_label});
  events.push_back({where, now, model::labels_changed{std::move(labels)}});
}

}  // namespace

bool has_opted_out(const circumstances& around, std::string_view address) noexcept {
  return std::ranges::find(around.opted_out, address) != around.opted_out.end();
}

std::optional<std::vector<std::string>> willing(std::vector<std::string> recipients,
                                                const circumstances& around) {
  const bool some = !recipients.empty();
  std::erase_if(recipients, [&](const std::string& one) { return has_opted_out(around, one); });
  if (some && recipients.empty())
    return std::nullopt;
  return recipients;
}

void add_consent(const model::conversation_state& state, const circumstances& around,
                 std::vector<model::event>& events) {
  if (around.consent == nullptr)
    return;
  const auto& notice = *around.consent;
  const auto [event, added] = last_heard(events);
  if (added == nullptr)
    return;
  const auto where = event->conversation;
  const auto index = added->index;
  const bool answers = may_answer(state, notice, *added, around);
  if (notice.wants == consent_notice::kind::asks_person) {
    mark(state, where, around.now, events);
    return;
  }
  if (notice.wants != consent_notice::kind::help)
    record(state,
           {.address = notice.address,
            .number = notice.everywhere ? std::string{} : state.pair.ours.identifier,
            .state = notice.wants == consent_notice::kind::opt_out ? consent_state::opted_out
                                                                   : consent_state::opted_in,
            .source = notice.source,
            .message = added->message,
            .text = added->what->body,
            .by = {}},
           where, around.now, events);
  if (answers)
    answer(state, notice, where, index + 1, around, events);
}

void add_carriers_opt_out(const model::conversation_state& state, const model::delivery& refused,
                          const circumstances& around, std::vector<model::event>& events) {
  const auto address = refused.to.empty() ? state.pair.theirs.text() : refused.to;
  if (has_opted_out(around, address))
    return;
  record(state,
         {.address = address,
          .number = state.pair.ours.identifier,
          .state = consent_state::opted_out,
          .source = model::consent_source::carrier,
          .message = refused.message,
          .text = {},
          .by = {}},
         refused.conversation, around.now, events);
}

decision decide_on(const model::conversation_state& state, const model::change_consent& what,
                   const circumstances& around) {
  std::vector<model::event> events;
  record(state,
         {.address = what.address,
          .number = what.everywhere ? std::string{} : state.pair.ours.identifier,
          .state = what.state,
          .source = model::consent_source::api,
          .message = {},
          .text = what.text,
          .by = what.by},
         state.id, around.now, events);
  return events;
}

bool is_loop(const model::conversation_state& state, const model::message_added& to,
             model::timestamp now) noexcept {
  return says_the_same_again(state, to.text_digest, now)
         || now - state.auto_replied_at < model::auto_reply_pause;
}

}  // namespace parley::conversation
