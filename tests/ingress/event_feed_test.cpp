#include "src/ingress/event_feed.hpp"

#include "src/store/environment_impl.hpp"
#include "tests/store/store_fixture.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace parley::ingress {
namespace {

model::user user_of(std::string id) {
  model::user made;
  made.id = std::move(id);
  return made;
}

/// Two organisations that write in turns, and a feed over their one journal.
class event_feed_test : public store::store_test {
protected:
  void SetUp() override {
    open();
    std::vector<model::organization> all(2);
    all[0].index = 7;
    all[0].id = "demo";
    all[1].index = 8;
    all[1].id = "other";
    all[0].users = {user_of("ann"), user_of("eve")};
    directory_ = std::make_unique<model::directory_cell>(
      std::make_shared<const model::directory>(std::move(all)));
    feed = std::make_unique<event_feed>(*read, *log, *directory_, urls_);
    ours.append(*log, {ours.opened(1, store::to_users({"ann"}))});
    theirs.append(*log, {theirs.opened(2, unrouted())});
  }

  void TearDown() override { feed.reset(); }

  static model::route unrouted() {
    model::route made;
    made.unrouted = true;
    return made;
  }

  void write(int messages) {
    for (int i = 0; i < messages; ++i, ++written_) {
      auto& pair = written_ % 3 == 0 ? theirs : ours;
      pair.append(*log, {pair.inbound("text " + std::to_string(written_), written_ + 1)});
    }
    settle();
  }

  feed_page see(std::uint64_t after, std::uint32_t organization, const type_filter& types,
                std::size_t limit, std::size_t scan_records_max = 100'000) {
    return feed->read_page({.after = after,
                            .organization = organization,
                            .types = types,
                            .limit = limit,
                            .scan_records_max = scan_records_max,
                            .who = who});
  }

  /// Everything an organisation sees, page by page.
  std::vector<std::string> all(std::uint32_t organization, const type_filter& types,
                               std::size_t limit) {
    std::vector<std::string> texts;
    std::uint64_t after = 0;
    for (;;) {
      const auto page = see(after, organization, types, limit);
      EXPECT_LE(page.items.size(), limit == 1 ? 2 : limit);
      for (const auto& item : page.items) {
        EXPECT_GT(item.seq, after);
        EXPECT_LE(item.seq, page.last_seq);
        texts.push_back(*item.event.json);
      }
      if (page.at_end)
        return texts;
      EXPECT_GT(page.last_seq, after) << "no progress";
      after = page.last_seq;
    }
  }

  /// What the records say one by one, without any window or page.
  std::vector<std::string> expected(std::uint32_t organization, const type_filter& types) {
    std::vector<std::string> texts;
    for (std::uint64_t seq = 1; seq <= log->committed(); ++seq) {
      const auto record = read->at(seq);
      if (!record || record->organization != organization)
        continue;
      for (const auto& one : show(*record, *directory_->present(), {who.numbers, urls_}))
        if (types.accepts(one.type))
          texts.push_back(*one.json);
    }
    return texts;
  }

  store::pair_driver ours{store::pair_of(1)};
  store::pair_driver theirs{[] {
    auto pair = store::pair_of(2);
    pair.organization = 8;
    return pair;
  }()};
  /// From here on the first organisation hides its customers' numbers, or does not.
  void hide_numbers(bool hidden) {
    auto all = directory_->present()->organizations();
    all[0].hide_contact_numbers = hidden;
    directory_->publish(std::make_shared<const model::directory>(std::move(all)));
  }

  /// Who asks, of the first organisation as it is now; a null name is its application.
  void ask_as(const char* user, audience numbers) {
    asked_ = directory_->present();
    who.owner = asked_->find_organization(7U);
    who.user = user == nullptr ? nullptr : who.owner->find_user(user);
    who.numbers = numbers;
  }

  [[nodiscard]] model::event about_eve(model::event_body body) const {
    return {ours.state.id, store::at_ms(7'000), std::move(body)};
  }

  std::unique_ptr<event_feed> feed;
  files::url_secret secret_{};
  file_urls urls_{secret_, {}, std::chrono::seconds{60}};
  viewer who;

private:
  model::directory_ptr asked_;
  std::unique_ptr<model::directory_cell> directory_;
  std::uint64_t written_ = 0;
};

TEST_F(event_feed_test, an_organisation_sees_its_own_events_whatever_the_page) {
  write(700);
  for (const std::uint32_t organization : {7U, 8U})
    for (const std::size_t limit : {1U, 3U, 100U, 1000U}) {
      EXPECT_EQ(all(organization, {}, limit), expected(organization, {}));
      const type_filter created{"conversation.created,number.unrouted"};
      EXPECT_EQ(all(organization, created, limit), expected(organization, created));
    }
}

TEST_F(event_feed_test, shows_a_messages_files_as_they_are_now_also_to_who_has_followed) {
  auto event = ours.inbound("look", 77);
  auto& added = std::get<model::message_added>(event.body);
  auto what = std::make_shared<model::content>(*added.what);
  what->files.push_back({"https://carrier.example/1", "image/png"});
  added.what = std::move(what);
  ours.append(*log, {event});
  settle();
  const auto seq = ours.state.head_seq;
  const auto shown = [&](std::size_t place_from_the_end) {
    const auto page = see(0, 7, {}, 100);
    return *page.items.at(page.items.size() - place_from_the_end).event.json;
  };
  EXPECT_NE(shown(1).find("https://carrier.example/1"), std::string::npos);

  const auto file = store::id_of<model::file_id>(9);
  const store::settled_files settled{seq, {{"https://carrier.example/1", "image/png", file}}};
  const std::vector events{
    about_eve(model::media_settled{store::id_of<model::message_id>(77), 1, seq})};
  log->append({.pair_key = ours.key,
               .organization = 7,
               .prev = ours.state.head_seq,
               .events = events,
               .settled = &settled});
  settle();
  for (const auto place : {1U, 2U}) {
    EXPECT_NE(shown(place).find(file.text()), std::string::npos) << shown(place);
    EXPECT_EQ(shown(place).find("https://carrier.example/1"), std::string::npos) << shown(place);
  }

  const std::vector gone{seq};
  const std::vector redaction{
    about_eve(model::message_redacted{store::id_of<model::message_id>(77), 1, seq})};
  log->append({.pair_key = ours.key,
               .organization = 7,
               .prev = seq + 1,
               .events = redaction,
               .redactions = gone});
  settle();
  for (const auto place : {2U, 3U})
    EXPECT_EQ(shown(place).find(file.text()), std::string::npos) << shown(place);
}

TEST_F(event_feed_test, makes_urls_anew_that_have_been_good_for_half_of_their_time) {
  urls_.validity = std::chrono::seconds{2};
  auto event = ours.outbound("look", 77);
  auto& added = std::get<model::message_added>(event.body);
  auto what = std::make_shared<model::content>(*added.what);
  what->files.push_back({"", "image/png", store::id_of<model::file_id>(9)});
  added.what = std::move(what);
  ours.append(*log, {event});
  settle();
  const auto first = *see(0, 7, {}, 100).items.back().event.json;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  auto later = first;
  while (later == first && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    later = *see(0, 7, {}, 100).items.back().event.json;
  }
  EXPECT_NE(later, first);
}

TEST_F(event_feed_test, near_the_end_it_says_the_same_as_far_from_it) {
  write(100);
  // Readers at different places take turns while the journal grows: the window begins, moves, and
  // is left behind.
  std::vector<std::uint64_t> positions(5, 0);
  std::vector<std::vector<std::string>> seen(positions.size());
  for (std::size_t round = 0; round < 60; ++round) {
    write(round % 7 == 0 ? 150 : 1);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if (round % (i + 1) != 0)
        continue;
      const auto page = see(positions[i], 7, {}, 40);
      positions[i] = page.last_seq;
      for (const auto& item : page.items)
        seen[i].push_back(*item.event.json);
    }
  }
  const auto everything = expected(7, {});
  for (std::size_t i = 0; i < positions.size(); ++i)
    for (;;) {
      const auto page = see(positions[i], 7, {}, 40);
      for (const auto& item : page.items)
        seen[i].push_back(*item.event.json);
      if (page.at_end)
        break;
      positions[i] = page.last_seq;
    }
  for (const auto& one : seen) {
    EXPECT_EQ(one.size(), everything.size());
    EXPECT_TRUE(one == everything);
  }
}

TEST_F(event_feed_test, the_two_events_of_one_record_are_never_on_two_pages) {
  write(1);
  const auto page = see(1, 8, {}, 1);
  ASSERT_EQ(page.items.size(), 2U);
  EXPECT_EQ(page.items[0].seq, page.items[1].seq);
}

TEST_F(event_feed_test, those_who_read_near_the_end_share_the_words) {
  write(20);
  const auto one = see(5, 7, {}, 100);
  const auto two = see(5, 7, {}, 100);
  ASSERT_FALSE(one.items.empty());
  EXPECT_EQ(one.items.back().event.json, two.items.back().event.json)
    << "the same object, not only equal text";
}

TEST_F(event_feed_test, a_page_is_empty_rather_than_late_when_little_is_wanted) {
  write(2000);
  const type_filter closed{"conversation.closed"};
  std::uint64_t after = 0;
  for (int pages = 0; pages < 9; ++pages, after += 100) {
    const auto page = see(after, 7, closed, 10, 100);
    EXPECT_TRUE(page.items.empty());
    EXPECT_FALSE(page.at_end);
    EXPECT_EQ(page.last_seq, after + 100);
  }
}

TEST_F(event_feed_test, two_wordings_are_shared_where_numbers_are_hidden) {
  hide_numbers(true);
  write(20);
  ask_as(nullptr, audience::masked);
  const auto masked = see(5, 7, {}, 100);
  const auto again = see(5, 7, {}, 100);
  ask_as(nullptr, audience::clear);
  const auto clear = see(5, 7, {}, 100);
  ASSERT_FALSE(clear.items.empty());
  ASSERT_EQ(masked.items.size(), clear.items.size());
  EXPECT_EQ(masked.items.back().event.json, again.items.back().event.json) << "the same object";
  EXPECT_NE(masked.items.back().event.json->find("sms:+*********01"), std::string::npos);
  EXPECT_NE(clear.items.back().event.json->find("sms:+16661000001"), std::string::npos);
}

TEST_F(event_feed_test, what_was_worded_before_numbers_were_hidden_is_not_shown_masked_readers) {
  write(20);
  std::ignore = see(1, 7, {}, 100);  // The window is worded, in clear only.
  hide_numbers(true);
  write(20);
  ask_as("ann", audience::masked);
  const auto texts = all(7, {}, 10);
  EXPECT_EQ(texts, expected(7, {}));
  for (const auto& text : texts)
    EXPECT_EQ(text.find("+1666"), std::string::npos) << text;
}

TEST_F(event_feed_test, an_agent_is_shown_the_own_conversations_events_near_the_end_and_far) {
  write(60);
  for (int round = 0; round < 2; ++round) {
    ask_as("ann", audience::clear);
    EXPECT_EQ(all(7, {}, 10), expected(7, {}));
    ask_as("eve", audience::clear);
    EXPECT_TRUE(all(7, {}, 10).empty());
    write(1500);
  }
  ours.append(*log, {about_eve(model::participant_added{"eve"})});
  ours.append(*log, {about_eve(model::participant_removed{"eve"})});
  settle();
  const auto texts = all(7, {}, 100);
  ASSERT_EQ(texts.size(), 1U) << "that she was removed is what she is told";
  EXPECT_NE(texts[0].find("participant_removed"), std::string::npos);
}

TEST_F(event_feed_test, behind_the_end_there_is_nothing) {
  write(3);
  const auto end = log->committed();
  EXPECT_TRUE(see(end, 7, {}, 10).at_end);
  const auto page = see(end + 100, 7, {}, 10);
  EXPECT_TRUE(page.at_end);
  EXPECT_TRUE(page.items.empty());
  EXPECT_EQ(page.last_seq, end + 100);
}

TEST_F(event_feed_test, shows_what_is_before_a_damaged_record_and_then_names_it) {  // R4
  write(6);
  const auto last = log->committed();
  const auto bad = last - 2;
  {
    auto& inside = env->inside();
    store::lmdb::transaction txn{inside.env.get(), store::lmdb::transaction::mode::read_write};
    const std::string_view key{reinterpret_cast<const char*>(&bad), sizeof bad};
    std::string bytes{store::lmdb::get(txn.get(), inside.handles.journal, key).value()};
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    {
      store::lmdb::cursor at{txn.get(), inside.handles.journal};
      std::ranges::copy(bytes, at.reserve(key, bytes.size(), 0));
    }
    std::move(txn).commit();
  }
  // Near the end, which the window has; and from the beginning, with a page as long as the journal.
  for (const auto after : {bad - 2, std::uint64_t{0}}) {
    const auto page = see(after, 7, {}, 1'000);
    EXPECT_EQ(page.last_seq, bad - 1) << after;
    EXPECT_FALSE(page.at_end);
    EXPECT_EQ(page.items.empty(), false);
  }
  EXPECT_THROW(std::ignore = see(bad - 1, 7, {}, 1'000), store::corruption_error);
  EXPECT_EQ(see(bad, 7, {}, 1'000).last_seq, last) << "and what is behind it is there";
}

}  // namespace
}  // namespace parley::ingress
