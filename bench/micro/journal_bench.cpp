#include "parley/store/codec.hpp"
#include "parley/store/environment.hpp"
#include "parley/store/journal.hpp"
#include "src/store/tail_index.hpp"
#include "src/store/tail_scan.hpp"

#include <benchmark/benchmark.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

// What the journal does per second by itself: messages of 350 bytes appended by two threads, each
// counted once it is durable. The argument is how many appends wait at most, which is what sets the
// size of a batch: 1 is an idle broker, 256 a busy one.

namespace {

using namespace parley;

constexpr std::size_t pairs_count = 10'000;
constexpr std::size_t threads_count = 2;

/// Lets appends in while fewer than a number of them wait, as admission does.
class door : public store::commit_sink {
public:
  explicit door(std::size_t waiting_max) : waiting_max_(waiting_max) {}

  void enter() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return waiting_ < waiting_max_; });
    ++waiting_;
  }

  void committed(std::span<model::settlement> settled, std::uint64_t) noexcept override {
    const std::lock_guard lock{mutex_};
    waiting_ -= settled.size();
    changed_.notify_all();
  }
  [[noreturn]] void failed(std::string cause) noexcept override {
    std::fprintf(stderr, "%s\n", cause.c_str());
    std::_Exit(EXIT_FAILURE);
  }

private:
  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t waiting_ = 0;
};

/// A directory on the disk that is measured: the working directory's.
struct scratch_directory {
  scratch_directory() {
    auto name = (std::filesystem::current_path() / "journal-bench-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~scratch_directory() { std::filesystem::remove_all(path); }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  std::filesystem::path path;
};

/// A message whose record is about 350 bytes.
model::event message(std::uint64_t number) {
  model::message_added added;
  added.message.bytes[15] = static_cast<std::uint8_t>(number);
  added.index = number;
  added.author = {model::author::kind::contact, "sms:+15551230001"};
  auto what = std::make_shared<model::content>();
  what->body = std::string(90, 'b');
  what->provider_id = "SM00000000000000000000000000000000";
  what->extra = std::string(70, 'e');
  added.what = std::move(what);
  added.dedupe.bytes[0] = 1;
  model::event out{{}, model::wall_clock(), std::move(added)};
  out.conversation.bytes[0] = 1;
  return out;
}

std::string pair_key(std::size_t number) {
  return model::pair{.organization = 1,
                     .ours = {model::channel::sms, "+15550000001"},
                     .theirs = {model::channel::sms, "+1666" + std::to_string(1'000'000 + number)}}
    .key();
}

std::shared_ptr<store::environment> open_in(const std::filesystem::path& path) {
  return std::make_shared<store::environment>(store::environment_options{
    .directory = path, .map_bytes_max = std::size_t{64} << 30U});
}

constexpr store::journal_options options{.tail_events_max = 100'000'000,
                                         .batch_bytes_max = std::size_t{8} << 20U};

/// Appends `count` events of pairs that no other thread uses.
void append_some(store::journal& log, door& entrance, std::size_t thread, std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = thread; i < pairs_count; i += threads_count)
    keys.push_back(pair_key(i));
  std::vector<std::uint64_t> heads(keys.size(), 0);
  const std::vector events{message(1)};
  for (std::size_t i = 0; i < count; ++i) {
    const auto pair = i * 7919 % keys.size();
    entrance.enter();
    heads[pair] = log.append({.pair_key = keys[pair],
                              .organization = 1,
                              .prev = heads[pair],
                              .events = events,
                              .settle = {{0, 0, 1}, nullptr}});
  }
}

void append_and_commit(benchmark::State& state) {
  const scratch_directory directory;
  const auto env = open_in(directory.path);
  door entrance{static_cast<std::size_t>(state.range(0))};
  store::journal log{env, options, entrance};
  log.start();
  const auto per_thread = static_cast<std::size_t>(state.range(1));
  for (auto _ : state) {
    const auto before = log.counts();
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < threads_count; ++t)
      threads.emplace_back([&, t] { append_some(log, entrance, t, per_thread); });
    for (auto& thread : threads)
      thread.join();
    while (log.counts().waiting > 0)
      std::this_thread::yield();
    const auto after = log.counts();
    const auto events = static_cast<double>(after.events - before.events);
    const auto batches = static_cast<double>(after.batches - before.batches);
    state.counters["batch"] = events / batches;
    state.counters["record_bytes"] = static_cast<double>(after.bytes - before.bytes) / events;
    state.counters["commit_us"]
      = static_cast<double>(after.flush_ns - before.flush_ns) / 1'000 / batches;
  }
  state.SetItemsProcessed(state.iterations()
                          * static_cast<std::int64_t>(per_thread * threads_count));
  log.stop();
}
BENCHMARK(append_and_commit)
  ->ArgNames({"waiting", "per_thread"})
  ->Args({1, 2'000})
  ->Args({64, 100'000})
  ->Args({256, 200'000})
  ->Args({1024, 400'000})
  ->Unit(benchmark::kMillisecond)
  ->Iterations(3)
  ->UseRealTime()
  ->MeasureProcessCPUTime();

void encode_a_message(benchmark::State& state) {
  const auto event = message(1);
  std::string out;
  for (auto _ : state) {
    out.clear();
    store::encode(event, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(encode_a_message);

void decode_a_message(benchmark::State& state) {
  std::string bytes;
  store::encode(message(1), bytes);
  for (auto _ : state)
    benchmark::DoNotOptimize(store::decode_event(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(decode_a_message);

/// What a start costs: the scan of a tail of a million events of ten thousand pairs.
void scan_the_tail(benchmark::State& state) {
  constexpr std::size_t per_thread = 500'000;
  const scratch_directory directory;
  const auto env = open_in(directory.path);
  {
    door entrance{4096};
    store::journal log{env, options, entrance};
    log.start();
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < threads_count; ++t)
      threads.emplace_back([&, t] { append_some(log, entrance, t, per_thread); });
    for (auto& thread : threads)
      thread.join();
    log.stop();
  }
  for (auto _ : state) {
    store::tail_index index;
    benchmark::DoNotOptimize(store::scan_tail(*env, index));
  }
  state.SetItemsProcessed(state.iterations()
                          * static_cast<std::int64_t>(per_thread * threads_count));
}
BENCHMARK(scan_the_tail)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace

BENCHMARK_MAIN();
