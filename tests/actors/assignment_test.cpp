#include "actors/lines.hpp"
#include "actors/team_inbox.hpp"
#include "tests/actors/cast_fixture.hpp"

#include <algorithm>
#include <map>

namespace parley::actors {
namespace {

using model::assignment_strategy;

constexpr auto support = "+15550100001";
constexpr auto sales = "+15550100002";

/// Two inboxes that share two users, with their numbers and everybody else of the cast, over a real
/// store. Conversations are called by the outside party's last digit.
class assignment_test : public cast_test {
protected:
  assignment_test() { start(); }
  ~assignment_test() override { end(); }

  static model::organization demo() {
    model::organization made;
    made.index = 1;
    made.id = "demo";
    for (const auto* id : {"ann", "bob", "cem"}) {
      auto& user = made.users.emplace_back();
      user.id = id;
      user.licence = model::licence::pro_cx;
    }
    made.teams = {{"support", {"ann", "bob", "cem"}}, {"sales", {"ann", "bob"}}};
    for (const auto* team : {"support", "sales"}) {
      auto& inbox = made.inboxes.emplace_back();
      inbox.team = team;
      inbox.strategy = assignment_strategy::round_robin;
    }
    made.links.emplace_back().id = "tw";
    for (const auto& [identifier, inbox] : {std::pair{support, "support"}, {sales, "sales"}}) {
      auto& number = made.numbers.emplace_back();
      number.identifier = identifier;
      number.link = "tw";
      number.inbox = inbox;
    }
    return made;
  }

  void start() {
    std::vector<model::organization> all{organization_};
    directory().publish(std::make_shared<const model::directory>(std::move(all)));
    lines_ = std::make_unique<lines>(system(), shared(), board());
    lines_->follow(nullptr, organization_);
    look();
  }

  void end() {
    lines_->end();
    run();
    lines_.reset();
  }

  /// As after a crash: what was not committed is gone, and so is everything in memory.
  void crash() {
    end();
    restart();
    start();
  }

  /// Changes the directory while everybody is there.
  template <class F>
  void change(F&& make) {
    const auto before = organization_;
    make(organization_);
    std::vector<model::organization> all{organization_};
    directory().publish(std::make_shared<const model::directory>(std::move(all)));
    lines_->follow(&before, organization_);
    run_and_commit();
  }

  /// The timekeeper's regular nudge.
  void look() {
    board().each_team_inbox(
      [](const team_inbox_actor& inbox) { caf::anon_send(inbox, atom::sweep::value); });
    run_and_commit();
  }

  static model::pair pair_of(int who, const char* ours) {
    return {1, {model::channel::sms, ours},
            {model::channel::sms, "+1555700000" + std::to_string(who)}};
  }

  void command(int who, const char* ours, model::command what) {
    auto asked = std::make_shared<envelope>();
    asked->pair = pair_of(who, ours);
    asked->what = std::move(what);
    submit(*board().number(1, ours), std::move(asked), ++ticket_);
  }

  /// A message of somebody's, with nothing durable yet.
  void write(int who, const char* ours = support) {
    auto what = std::make_shared<model::content>();
    what->body = "hello";
    model::receive_message received;
    received.what = std::move(what);
    received.dedupe = digest("SM" + std::to_string(++ticket_));
    command(who, ours, std::move(received));
  }

  void write_all(std::initializer_list<int> those, const char* ours = support) {
    for (const auto who : those) {
      write(who, ours);
      run_and_commit();
    }
  }

  model::conversation_state state_of(int who, const char* ours = support) {
    const auto key = pair_of(who, ours).key();
    const auto stored = reader_->load(key);
    auto state = stored.snapshot.value_or(model::conversation_state{});
    for (const auto& record : stored.tail)
      conversation::apply(state, record.event, record.seq);
    return state;
  }

  std::string holder(int who, const char* ours = support) {
    return state_of(who, ours).claimed_by;
  }

  std::vector<std::string> holders(std::initializer_list<int> those, const char* ours = support) {
    std::vector<std::string> found;
    for (const auto who : those)
      found.push_back(holder(who, ours));
    return found;
  }

  void close(int who, const char* ours = support) {
    command(who, ours, model::close_conversation{state_of(who, ours).id, {}});
    run_and_commit();
  }

  void release(int who, const char* ours = support) {
    command(who, ours, model::release_conversation{state_of(who, ours).id, {}});
    run_and_commit();
  }

  void set_presence(const std::string& user, model::presence now) {
    auto asked = std::make_shared<envelope>();
    asked->pair = presence_pair(1, user);
    asked->what = model::change_availability{user, now, false};
    asked->received_at = model::wall_clock();
    asked->answer_to = {0, 0, ++ticket_};
    asked->render = [](const outcome&) { return model::answer{}; };
    caf::anon_send(*board().participant(1, user), envelope_ptr{std::move(asked)});
    run_and_commit();
  }

  using names = std::vector<std::string>;

  model::organization organization_ = demo();
  std::unique_ptr<lines> lines_;
  std::uint64_t ticket_ = 0;
};

TEST_F(assignment_test, conversations_go_round_in_the_order_in_which_they_came) {
  write_all({1, 2, 3, 4});
  EXPECT_EQ(holders({1, 2, 3, 4}), (names{"ann", "bob", "cem", "ann"}));
  const auto given = state_of(1);
  ASSERT_EQ(given.participants.size(), 1U);
  EXPECT_EQ(given.participants.front().user, "ann");
  EXPECT_EQ(counts_.assigned.load(), 4U);
}

TEST_F(assignment_test, I2_nobody_is_given_a_conversation_before_that_it_waits_is_durable) {
  write(1);
  run();
  EXPECT_EQ(state_of(1).phase, model::conversation_phase::none);
  commit();
  EXPECT_NE(state_of(1).waiting_since, model::timestamp{});
  EXPECT_EQ(holder(1), "");
  run_and_commit();
  EXPECT_EQ(holder(1), "ann");
}

TEST_F(assignment_test, who_came_first_gets_somebody_first_when_there_is_room) {
  change([](auto& o) { o.inboxes[0].max_open_per_user = 1; });
  write_all({1, 2, 3, 4, 5, 6});
  EXPECT_EQ(holders({1, 2, 3, 4, 5, 6}), (names{"ann", "bob", "cem", "", "", ""}));
  close(2);
  EXPECT_EQ(holders({4, 5, 6}), (names{"bob", "", ""}));
  close(1);
  EXPECT_EQ(holders({5, 6}), (names{"ann", ""}));
}

TEST_F(assignment_test, a_burst_exceeds_nobodys_maximum) {
  change([](auto& o) { o.inboxes[0].max_open_per_user = 2; });
  for (int who = 1; who <= 9; ++who)
    write(who);
  run_and_commit();
  std::map<std::string, int> has;
  for (int who = 1; who <= 9; ++who)
    ++has[holder(who)];
  EXPECT_EQ(has, (std::map<std::string, int>{{"", 3}, {"ann", 2}, {"bob", 2}, {"cem", 2}}));
}

TEST_F(assignment_test, two_inboxes_do_not_exceed_the_maximum_of_a_user_they_share) {
  change([](auto& o) {
    o.teams[0].members = {"ann", "bob"};
    for (auto& inbox : o.inboxes)
      inbox.max_open_per_user = 2;
  });
  for (int who = 1; who <= 4; ++who) {
    write(who, support);
    write(who, sales);
  }
  run_and_commit();
  std::map<std::string, int> has;
  for (int who = 1; who <= 4; ++who) {
    ++has[holder(who, support)];
    ++has[holder(who, sales)];
  }
  EXPECT_EQ(has, (std::map<std::string, int>{{"", 4}, {"ann", 2}, {"bob", 2}}));
}

TEST_F(assignment_test, room_that_another_inbox_has_made_is_found_by_the_regular_look) {
  change([](auto& o) {
    o.teams = {{"support", {"ann"}}, {"sales", {"ann"}}};
    for (auto& inbox : o.inboxes)
      inbox.max_open_per_user = 1;
  });
  write_all({1}, support);
  write_all({2}, sales);
  EXPECT_EQ(holder(2, sales), "");
  close(1, support);
  look();
  EXPECT_EQ(holder(2, sales), "ann");
}

TEST_F(assignment_test, after_a_crash_the_queue_goes_on_in_its_order) {
  change([](auto& o) { o.inboxes[0].max_open_per_user = 1; });
  write_all({1, 2, 3, 4, 5});
  crash();
  EXPECT_EQ(holders({4, 5}), (names{"", ""}));
  close(3);
  EXPECT_EQ(holders({4, 5}), (names{"cem", ""}));
}

TEST_F(assignment_test, what_waited_when_everything_ended_is_given_at_the_start) {
  write(1);
  run();
  commit();  // It waits; nobody has heard of that.
  crash();
  EXPECT_EQ(holder(1), "ann");
}

TEST_F(assignment_test, what_was_released_goes_to_another_and_alone_to_the_same) {
  write_all({1});
  release(1);
  EXPECT_EQ(holder(1), "bob");
  change([](auto& o) { o.teams[0].members = {"bob"}; });
  release(1);
  EXPECT_EQ(holder(1), "bob");
}

TEST_F(assignment_test, least_busy_looks_at_what_everybody_has) {
  change([](auto& o) { o.inboxes[0].strategy = assignment_strategy::least_busy; });
  write_all({1, 2, 3, 4});
  EXPECT_EQ(holders({1, 2, 3, 4}), (names{"ann", "bob", "cem", "ann"}));
  close(3);
  write_all({5, 6});
  EXPECT_EQ(holders({5, 6}), (names{"cem", "bob"}));
}

TEST_F(assignment_test, whoever_becomes_available_gets_what_waits) {
  change([](auto& o) { o.inboxes[0].available_only = true; });
  write_all({1, 2});
  EXPECT_EQ(holders({1, 2}), (names{"", ""}));
  set_presence("bob", model::presence::busy);
  EXPECT_EQ(holder(1), "");
  set_presence("cem", model::presence::available);
  EXPECT_EQ(holders({1, 2}), (names{"cem", "cem"}));
}

TEST_F(assignment_test, a_new_member_gets_what_waits) {
  change([](auto& o) { o.inboxes[0].max_open_per_user = 1; });
  write_all({1, 2, 3, 4});
  EXPECT_EQ(holder(4), "");
  change([](auto& o) {
    auto& user = o.users.emplace_back();
    user.id = "dan";
    user.licence = model::licence::pro_cx;
    o.teams[0].members.push_back("dan");
  });
  EXPECT_EQ(holder(4), "dan");
}

TEST_F(assignment_test, what_waits_when_an_inbox_becomes_everyones_is_given_too) {
  change([](auto& o) { o.inboxes[0].available_only = true; });
  write_all({1});
  change([](auto& o) {
    o.inboxes[0].strategy = assignment_strategy::everyone;
    o.inboxes[0].available_only = false;
  });
  EXPECT_EQ(holder(1), "ann");
}

TEST_F(assignment_test, who_claims_what_waits_has_it_and_nobody_is_given_it) {
  change([](auto& o) {
    o.inboxes[0].available_only = true;
    o.inboxes[0].max_open_per_user = 1;
  });
  write_all({1});
  command(1, support, model::claim_conversation{state_of(1).id, "bob"});
  run();  // Not durable: the conversation still stands in the queue.
  presences().put(1, "cem", model::presence::available);
  caf::anon_send(*board().team_inbox(1, "support"), atom::room::value);
  run();  // The inbox gives it to cem.
  EXPECT_EQ(shared().places.taken(1, "cem", 9), 1U);
  run_and_commit();
  EXPECT_EQ(holder(1), "bob");
  EXPECT_EQ(shared().places.taken(1, "cem", 9), 0U);
  EXPECT_EQ(counts_.assigned.load(), 0U);
  write_all({2});
  EXPECT_EQ(holder(2), "cem") << "nothing is left of the assignment that was not needed";
}

TEST_F(assignment_test, a_transfer_to_another_team_is_given_by_that_one) {
  change([](auto& o) { o.inboxes[0].available_only = true; });
  write_all({1});
  model::transfer_conversation moved{state_of(1).id, {}, {}, {}};
  moved.to = routing::route_to_inbox(organization_, "sales").route;
  command(1, support, std::move(moved));
  run_and_commit();
  EXPECT_EQ(state_of(1).route.inbox, "sales");
  EXPECT_EQ(holder(1), "ann");
}

// -- presence -------------------------------------------------------------------------------------

class presence_test : public assignment_test {
protected:
  void stream(bool opened, const std::string& user = "ann") {
    const auto& whose = *board().participant(1, user);
    if (opened)
      caf::anon_send(whose, atom::online::value);
    else
      caf::anon_send(whose, atom::offline::value);
    run_and_commit();
  }

  model::presence now(const std::string& user = "ann") { return presences().of(1, user); }

  std::size_t told() {
    std::size_t count = 0;
    reader_->read_from(0, 10'000, [&](const store::record& found) {
      if (std::holds_alternative<model::availability_changed>(found.event.body))
        ++count;
      return true;
    });
    return count;
  }
};

using model::presence;

TEST_F(presence_test, is_offline_until_somebody_says_something) {
  EXPECT_EQ(now(), presence::offline);
  EXPECT_EQ(told(), 0U);
}

TEST_F(presence_test, is_what_an_application_sets_once_that_is_durable) {
  door_.on_answer = [&] { EXPECT_EQ(now(), presence::busy) << "who has an answer finds it"; };
  set_presence("ann", presence::busy);
  EXPECT_TRUE(answered(ticket_));
  door_.on_answer = nullptr;
  set_presence("ann", presence::busy);
  EXPECT_TRUE(answered(ticket_)) << "the same again is answered and is no event";
  EXPECT_EQ(told(), 1U);
  crash();
  EXPECT_EQ(now(), presence::busy);
}

TEST_F(presence_test, is_available_while_a_stream_is_open_and_for_a_grace) {
  stream(true);
  stream(true);
  EXPECT_EQ(now(), presence::available);
  stream(false);
  advance(std::chrono::seconds{60});
  EXPECT_EQ(now(), presence::available) << "one of the two is still open";
  stream(false);
  advance(std::chrono::seconds{9});
  EXPECT_EQ(now(), presence::available);
  advance(std::chrono::seconds{2});
  EXPECT_EQ(now(), presence::offline);
  stream(true);
  EXPECT_EQ(now(), presence::available);
  EXPECT_EQ(told(), 3U);
}

TEST_F(presence_test, does_not_change_when_a_stream_breaks_and_comes_back) {
  stream(true);
  stream(false);
  advance(std::chrono::seconds{6});
  stream(true);
  stream(false);
  advance(std::chrono::seconds{6});
  EXPECT_EQ(now(), presence::available) << "the grace began anew";
  advance(std::chrono::seconds{6});
  EXPECT_EQ(now(), presence::offline);
  EXPECT_EQ(told(), 2U);
}

TEST_F(presence_test, that_an_application_has_set_stays_whatever_streams_do) {
  for (const auto set : {presence::busy, presence::offline}) {
    set_presence("bob", set);
    stream(true, "bob");
    EXPECT_EQ(now("bob"), set);
    stream(false, "bob");
    advance(std::chrono::seconds{11});
    EXPECT_EQ(now("bob"), set);
  }
  set_presence("bob", presence::available);
  stream(true, "bob");
  stream(false, "bob");
  advance(std::chrono::seconds{11});
  EXPECT_EQ(now("bob"), presence::available);
  set_presence("cem", presence::offline);
  stream(true, "cem");
  EXPECT_EQ(now("cem"), presence::offline) << "said before there was anything else to say";
}

TEST_F(presence_test, set_to_available_with_a_stream_open_follows_the_stream_again) {
  stream(true);
  set_presence("ann", presence::busy);
  EXPECT_EQ(now(), presence::busy);
  set_presence("ann", presence::available);
  stream(false);
  advance(std::chrono::seconds{11});
  EXPECT_EQ(now(), presence::offline);
}

TEST_F(presence_test, by_a_stream_that_did_not_come_back_after_a_crash_ends_when_somebody_asks) {
  stream(true);
  options_.presence_grace = std::chrono::seconds{3600};
  crash();
  EXPECT_EQ(now(), presence::available) << "it may still come back";
  options_.presence_grace = {};
  crash();
  EXPECT_EQ(now(), presence::offline);
  run_and_commit();
  EXPECT_EQ(told(), 2U) << "and that is journalled";
  EXPECT_EQ(now(), presence::offline);
}

TEST_F(presence_test, by_a_stream_that_came_back_after_a_crash_stays) {
  stream(true);
  options_.presence_grace = {};
  crash();
  stream(true);
  EXPECT_EQ(now(), presence::available);
  run_and_commit();
  EXPECT_EQ(now(), presence::available);
  EXPECT_EQ(told(), 1U);
}

TEST_F(presence_test, a_long_life_of_a_presence_is_kept_short_by_a_snapshot) {
  for (std::size_t i = 0; i <= options_.snapshot_events_max / 2; ++i) {
    set_presence("ann", presence::busy);
    set_presence("ann", presence::available);
  }
  const auto stored = reader_->load(presence_pair(1, "ann").key());
  ASSERT_TRUE(stored.snapshot);
  EXPECT_LE(stored.tail.size(), options_.snapshot_events_max);
  crash();
  EXPECT_EQ(now(), presence::available);
}

}  // namespace
}  // namespace parley::actors
