#include "actors/lines.hpp"
#include "tests/actors/cast_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "parley/store/rows.hpp"

namespace parley::actors {
namespace {

/// A port that takes connections and never answers, so that every attempt stays under way.
class silent_carrier {
public:
  silent_carrier() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof at;
    auto* address = reinterpret_cast<sockaddr*>(&at);
    if (::bind(socket_, address, bytes) != 0 || ::listen(socket_, 128) != 0
        || ::getsockname(socket_, address, &bytes) != 0)
      throw std::runtime_error{"no port"};
    port_ = ntohs(at.sin_port);
  }
  ~silent_carrier() { ::close(socket_); }
  silent_carrier(const silent_carrier&) = delete;
  silent_carrier& operator=(const silent_carrier&) = delete;

  [[nodiscard]] std::string api_base() const {
    return "http://127.0.0.1:" + std::to_string(port_);
  }

private:
  int socket_;
  std::uint16_t port_ = 0;
};

/// Messages that wait in the outbox when the number's sender starts.
class sender_test : public cast_test {
protected:
  /// The sender is to have these limits.
  void limit(std::size_t window, std::size_t for_replies, std::size_t page) {
    options_.send_window_max = window;
    options_.window_replies_min = for_replies;
    options_.outbox_page_max = page;
    restart();
  }

  /// A conversation with this person, in which a message waits: of a bulk job, or a reply.
  void accept(const std::string& person, std::uint8_t job = 0) {
    if (stored(person).id == model::conversation_id{}) {
      receive(person, "SM" + person, 0);
      run_and_commit();
    }
    model::send_message send;
    send.message.bytes[0] = ++accepted_;
    send.conversation = stored(person).id;
    send.author = {model::author::kind::user, "alice"};
    auto what = std::make_shared<model::content>();
    what->body = "Hello";
    send.what = std::move(what);
    send.bulk.job.bytes[0] = job;
    send.bulk.position = accepted_;
    names_.push_back(person + (job == 0 ? "" : " bulk " + std::to_string(job)));
    auto asked = std::make_shared<envelope>();
    asked->pair = pair_with(person);
    asked->what = std::move(send);
    submit(std::move(asked), 0);
    run_and_commit();
  }

  /// Starts the sender over what waits, and lets it begin what it may so many times.
  void start(int times = 8) {
    auto owner = directory().present()->organizations().front();
    owner.numbers.front().rate_segments_per_s = 1e6;
    owner.links.front().api_base = carrier_.api_base();
    owner.links.front().account_sid = "AC00000000000000000000000000000001";
    followers_.emplace(system(), shared(), board());
    followers_->follow(nullptr, owner);
    followers_->take_up_backlog();
    for (int i = 0; i < times; ++i)
      run_and_commit();
  }

  ~sender_test() override {
    if (followers_)
      followers_->end();
    run();
  }

  /// What attempts were begun of, in their order.
  std::vector<std::string> begun() {
    std::vector<std::string> names;
    reader_->read_from(0, 10'000, [&](const store::record& one) {
      const auto* moved = std::get_if<model::delivery_changed>(&one.event.body);
      if (moved != nullptr && moved->state == model::delivery_state::sending)
        names.push_back(names_.at(moved->message.bytes[0] - 1U));
      return true;
    });
    return names;
  }

private:
  silent_carrier carrier_;
  std::uint8_t accepted_ = 0;
  std::vector<std::string> names_;
  std::optional<lines> followers_;
};

using names = std::vector<std::string>;

TEST_F(sender_test, lets_replies_overtake_bulk_and_never_gives_bulk_the_whole_window) {
  limit(4, 2, 16);
  for (const auto* person : {"+15551230001", "+15551230002", "+15551230003"})
    accept(person, 1);
  accept("+15551230009");
  start();
  EXPECT_EQ(begun(), (names{"+15551230009", "+15551230001 bulk 1", "+15551230002 bulk 1"}));
}

TEST_F(sender_test, asks_for_bulk_in_groups_of_sixteen) {
  limit(64, 16, 64);
  for (int i = 10; i < 30; ++i)
    accept("+155512300" + std::to_string(i), 1);
  accept("+15551230099");
  start(0);
  run();
  commit();
  EXPECT_EQ(begun().size(), 1U + 16U) << "a reply has no part in it";
  run_and_commit();
  EXPECT_EQ(begun().size(), 1U + 20U) << "what waits for the carrier is not counted";
}

TEST_F(sender_test, gives_bulk_jobs_their_turns) {
  limit(8, 1, 16);
  for (const auto* person : {"+15551230001", "+15551230002", "+15551230003"})
    accept(person, 1);
  accept("+15551230004", 2);
  start();
  EXPECT_EQ(begun(), (names{"+15551230001 bulk 1", "+15551230004 bulk 2", "+15551230002 bulk 1",
                            "+15551230003 bulk 1"}));
}

TEST_F(sender_test, I3_sends_what_the_pair_has_accepted_earlier_before_its_reply_and_at_once) {
  limit(3, 1, 2);
  for (const auto* person : {"+15551230001", "+15551230002", "+15551230003", "+15551230004",
                             "+15551230005"})
    accept(person, 1);
  accept("+15551230005");
  start();
  const auto all = begun();
  ASSERT_FALSE(all.empty());
  // It stands behind a page of the bulk lane, and leaves with the replies.
  EXPECT_EQ(std::ranges::count(all, "+15551230005 bulk 1"), 1);
  EXPECT_EQ(std::ranges::count(all, "+15551230005"), 0) << "it waits for the other's outcome";
  EXPECT_EQ(all.size(), 3U);
}

TEST_F(sender_test, reads_on_behind_what_waits_for_its_pair) {
  limit(4, 1, 4);
  for (int i = 0; i < 3; ++i)
    accept("+15551230001");
  accept("+15551230002");
  accept("+15551230003");
  start();
  EXPECT_EQ(begun(), (names{"+15551230001", "+15551230002", "+15551230003"}));
}

}  // namespace
}  // namespace parley::actors
