#include "actors/contact_book.hpp"

#include <exception>
#include <memory>

#include "actors/log.hpp"
#include "actors/supervision.hpp"
#include "parley/model/error.hpp"

namespace parley::actors {
namespace {

using self_pointer = contact_book_actor::stateful_pointer<contact_book_state>;

/// Passes on that the changes are durable.
struct flushed final : store::commit_listener {
  explicit flushed(contact_book_actor who) : book(std::move(who)) {}
  void committed(std::uint64_t) noexcept override { caf::anon_send(book, atom::durable::value); }

  contact_book_actor book;
};

void answer_all(contact_book_state& my) {
  for (auto& [to, what] : my.answers)
    my.shared->answers.answer({to, std::make_shared<const model::answer>(std::move(what))});
  my.answers.clear();
}

model::answer make(const contact_change& asked, pending_contacts& now) {
  try {
    pending_contacts layer{now};
    auto answer = asked.make(layer);
    now.take_over(layer);
    return answer;
  } catch (const std::exception& fault) {
    log().error("contact_book: a change of contacts failed, cause=\"{}\"", fault.what());
    model::answer failed;
    failed.status = model::traits(model::errc::internal).http_status;
    return failed;
  }
}

/// Makes what waits, and appends what has changed.
void begin(self_pointer self) {
  auto& my = self->state;
  pending_contacts now{my.shared->reader};
  while (!my.waiting.empty() && now.changes() < contact_book_state::changes_per_flush_max) {
    const auto asked = std::move(my.waiting.front());
    my.waiting.pop_front();
    my.answers.emplace_back(asked->answer_to, make(*asked, now));
  }
  const auto rows = now.rows();
  if (rows.empty()) {
    answer_all(my);
    return;
  }
  my.flushing = true;
  my.shared->counts.contact_flushes.fetch_add(1, std::memory_order_relaxed);
  my.shared->journal.append(
    {.rows = rows, .listener = std::make_shared<flushed>(contact_book_actor{self})});
}

void begin_when_there_is_work(self_pointer self) {
  auto& my = self->state;
  while (!my.flushing && !my.waiting.empty())
    begin(self);
}

}  // namespace

contact_book_actor::behavior_type contact_book(self_pointer self, const services* shared) {
  supervise(self, "contact_book");
  self->state.shared = shared;
  return {
    [self](const contact_change_ptr& asked) {
      self->state.waiting.push_back(asked);
      begin_when_there_is_work(self);
    },
    [self](atom::durable) {
      self->state.flushing = false;
      answer_all(self->state);
      begin_when_there_is_work(self);
    },
  };
}

}  // namespace parley::actors
