#include "actors/fetcher.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "actors/lines.hpp"
#include "parley/store/file_store.hpp"
#include "parley/store/rows.hpp"
#include "tests/actors/cast_fixture.hpp"
#include "tests/bench/answering_server.hpp"

namespace parley::actors {
namespace {

using bench::testing::answering_server;

const std::string picture = "GIF89a" + std::string(20, '\0');

/// The fetcher on a scheduler that runs when the test says so, over a journal that commits when the
/// test says so, against real servers and a real store of files.
class fetcher_test : public cast_test {
protected:
  fetcher_test() {
    options_.fetches_max = 2;
    options_.fetch_tries = 2;
    std::filesystem::create_directories(files_);
    kept_ = std::make_unique<store::file_store>(files_);
    hosts_ = std::make_unique<http::client>(
      http::client_options{.connections_per_origin_max = 8,
                           .waiting_max = 8,
                           .connect_timeout = std::chrono::seconds{20},
                           .exchange_timeout = std::chrono::seconds{20},
                           .idle_timeout = std::chrono::seconds{20},
                           .response_bytes_max = 1024,
                           .allow_private_destinations = true});
    access_ = std::make_unique<file_access>(
      file_access{{kept_->secret(), {}, std::chrono::seconds{60}}, *kept_, *hosts_});
    numbers_ = std::make_unique<switchboard>();
    services_.emplace(services{*journal_, *reader_, door_, *hosts_, *hosts_, directory(), *numbers_,
                               shared().places, shared().presences, shared().consents, options_,
                               counts_, nullptr, access_.get(), &fetcher_});
    fetcher_ = system().spawn(fetcher, &*services_);
    lines_ = std::make_unique<lines>(system(), *services_, *numbers_);
    lines_->follow(nullptr, directory().present()->organizations().front());
  }

  ~fetcher_test() override {
    caf::anon_send_exit(fetcher_, caf::exit_reason::user_shutdown);
    lines_->end();
    run();
    fetcher_ = nullptr;
    hosts_->stop();
    run();
    lines_.reset();
    numbers_.reset();
    std::filesystem::remove_all(files_);
  }

  void receive_media(const answering_server& from, const std::string& id) {
    auto what = std::make_shared<model::content>();
    what->body = id;
    what->files.push_back({"http://127.0.0.1:" + std::to_string(from.at().port) + '/' + id, {}});
    auto asked = std::make_shared<envelope>();
    asked->pair = pair_with("+15557000001");
    asked->what = model::receive_message{std::move(what), digest(id)};
    submit(*numbers_->number(1, "+15550100001"), std::move(asked), 1);
  }

  [[nodiscard]] const fetcher_state& inside() const {
    return dynamic_cast<caf::stateful_actor<fetcher_state, fetcher_actor::base>&>(
             *caf::actor_cast<caf::abstract_actor*>(fetcher_))
      .state;
  }

  [[nodiscard]] std::size_t rows() const {
    return reader_
      ->outbox(store::outbox_prefix(1, pair_with({}).ours), store::lane::media, 0, 1'000)
      .size();
  }

  /// Runs actors and journal until it is so, with a deadline that only ends a failure.
  template <class Condition>
  [[nodiscard]] bool until(Condition holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end)
        return false;
      run_and_commit();
      // The test's scheduler has a clock that only the test moves: retries wait on it.
      pass_time(std::chrono::seconds{1});
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
  }

  /// The files of the pair's messages, newest first.
  [[nodiscard]] std::vector<model::media> files() {
    std::vector<model::media> all;
    reader_->read_back(stored("+15557000001").head_seq, [&](const store::record& record) {
      if (const auto* added = std::get_if<model::message_added>(&record.event.body))
        all.insert(all.end(), added->what->files.begin(), added->what->files.end());
      return true;
    });
    return all;
  }

  const std::filesystem::path files_
    = std::filesystem::temp_directory_path() / ("parley-fetcher-" + std::to_string(::getpid()));
  std::unique_ptr<store::file_store> kept_;
  std::unique_ptr<http::client> hosts_;
  std::unique_ptr<file_access> access_;
  std::unique_ptr<switchboard> numbers_;
  std::unique_ptr<lines> lines_;
  std::optional<services> services_;
  fetcher_actor fetcher_;
};

http::response answer(int status, std::string body) {
  http::response made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

TEST_F(fetcher_test, asks_for_nothing_that_is_not_durable) {
  answering_server host{[](http::request&) { return answer(200, picture); }};
  receive_media(host, "1");
  run();
  EXPECT_TRUE(inside().lines.empty());
  commit();
  run();
  EXPECT_EQ(inside().fetches.size(), 1U);
  EXPECT_EQ(rows(), 1U);
  ASSERT_TRUE(until([&] { return rows() == 0; }));
  const auto found = files();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(kept_->find(found[0].file)->content_type, "image/gif");
}

TEST_F(fetcher_test, keeps_a_message_in_its_place_until_its_files_are_settled) {
  std::atomic<bool> well{false};
  answering_server host{
    [&](http::request&) { return well ? answer(200, picture) : answer(503, "no"); }};
  for (const auto* id : {"1", "2", "3", "4", "5"})
    receive_media(host, id);
  run_and_commit();
  ASSERT_TRUE(until([&] { return inside().retries.size() == 2; }));
  EXPECT_EQ(inside().fetches.size(), 0U) << "those that wait for another try have their places";
  EXPECT_EQ(rows(), 5U);
  well = true;
  ASSERT_TRUE(until([&] { return rows() == 0; }));
  for (const auto& file : files())
    EXPECT_TRUE(file.file.has_value());
  EXPECT_EQ(counts_.media_fetched.load(), 5U);
  EXPECT_EQ(inside().lines.begin()->second.in_flight, 0U);
}

TEST_F(fetcher_test, gives_up_after_so_many_tries) {
  std::atomic<int> asked{0};
  answering_server host{[&](http::request&) {
    ++asked;
    return answer(503, "no");
  }};
  receive_media(host, "1");
  ASSERT_TRUE(until([&] { return counts_.media_failed.load() == 1 && rows() == 0; }));
  EXPECT_EQ(asked.load(), 2);
  EXPECT_EQ(files().at(0).fault, model::media_fault::unreachable);
}

TEST_F(fetcher_test, takes_up_what_an_earlier_process_left) {
  answering_server host{[](http::request&) { return answer(200, picture); }};
  services_->fetcher = nullptr;  // Nobody is told.
  receive_media(host, "1");
  receive_media(host, "2");
  run_and_commit();
  EXPECT_EQ(rows(), 2U);
  take_up_media(*services_, fetcher_);
  ASSERT_TRUE(until([&] { return rows() == 0; }));
  EXPECT_EQ(counts_.media_fetched.load(), 2U);
}

}  // namespace
}  // namespace parley::actors
