#include "actors/contact_book.hpp"

#include "parley/model/contact_rules.hpp"
#include "tests/actors/cast_fixture.hpp"

namespace parley::actors {
namespace {

constexpr std::uint32_t demo = 1;
constexpr std::uint32_t other = 2;

model::address sms(const std::string& identifier) {
  return {model::channel::sms, identifier};
}

/// The contact book on a scheduler that runs, and over a journal that commits, only when the test
/// says so.
class contact_book_test : public cast_test {
protected:
  contact_book_test() { book_ = system().spawn(contact_book, &shared()); }

  ~contact_book_test() override {
    caf::anon_send_exit(book_, caf::exit_reason::user_shutdown);
    run();
    book_ = nullptr;
  }

  [[nodiscard]] static model::contact contact(std::uint64_t number,
                                              std::vector<model::address> addresses) {
    model::contact made;
    made.id.bytes[15] = static_cast<std::uint8_t>(number);
    made.name = "Contact " + std::to_string(number);
    made.addresses = std::move(addresses);
    return made;
  }

  template <class F>
  void ask(std::uint64_t ticket, F make) {
    auto asked = std::make_shared<contact_change>();
    asked->answer_to = {0, 0, ticket};
    asked->make = std::move(make);
    caf::anon_send(book_, contact_change_ptr{std::move(asked)});
  }

  /// Adds a contact, unless an address of it is taken: 409. Its answer is generation `ticket`.
  void add(const model::contact& who, std::uint64_t ticket, std::uint32_t organization = demo) {
    ask(ticket, [who, organization](pending_contacts& now) {
      model::answer made;
      made.status = 201;
      for (const auto& address : who.addresses)
        if (now.holder_of(organization, address))
          made.status = 409;
      if (made.status == 201)
        now.put(organization, who);
      return made;
    });
  }

  [[nodiscard]] int status_of(std::uint64_t ticket) const {
    for (const auto& each : door_.answers)
      if (each.to.generation == ticket)
        return each.what ? each.what->status : 200;
    return 0;
  }

  [[nodiscard]] std::string holder(const std::string& identifier,
                                   std::uint32_t organization = demo) const {
    const auto found = reader_->contact_of(organization, sms(identifier));
    return found ? found->name : "nobody";
  }

  contact_book_actor book_;
};

TEST_F(contact_book_test, a_change_is_answered_only_when_it_is_durable) {
  add(contact(1, {sms("+15551230001")}), 1);
  run();
  EXPECT_FALSE(answered(1));
  EXPECT_EQ(holder("+15551230001"), "nobody");
  commit();
  run();
  EXPECT_EQ(status_of(1), 201);
  EXPECT_EQ(holder("+15551230001"), "Contact 1");
}

TEST_F(contact_book_test, changes_that_come_during_a_flush_share_the_next) {
  for (std::uint64_t i = 1; i <= 20; ++i)
    add(contact(i, {sms("+155512300" + std::to_string(10 + i))}), i);
  run_and_commit();
  EXPECT_EQ(counts_.contact_flushes, 2U) << "the first alone, and those that came meanwhile";
  for (std::uint64_t i = 1; i <= 20; ++i)
    EXPECT_EQ(status_of(i), 201);
  EXPECT_EQ(holder("+15551230030"), "Contact 20");
}

TEST_F(contact_book_test, of_two_changes_that_take_the_same_address_one_wins) {
  add(contact(9, {}), 9);  // Under way, so that the next two come together.
  add(contact(1, {sms("+15551230001")}), 1);
  add(contact(2, {sms("+15551230001")}), 2);
  run_and_commit();
  EXPECT_EQ(status_of(1), 201);
  EXPECT_EQ(status_of(2), 409);
  EXPECT_EQ(holder("+15551230001"), "Contact 1");
}

TEST_F(contact_book_test, a_refusal_of_what_an_unflushed_change_is_the_reason_for_waits_for_it) {
  add(contact(1, {sms("+15551230001")}), 1);
  run();
  add(contact(2, {sms("+15551230001")}), 2);
  run();
  EXPECT_FALSE(answered(2));
  run_and_commit();
  EXPECT_EQ(status_of(2), 409);
}

TEST_F(contact_book_test, a_change_that_fails_half_way_changes_nothing_and_stops_nobody) {
  add(contact(9, {}), 9);
  ask(1, [](pending_contacts& now) -> model::answer {
    now.put(demo, contact(1, {sms("+15551230001")}));
    throw std::runtime_error{"on purpose"};
  });
  add(contact(2, {sms("+15551230002")}), 2);
  run_and_commit();
  EXPECT_EQ(status_of(1), 500);
  EXPECT_EQ(status_of(2), 201);
  EXPECT_EQ(holder("+15551230001"), "nobody");
  EXPECT_EQ(holder("+15551230002"), "Contact 2");
}

TEST_F(contact_book_test, what_was_not_flushed_before_a_crash_is_as_if_it_had_never_been) {
  add(contact(1, {sms("+15551230001")}), 1);
  run();
  caf::anon_send_exit(book_, caf::exit_reason::user_shutdown);
  run();
  book_ = nullptr;
  restart();
  EXPECT_EQ(holder("+15551230001"), "nobody");
  book_ = system().spawn(contact_book, &shared());
}

TEST_F(contact_book_test, an_address_moves_from_one_contact_to_another) {
  add(contact(1, {sms("+15551230001"), sms("+15551230002")}), 1);
  run_and_commit();
  ask(2, [](pending_contacts& now) {
    now.put(demo, contact(1, {sms("+15551230002")}));
    now.put(demo, contact(2, {sms("+15551230001")}));
    return model::answer{};
  });
  run_and_commit();
  EXPECT_EQ(holder("+15551230001"), "Contact 2");
  EXPECT_EQ(holder("+15551230002"), "Contact 1");
}

TEST_F(contact_book_test, nobody_takes_an_address_without_asking) {
  add(contact(1, {sms("+15551230001")}), 1);
  ask(2, [](pending_contacts& now) {
    now.put(demo, contact(2, {sms("+15551230001")}));
    return model::answer{};
  });
  run_and_commit();
  EXPECT_EQ(status_of(2), 500);
  EXPECT_EQ(holder("+15551230001"), "Contact 1");
}

TEST_F(contact_book_test, what_is_removed_leaves_its_addresses_to_others) {
  add(contact(1, {sms("+15551230001")}), 1);
  run_and_commit();
  ask(2, [](pending_contacts& now) {
    now.remove(demo, contact(1, {}).id);
    return model::answer{};
  });
  add(contact(2, {sms("+15551230001")}), 3);
  run_and_commit();
  EXPECT_EQ(status_of(3), 201);
  EXPECT_EQ(holder("+15551230001"), "Contact 2");
  EXPECT_EQ(reader_->find_contact(demo, contact(1, {}).id), std::nullopt);
}

TEST_F(contact_book_test, two_organisations_may_know_the_same_person) {
  add(contact(9, {}), 9);
  add(contact(1, {sms("+15551230001")}), 1, demo);
  add(contact(2, {sms("+15551230001")}), 2, other);
  run_and_commit();
  EXPECT_EQ(holder("+15551230001", demo), "Contact 1");
  EXPECT_EQ(holder("+15551230001", other), "Contact 2");
}

TEST_F(contact_book_test, a_flush_has_a_bound_and_the_rest_is_the_next) {
  const auto many = [](std::uint8_t batch) {
    return [batch](pending_contacts& now) {
      for (std::size_t i = 0; i < contact_book_state::changes_per_flush_max; ++i) {
        model::contact who;
        who.id.bytes = {batch, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)};
        now.put(demo, who);
      }
      return model::answer{};
    };
  };
  add(contact(9, {}), 9);
  ask(1, many(1));
  ask(2, many(2));
  run_and_commit();
  EXPECT_EQ(counts_.contact_flushes, 3U);
  EXPECT_TRUE(answered(1) && answered(2));
}

}  // namespace
}  // namespace parley::actors
