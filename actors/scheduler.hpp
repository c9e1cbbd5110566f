#pragma once

#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>

#include "actors/clock.hpp"

namespace parley::actors {

/// The scheduler as measured (ARCHITECTURE.md, "Threads"): sharing beats stealing on few cores, and
/// delayed messages have a clock of their own. `caf::actor_system_config::load` makes it.
class scheduler final : public caf::scheduler::coordinator<caf::policy::work_sharing> {
public:
  using coordinator::coordinator;

  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new scheduler{system};
  }

  actors::clock& clock() noexcept override { return clock_; }

protected:
  void start() override {
    clock_.start();
    coordinator::start();
  }
  /// The clock first: it must not wake actors that no worker is there for any more.
  void stop() override {
    clock_.stop();
    coordinator::stop();
  }

private:
  actors::clock clock_;
};

}  // namespace parley::actors
