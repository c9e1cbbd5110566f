#include "actors/bulk_desk.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "actors/bulk_job.hpp"
#include "actors/lines.hpp"
#include "parley/model/limits.hpp"
#include "tests/actors/cast_fixture.hpp"

namespace parley::actors {
namespace {

using model::bulk_state;
using std::chrono::hours;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::uint32_t demo = 1;

/// The desk with its jobs and their number, over a real store; time passes when the test says so.
class bulk_desk_test : public cast_test {
protected:
  bulk_desk_test() {
    bulk_.limits = {.in_flight_max = 100,
                    .job_in_flight_max = 4,
                    .queued_max = 100,
                    .progress_interval = hours{1}};
    lines_.emplace(system(), shared(), numbers_);
    lines_->follow(nullptr, directory().present()->organizations().front());
    with_jobs_.emplace(services{*journal_, *reader_, door_, shared().carriers, shared().endpoints,
                                directory(), numbers_, shared().places, shared().presences,
                                shared().consents, options_, counts_});
    with_jobs_->bulk = &bulk_;
  }

  ~bulk_desk_test() override {
    if (desk_)
      caf::anon_send_exit(desk_, caf::exit_reason::user_shutdown);
    lines_->end();
    run();
    desk_ = nullptr;
    run();
  }

  void spawn_desk() { desk_ = system().spawn(bulk_desk, &*with_jobs_); }

  void start_desk() {
    spawn_desk();
    go_on();
  }

  /// Lets everybody do what there is to do, and makes it durable.
  void go_on() {
    for (int i = 0; i < 4; ++i) {
      pass_time(std::chrono::milliseconds{1});
      run_and_commit();
    }
  }

  /// Lets everybody do what can be done before anything of it is durable, and makes it durable.
  void turn() {
    run();
    pass_time(std::chrono::milliseconds{1});
    run();
    commit();
  }

  /// Stores a job that was made so long ago, and whose lines are `count`.
  model::bulk_id store_job(bulk_state state, hours ago, bool with_key, std::size_t count = 1) {
    const auto now = model::wall_clock();
    store::bulk_job_record made;
    auto& job = made.job;
    job.id = ids_.next_as<model::bulk_id>(now);
    job.organization = demo;
    job.state = state;
    job.what.from = {model::channel::sms, "+15550100001"};
    job.what.author = {model::author::kind::user, "alice"};
    job.what.body = "hello";
    job.created_at = now - ago;
    job.lines = job.accepted = count;
    if (with_key)
      made.key = job.id;
    auto rows = store::bulk_job_rows(made);
    std::vector<model::bulk_entry> entries;
    for (std::size_t i = 0; i < count; ++i)
      entries.push_back({i + 1, "sms:+1555123" + std::to_string(1'000 + i), {}, {}});
    rows.push_back(store::bulk_block_row(demo, job.id, 0, entries));
    journal_->append({.rows = rows});
    commit();
    return job.id;
  }

  [[nodiscard]] bulk_state state_of(const model::bulk_id& job) const {
    return reader_->find_bulk_job(demo, job)->job.state;
  }

  [[nodiscard]] std::vector<model::bulk_id> open_jobs() const {
    std::vector<model::bulk_id> found;
    for (const auto& [organization, job] : reader_->open_bulk_jobs())
      found.push_back(job);
    return found;
  }

  [[nodiscard]] std::size_t queued() const {
    const auto prefix = store::outbox_prefix(demo, {model::channel::sms, "+15550100001"});
    return reader_->outbox(prefix, store::lane::bulk, 0, 1'000).size();
  }

  bulk_access bulk_;
  bulk_desk_actor desk_;
  model::id_source ids_{11};

private:
  switchboard numbers_;
  std::optional<lines> lines_;
  std::optional<services> with_jobs_;
};

constexpr auto too_old = 2 * model::idempotency_lifetime + hours{1};
constexpr auto young = model::idempotency_lifetime;

TEST_F(bulk_desk_test, at_start_what_nobody_can_complete_is_canceled) {
  const auto old = store_job(bulk_state::receiving, too_old, true);
  const auto keyless = store_job(bulk_state::receiving, hours{0}, false);
  const auto goes_on = store_job(bulk_state::receiving, young, true);
  start_desk();
  EXPECT_EQ(state_of(old), bulk_state::canceled);
  EXPECT_EQ(state_of(keyless), bulk_state::canceled);
  EXPECT_EQ(state_of(goes_on), bulk_state::receiving);
  EXPECT_THAT(open_jobs(), UnorderedElementsAre(goes_on));
}

TEST_F(bulk_desk_test, an_upload_whose_key_does_not_hold_any_more_is_canceled_within_the_hour) {
  start_desk();
  const auto old = store_job(bulk_state::receiving, too_old, true);
  const auto goes_on = store_job(bulk_state::receiving, young, true);
  const auto under_way = store_job(bulk_state::receiving, too_old, false);
  go_on();
  EXPECT_EQ(state_of(old), bulk_state::receiving) << "nobody has looked yet";
  pass_time(hours{1});
  go_on();
  EXPECT_EQ(state_of(old), bulk_state::canceled);
  EXPECT_EQ(state_of(goes_on), bulk_state::receiving);
  EXPECT_EQ(state_of(under_way), bulk_state::receiving) << "its connection says when it breaks";
}

TEST_F(bulk_desk_test, the_desk_looks_every_hour) {
  start_desk();
  pass_time(hours{1});
  go_on();
  const auto old = store_job(bulk_state::receiving, too_old, true);
  pass_time(hours{1});
  go_on();
  EXPECT_EQ(state_of(old), bulk_state::canceled);
  EXPECT_THAT(open_jobs(), IsEmpty());
}

TEST_F(bulk_desk_test, an_upload_that_broke_is_canceled_and_a_complete_one_is_not) {
  start_desk();
  const auto broken = store_job(bulk_state::receiving, hours{0}, false);
  const auto complete = store_job(bulk_state::paused, hours{0}, false);
  for (const auto& job : {broken, complete})
    caf::anon_send(desk_, atom::broken::value, demo, job);
  go_on();
  EXPECT_EQ(state_of(broken), bulk_state::canceled);
  EXPECT_EQ(state_of(complete), bulk_state::paused);
}

TEST_F(bulk_desk_test, a_job_has_only_so_many_lines_on_their_way) {
  const auto job = store_job(bulk_state::scheduled, hours{0}, false, 50);
  spawn_desk();
  turn();
  EXPECT_EQ(queued(), 4U);
  EXPECT_EQ(state_of(job), bulk_state::running);
  turn();
  EXPECT_EQ(queued(), 8U) << "the first four are durable";
}

TEST_F(bulk_desk_test, all_jobs_together_have_only_so_many) {
  bulk_.limits = {.in_flight_max = 3, .job_in_flight_max = 100, .queued_max = 100,
                  .progress_interval = hours{1}};
  store_job(bulk_state::running, hours{0}, false, 50);
  spawn_desk();
  turn();
  EXPECT_EQ(queued(), 3U);
}

TEST_F(bulk_desk_test, a_job_whose_lines_are_missing_is_paused) {
  const auto job = store_job(bulk_state::running, hours{0}, false, 0);
  auto damaged = *reader_->find_bulk_job(demo, job);
  damaged.job.accepted = 1 + store::bulk_block_lines;
  journal_->append({.rows = store::bulk_job_rows(damaged)});
  commit();
  start_desk();
  EXPECT_EQ(state_of(job), bulk_state::paused);
  EXPECT_EQ(bulk_.running, 0);
}

}  // namespace
}  // namespace parley::actors
