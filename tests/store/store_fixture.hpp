#pragma once

#include "parley/conversation/rules.hpp"
#include "parley/store/environment.hpp"
#include "parley/store/journal.hpp"
#include "parley/store/reader.hpp"
#include "parley/store/rows.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace parley::store {

inline constexpr std::size_t map_bytes_max = std::size_t{1} << 30U;
/// What the process of a failed write ends with, in tests.
inline constexpr int failed_exit_code = 86;

inline model::timestamp at_ms(std::int64_t ms) {
  return model::timestamp{std::chrono::milliseconds{ms}};
}

template <class Id = model::id128>
Id id_of(std::uint64_t number) {
  Id id{};
  id.bytes[0] = 1;
  for (std::size_t i = 0; i < 8; ++i)
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

inline model::route to_users(std::vector<std::string> users, std::string inbox = {}) {
  model::route out;
  out.users = std::move(users);
  out.inbox = std::move(inbox);
  return out;
}

inline model::pair pair_of(std::uint64_t number) {
  return {.organization = 7,
          .ours = {model::channel::sms, "+15550000001"},
          .theirs = {model::channel::sms, "+1666" + std::to_string(1'000'000 + number)}};
}

/// Keeps what the writer says, and lets a test wait for it.
class recording_sink : public commit_sink {
public:
  void committed(std::span<model::settlement> settled, std::uint64_t last_seq) noexcept override {
    const std::lock_guard lock{mutex_};
    for (const auto& one : settled)
      settled_.push_back(one.to.generation);
    last_seq_ = last_seq;
    ++calls_;
    changed_.notify_all();
  }

  [[noreturn]] void failed(std::string cause) noexcept override {
    std::fprintf(stderr, "failed: %s\n", cause.c_str());
    std::_Exit(failed_exit_code);
  }

  /// Waits until `holds()` is true of what was said so far.
  template <class Holds>
  void wait(Holds&& holds) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, std::forward<Holds>(holds));
  }
  void wait_for_seq(std::uint64_t seq) {
    wait([&] { return last_seq_ >= seq; });
  }

  [[nodiscard]] std::vector<std::uint64_t> settled() const {
    const std::lock_guard lock{mutex_};
    return settled_;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;

protected:
  std::vector<std::uint64_t> settled_;
  std::uint64_t last_seq_ = 0;
  std::uint64_t calls_ = 0;
};

/// One pair, driven as its actor drives it: rows and sequence numbers follow from the events.
class pair_driver {
public:
  explicit pair_driver(model::pair pair) : key(pair.key()) { state.pair = std::move(pair); }

  std::uint64_t append(journal& to, std::vector<model::event> events,
                       std::uint64_t generation = 0) {
    const auto rows = project(state, events);
    const auto changes = bulk_line_changes(state, events);
    const auto first = to.append({.pair_key = key,
                                  .organization = state.pair.organization,
                                  .prev = state.head_seq,
                                  .events = events,
                                  .rows = rows,
                                  .line_changes = changes,
                                  .settle = {{0, 0, generation}, nullptr}});
    for (std::size_t i = 0; i < events.size(); ++i)
      conversation::apply(state, events[i], first + i);
    return first + events.size() - 1;
  }

  void snapshot(journal& to) const {
    to.append({.pair_key = key,
               .organization = state.pair.organization,
               .prev = state.head_seq,
               .snapshot = &state});
  }

  [[nodiscard]] model::event opened(std::uint64_t id, model::route route,
                                    model::timestamp timer_due = {}) const {
    return {id_of<model::conversation_id>(id), at_ms(1'000 + static_cast<std::int64_t>(id)),
            model::conversation_opened{state.id, std::move(route), timer_due}};
  }

  [[nodiscard]] model::event message(model::direction direction, std::string body,
                                     std::uint64_t id) const {
    model::message_added added;
    added.message = id_of<model::message_id>(id);
    added.index = state.last_index + 1;
    added.direction = direction;
    added.author = {model::author::kind::contact, state.pair.theirs.text()};
    auto what = std::make_shared<model::content>();
    what->body = std::move(body);
    added.what = std::move(what);
    if (direction == model::direction::inbound)
      added.dedupe = id_of(id);
    return {state.id, at_ms(5'000), std::move(added)};
  }
  [[nodiscard]] model::event inbound(std::string body, std::uint64_t id) const {
    return message(model::direction::inbound, std::move(body), id);
  }
  [[nodiscard]] model::event outbound(std::string body, std::uint64_t id) const {
    return message(model::direction::outbound, std::move(body), id);
  }

  [[nodiscard]] model::event delivery(std::uint64_t id, model::delivery_state to) const {
    model::delivery_changed changed;
    changed.message = id_of<model::message_id>(id);
    changed.state = to;
    return {state.id, at_ms(6'000), std::move(changed)};
  }

  [[nodiscard]] model::event closed() const {
    return {state.id, at_ms(9'000), model::conversation_closed{model::close_reason::user, "ann"}};
  }

  model::conversation_state state;
  std::string key;
};

/// A store in a directory of its own, opened and reopened at will.
class store_test : public ::testing::Test {
protected:
  store_test() {
    auto name = (std::filesystem::temp_directory_path() / "parley-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error{"mkdtemp"};
    directory = name;
  }

  ~store_test() override {
    close();
    std::error_code ignored;  // A directory that stays behind is not the test's subject.
    std::filesystem::remove_all(directory, ignored);
  }

  void open_environment() {
    env = std::make_shared<environment>(
      environment_options{.directory = directory, .map_bytes_max = map_bytes_max});
  }

  void open() {
    open_environment();
    sink = std::make_unique<recording_sink>();
    log = std::make_unique<journal>(env, options, *sink);
    read = std::make_unique<reader>(env, *log);
    log->start();
  }

  void close() {
    if (log)
      log->stop();
    read.reset();
    log.reset();
    env.reset();
  }

  void reopen() {
    close();
    open();
  }

  /// Waits until everything appended so far is durable and told.
  void settle() const {
    struct promise_listener : commit_listener {
      void committed(std::uint64_t) noexcept override { told.set_value(); }
      std::promise<void> told;
    };
    const auto listener = std::make_shared<promise_listener>();
    log->append({.listener = listener});
    listener->told.get_future().wait();
  }

  std::filesystem::path directory;
  journal_options options{.tail_events_max = 1'000'000,
                          .batch_bytes_max = std::size_t{1} << 20U};
  std::shared_ptr<environment> env;
  std::unique_ptr<recording_sink> sink;
  std::unique_ptr<journal> log;
  std::unique_ptr<reader> read;
};

}  // namespace parley::store
