#include "actors/registrar.hpp"

#include "parley/store/directory_table.hpp"
#include "tests/actors/cast_fixture.hpp"

namespace parley::actors {
namespace {

/// The registrar on a scheduler that runs, and over a journal that commits, only when the test says
/// so.
class registrar_test : public cast_test {
protected:
  registrar_test() { start(); }
  ~registrar_test() override { end(); }

  void start() {
    board_ = std::make_unique<switchboard>();
    lines_ = std::make_unique<lines>(system(), shared(), *board_);
    lines_->follow(nullptr, directory().present()->organizations().front());
    lines_->take_up_backlog();
    registrar_ = system().spawn(registrar, &shared(), lines_.get());
  }

  void end() {
    lines_->end();
    caf::anon_send_exit(registrar_, caf::exit_reason::user_shutdown);
    run();
    registrar_ = nullptr;
    lines_.reset();
    board_.reset();
  }

  /// Asks for one more user; its answer will come as generation `ticket`.
  void add_user(const std::string& id, std::uint64_t ticket) {
    ask(ticket, [id](model::organization& owner, const auto&) {
      change_outcome made;
      made.answer.status = owner.find_user(id) != nullptr ? 409 : 201;
      made.changed = made.answer.status == 201;
      if (made.changed)
        owner.users.emplace_back().id = id;
      return made;
    });
  }

  template <class F>
  void ask(std::uint64_t ticket, F make) {
    auto asked = std::make_shared<directory_change>();
    asked->organization = 1;
    asked->answer_to = {0, 0, ticket};
    asked->make = std::move(make);
    caf::anon_send(registrar_, directory_change_ptr{std::move(asked)});
  }

  [[nodiscard]] bool knows(const std::string& user) {
    return directory().present()->find_organization(1U)->find_user(user) != nullptr;
  }

  [[nodiscard]] int status_of(std::uint64_t ticket) const {
    for (const auto& each : door_.answers)
      if (each.to.generation == ticket)
        return each.what ? each.what->status : 200;
    return 0;
  }

  std::unique_ptr<switchboard> board_;
  std::unique_ptr<lines> lines_;
  registrar_actor registrar_;
};

TEST_F(registrar_test, a_change_is_answered_and_acted_on_only_when_it_is_durable) {
  add_user("bob", 1);
  run();
  EXPECT_FALSE(answered(1));
  EXPECT_FALSE(knows("bob"));
  EXPECT_EQ(board_->participant(1, "bob"), nullptr);
  commit();
  EXPECT_EQ(store::load_directory(environment()).front().users.back().id, "bob");
  run();
  EXPECT_EQ(status_of(1), 201);
  EXPECT_TRUE(knows("bob"));
  EXPECT_NE(board_->participant(1, "bob"), nullptr);
}

TEST_F(registrar_test, whoever_has_an_answer_finds_the_change_wherever_it_looks) {
  int looks = 0;
  door_.on_answer = [&] {
    ++looks;
    EXPECT_TRUE(knows("bob"));
    EXPECT_NE(board_->participant(1, "bob"), nullptr);
    EXPECT_EQ(store::load_directory(environment()).front().users.back().id, "bob");
  };
  add_user("bob", 1);
  run_and_commit();
  EXPECT_EQ(looks, 1);
  door_.on_answer = nullptr;
}

TEST_F(registrar_test, a_change_that_was_not_flushed_is_as_if_it_had_never_been) {
  const auto before = *directory().present()->find_organization(1U);
  add_user("bob", 1);
  run();
  EXPECT_TRUE(store::load_directory(environment()).empty()) << "this store was never provisioned";
  EXPECT_EQ(*directory().present()->find_organization(1U), before);
}

TEST_F(registrar_test, changes_that_come_together_are_all_kept) {
  for (std::uint64_t i = 1; i <= 20; ++i)
    add_user("user-" + std::to_string(i), i);
  run_and_commit();
  EXPECT_EQ(counts_.directory_changes, 2U) << "the first alone, and those that came meanwhile";
  for (std::uint64_t i = 1; i <= 20; ++i) {
    EXPECT_EQ(status_of(i), 201);
    EXPECT_TRUE(knows("user-" + std::to_string(i)));
  }
  EXPECT_EQ(store::load_directory(environment()).front().users.size(), 21U);
}

TEST_F(registrar_test, of_two_changes_that_take_the_same_name_one_wins) {
  add_user("bob", 1);
  add_user("bob", 2);
  run_and_commit();
  EXPECT_EQ(status_of(1), 201);
  EXPECT_EQ(status_of(2), 409);
}

TEST_F(registrar_test, a_refusal_of_what_an_unflushed_change_is_the_reason_for_waits_for_it) {
  add_user("bob", 1);
  run();
  add_user("bob", 2);
  run();
  EXPECT_FALSE(answered(2));
  run_and_commit();
  EXPECT_EQ(status_of(2), 409);
}

TEST_F(registrar_test, a_change_that_fails_changes_nothing_and_stops_nobody) {
  ask(1, [](model::organization&, const auto&) -> change_outcome {
    throw std::runtime_error{"on purpose"};
  });
  add_user("bob", 2);
  run_and_commit();
  EXPECT_EQ(status_of(1), 500);
  EXPECT_EQ(status_of(2), 201);
}

TEST_F(registrar_test, a_new_number_has_its_actors_when_it_is_answered) {
  ask(1, [](model::organization& owner, const auto&) {
    auto number = owner.numbers.front();
    number.identifier = "+15550100009";
    owner.numbers.push_back(number);
    change_outcome made;
    made.answer.status = 201;
    made.changed = true;
    return made;
  });
  run_and_commit();
  EXPECT_EQ(status_of(1), 201);
  EXPECT_NE(board_->number(1, "+15550100009"), nullptr);
  EXPECT_NE(board_->sender(1, {model::channel::sms, "+15550100009"}), nullptr);
  EXPECT_NE(board_->sender(1, {model::channel::whatsapp, "+15550100009"}), nullptr);
}

TEST_F(registrar_test, a_number_given_to_another_user_opens_its_next_conversation_for_that_one) {
  number_ = *board_->number(1, "+15550100001");
  receive("+15557000001", "SM1", 1);
  run_and_commit();
  add_user("bob", 2);
  ask(3, [](model::organization& owner, const auto&) {
    owner.numbers.front().user = "bob";
    change_outcome made;
    made.changed = true;
    return made;
  });
  run_and_commit();
  // The one that is open stays whose it was, and takes further messages.
  receive("+15557000001", "SM2", 4);
  receive("+15557000002", "SM3", 5);
  run_and_commit();
  EXPECT_EQ(stored("+15557000001").participants.front().user, "alice");
  EXPECT_EQ(stored("+15557000002").participants.front().user, "bob");

  auto close = std::make_shared<envelope>();
  close->pair = pair_with("+15557000001");
  close->what = model::close_conversation{stored("+15557000001").id, {}};
  submit(std::move(close), 6);
  receive("+15557000001", "SM4", 7);
  run_and_commit();
  EXPECT_EQ(stored("+15557000001").participants.front().user, "bob") << "resident all the time";
}

}  // namespace
}  // namespace parley::actors
