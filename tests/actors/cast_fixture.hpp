#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "actors/attendance.hpp"
#include "actors/number.hpp"
#include "actors/consent_register.hpp"
#include "actors/seats.hpp"
#include "actors/services.hpp"
#include "actors/supervision.hpp"
#include "parley/model/directory_cell.hpp"
#include "parley/routing/route.hpp"
#include "parley/store/environment.hpp"
#include "parley/store/journal.hpp"
#include "parley/store/reader.hpp"

namespace parley::actors {

/// Keeps what the journal and the cast say to the door.
class recording_door final : public store::commit_sink, public answer_sink {
public:
  void committed(std::span<model::settlement> settled, std::uint64_t) noexcept override {
    for (auto& each : settled)
      answers.push_back(std::move(each));
  }
  [[noreturn]] void failed(std::string) noexcept override { std::abort(); }
  void answer(model::settlement settled) noexcept override {
    answers.push_back(std::move(settled));
    if (on_answer)
      on_answer();
  }

  std::vector<model::settlement> answers;
  std::function<void()> on_answer;  ///< Looks around at the very moment.
};

/// A number with its conversations on a scheduler that runs only when the test says so, over a real
/// store whose journal commits only when the test says so. Nothing here has a thread of its own but
/// the carrier client, which these tests do not use.
class cast_test : public ::testing::Test {
protected:
  cast_test() { boot(); }

  ~cast_test() override {
    shut();
    std::filesystem::remove_all(directory_);
  }

  /// Makes everything anew over the same files, as a restart does. What was not committed is gone.
  void restart() {
    shut();
    boot();
  }

  /// Delivers messages until every mailbox is empty.
  void run() {
    while (scheduler().run() > 0) {
    }
  }

  /// Moves the clock that delayed messages wait on.
  void pass_time(std::chrono::milliseconds by) { scheduler().advance_time(by); }

  /// Moves the actors' clock on. Who waited for that gets its message.
  void advance(std::chrono::seconds by) {
    scheduler().advance_time(by);
    run_and_commit();
  }

  /// Makes what was appended durable; its listeners are told.
  void commit() { journal_->commit_pending(); }

  void run_and_commit() {
    for (int i = 0; i < 4; ++i) {
      run();
      commit();
    }
    run();
  }

  /// Sends an inbound message; its answer will come as generation `ticket`.
  void receive(const std::string& from, const std::string& provider_id, std::uint64_t ticket) {
    auto what = std::make_shared<model::content>();
    what->body = "hello";
    what->provider_id = provider_id;
    auto asked = std::make_shared<envelope>();
    asked->pair = pair_with(from);
    model::receive_message command;
    command.what = std::move(what);
    command.dedupe = digest(provider_id);
    asked->what = std::move(command);
    submit(std::move(asked), ticket);
  }

  void submit(std::shared_ptr<envelope> asked, std::uint64_t ticket) {
    submit(number_, std::move(asked), ticket);
  }

  void submit(const number_actor& to, std::shared_ptr<envelope> asked, std::uint64_t ticket) {
    now_ += std::chrono::milliseconds{1};
    asked->received_at = now_;
    asked->fresh_message = ids_.next_as<model::message_id>(now_);
    asked->fresh_conversation = ids_.next_as<model::conversation_id>(now_);
    asked->answer_to = {0, 0, ticket};
    caf::anon_send(to, envelope_ptr{std::move(asked)});
  }

  [[nodiscard]] static model::pair pair_with(const std::string& from) {
    return {1, {model::channel::sms, "+15550100001"}, {model::channel::sms, from}};
  }

  [[nodiscard]] static model::id128 digest(const std::string& text) {
    model::id128 out;
    for (std::size_t i = 0; i < text.size(); ++i)
      out.bytes[i % 16] = static_cast<std::uint8_t>(out.bytes[i % 16] * 31 + text[i]);
    return out;
  }

  /// The durable state of a pair.
  [[nodiscard]] model::conversation_state stored(const std::string& from) {
    const auto key = pair_with(from).key();
    auto found = reader_->load(key);
    model::conversation_state state;
    state.pair = pair_with(from);
    if (found.snapshot)
      state = std::move(*found.snapshot);
    for (const auto& record : found.tail)
      conversation::apply(state, record.event, record.seq);
    return state;
  }

  [[nodiscard]] bool answered(std::uint64_t ticket) const {
    for (const auto& each : door_.answers)
      if (each.to.generation == ticket)
        return true;
    return false;
  }

  [[nodiscard]] number_state& number_inside() {
    return dynamic_cast<caf::stateful_actor<number_state, number_actor::base>&>(
             *caf::actor_cast<caf::abstract_actor*>(number_))
      .state;
  }

  /// Which starts empty: a test may put actors on it.
  [[nodiscard]] switchboard& board() { return *board_; }
  [[nodiscard]] attendance& presences() { return *presences_; }
  [[nodiscard]] caf::actor_system& system() { return *system_; }
  [[nodiscard]] const services& shared() const { return *services_; }
  [[nodiscard]] model::directory_cell& directory() { return *tenants_; }
  [[nodiscard]] const store::environment& environment() const { return *environment_; }

  recording_door door_;
  cast_options options_{.worker_threads = 1,
                        .residents_max = 100,
                        .snapshot_events_max = 16,
                        .resident_idle = std::chrono::seconds{300},
                        .send_window_max = 8,
                        .outbox_page_max = 16,
                        .send_validity = std::chrono::hours{10},
                        .timers_page_max = 100,
                        .presence_grace = std::chrono::seconds{10}};
  std::unique_ptr<store::journal> journal_;
  std::unique_ptr<store::reader> reader_;
  cast_counts counts_;
  number_actor number_;

private:
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  }

  static model::directory_ptr make_directory() {
    model::organization demo;
    demo.index = 1;
    demo.id = "demo";
    auto& alice = demo.users.emplace_back();
    alice.id = "alice";
    alice.licence = model::licence::pro_cx;
    demo.links.emplace_back().id = "tw";
    auto& ours = demo.numbers.emplace_back();
    ours.identifier = "+15550100001";
    ours.link = "tw";
    ours.user = "alice";
    std::vector<model::organization> all;
    all.push_back(std::move(demo));
    return std::make_shared<const model::directory>(std::move(all));
  }

  static number_facts_ptr facts_of(const model::directory& known) {
    const auto& owner = known.organizations().front();
    auto facts = std::make_shared<number_facts>();
    facts->organization = owner.index;
    facts->identifier = owner.numbers.front().identifier;
    facts->route
      = routing::route_inbound(owner, owner.numbers.front(), model::channel::sms).route;
    facts->link = std::make_shared<const model::link>(owner.links.front());
    facts->queued = std::make_shared<std::atomic<std::int64_t>>(0);
    return facts;
  }

  void boot() {
    environment_ = std::make_shared<store::environment>(
      store::environment_options{.directory = directory_, .map_bytes_max = std::size_t{1} << 30U});
    journal_ = std::make_unique<store::journal>(
      environment_,
      store::journal_options{
        .tail_events_max = 1000, .batch_bytes_max = 1U << 20U},
      door_);
    reader_ = std::make_unique<store::reader>(environment_, *journal_);
    client_ = std::make_unique<http::client>(
      http::client_options{.connections_per_origin_max = 64,
                           .waiting_max = 64,
                           .connect_timeout = std::chrono::seconds{1},
                           .exchange_timeout = std::chrono::seconds{60},
                           .idle_timeout = std::chrono::seconds{1},
                           .response_bytes_max = 1024,
                           .allow_private_destinations = true});
    tenants_ = std::make_unique<model::directory_cell>(make_directory());
    board_ = std::make_unique<switchboard>();
    places_ = std::make_unique<seats>(*reader_);
    presences_ = std::make_unique<attendance>(
      *reader_, *board_, std::chrono::steady_clock::now() + options_.presence_grace);
    consents_ = std::make_unique<consent_register>(*reader_);
    services_.emplace(services{*journal_, *reader_, door_, *client_, *client_, *tenants_, *board_,
                               *places_, *presences_, *consents_, options_, counts_});
    config_ = std::make_unique<config>();
    system_ = std::make_unique<caf::actor_system>(*config_);
    number_ = system_->spawn(number, &*services_, facts_of(*tenants_->present()));
  }

  void shut() {
    caf::anon_send_exit(number_, caf::exit_reason::user_shutdown);
    run();
    number_ = nullptr;
    system_->await_actors_before_shutdown(false);  // Nobody would run them; do not wait for them.
    system_.reset();
    config_.reset();
    services_.reset();
    consents_.reset();
    presences_.reset();
    places_.reset();
    board_.reset();
    client_.reset();
    reader_.reset();
    journal_.reset();
    environment_.reset();
  }

  static std::filesystem::path make_directory_name() {
    auto name = (std::filesystem::temp_directory_path() / "parley-cast-XXXXXX").string();
    return mkdtemp(name.data());
  }

  std::filesystem::path directory_ = make_directory_name();
  model::timestamp now_{std::chrono::milliseconds{1'800'000'000'000}};
  model::id_source ids_{7};
  std::unique_ptr<switchboard> board_;
  std::unique_ptr<seats> places_;
  std::unique_ptr<consent_register> consents_;
  std::unique_ptr<attendance> presences_;
  std::shared_ptr<store::environment> environment_;
  std::unique_ptr<http::client> client_;
  std::unique_ptr<model::directory_cell> tenants_;
  std::optional<services> services_;
  std::unique_ptr<config> config_;
  std::unique_ptr<caf::actor_system> system_;
};

}  // namespace parley::actors
