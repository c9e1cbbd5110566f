#include "actors/registrar.hpp"

#include <algorithm>
#include <exception>
#include <memory>

#include "actors/log.hpp"
#include "actors/supervision.hpp"
#include "parley/model/error.hpp"
#include "parley/store/directory_table.hpp"
#include "parley/store/webhook_table.hpp"

namespace parley::actors {
namespace {

using self_pointer = registrar_actor::stateful_pointer<registrar_state>;

/// Passes on that the changes are durable.
struct flushed final : store::commit_listener {
  explicit flushed(registrar_actor who) : registrar(std::move(who)) {}
  void committed(std::uint64_t) noexcept override {
    caf::anon_send(registrar, atom::durable::value);
  }

  registrar_actor registrar;
};

void answer_all(registrar_state& my) {
  for (auto& [to, what] : my.answers)
    my.shared->answers.answer({to, std::make_shared<const model::answer>(std::move(what))});
  my.answers.clear();
}

change_outcome failed(const char* cause) {
  log().error("registrar: a change of the directory failed, cause=\"{}\"", cause);
  change_outcome made;
  made.answer.status = model::traits(model::errc::internal).http_status;
  return made;
}

change_outcome make(const directory_change& asked, std::vector<model::organization>& all) {
  const auto owner
    = std::ranges::find(all, asked.organization, &model::organization::index);
  if (owner == all.end())
    return failed("there is no such organisation");
  try {
    return asked.make(*owner, all);
  } catch (const std::exception& fault) {
    return failed(fault.what());
  }
}

/// A webhook begins where the journal is when it is made, whatever happens next.
void place_webhooks(const model::organization& before, const model::organization& now,
                    std::uint64_t position, std::vector<store::row>& rows) {
  for (const auto& one : now.webhooks)
    if (before.find_webhook(one.id) == nullptr)
      rows.push_back(store::webhook_cursor_row(now.index, one.id, position));
  for (const auto& one : before.webhooks)
    if (now.find_webhook(one.id) == nullptr)
      rows.push_back(store::webhook_cursor_gone_row(now.index, one.id));
}

/// Makes everything that waits on a copy, and appends what has changed.
void begin(self_pointer self) {
  auto& my = self->state;
  auto all = my.shared->directory.present()->organizations();
  for (const auto& asked : std::exchange(my.waiting, {})) {
    auto [answer, changed] = make(*asked, all);
    if (changed && std::ranges::find(my.changed, asked->organization) == my.changed.end())
      my.changed.push_back(asked->organization);
    my.answers.emplace_back(asked->answer_to, std::move(answer));
  }
  if (my.changed.empty()) {
    answer_all(my);
    return;
  }
  my.next = std::make_shared<const model::directory>(std::move(all));
  std::vector<store::row> rows;
  const auto present = my.shared->directory.present();
  for (const auto index : my.changed) {
    const auto& now = *my.next->find_organization(index);
    rows.push_back(store::directory_row(now));
    place_webhooks(*present->find_organization(index), now, my.shared->journal.committed(), rows);
  }
  my.shared->journal.append({.organization = my.changed.front(),
                             .rows = rows,
                             .listener = std::make_shared<flushed>(registrar_actor{self})});
}

void publish(self_pointer self) {
  auto& my = self->state;
  const auto before = my.shared->directory.present();
  for (const auto index : std::exchange(my.changed, {}))
    my.followers->follow(before->find_organization(index), *my.next->find_organization(index));
  my.shared->directory.publish(std::exchange(my.next, nullptr));
  my.shared->counts.directory_changes.fetch_add(1, std::memory_order_relaxed);
  answer_all(my);
  if (!my.waiting.empty())
    begin(self);
}

}  // namespace

registrar_actor::behavior_type registrar(self_pointer self, const services* shared,
                                         lines* followers) {
  supervise(self, "registrar");
  self->state.shared = shared;
  self->state.followers = followers;
  return {
    [self](const directory_change_ptr& asked) {
      self->state.waiting.push_back(asked);
      if (!self->state.next)
        begin(self);
    },
    [self](atom::durable) { publish(self); },
  };
}

}  // namespace parley::actors
