#include "parley/store/webhook_table.hpp"

#include "src/store/webhook_codec.hpp"
#include "tests/store/arbitrary.hpp"
#include "tests/store/table_fixture.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace parley::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint32_t demo = 7;
constexpr auto newest = std::numeric_limits<std::uint64_t>::max();

webhook_try try_of(std::uint64_t number) {
  webhook_try made;
  made.number = number;
  made.event = id_of<model::event_id>(number);
  made.seq = number;
  made.type = "delivery.updated";
  made.attempt = 3;
  made.at = at_ms(1'000);
  made.outcome = webhook_outcome::retrying;
  made.status = 503;
  made.error = "the endpoint answered with status 503";
  made.duration_ms = 12;
  return made;
}

dead_letter letter_of(std::uint64_t number) {
  return {.event = id_of<model::event_id>(number),
          .seq = 1,
          .type = "conversation.created",
          .failed_at = at_ms(2'000),
          .attempts = 9,
          .status = 0,
          .error = "the endpoint was not reached: refused"};
}

class webhook_table_test : public table_test {
protected:
  webhook_table_test() { open(); }

  void append(std::vector<row> rows) {
    log->append({.organization = demo, .rows = rows});
    settle();
  }
};

TEST_F(webhook_table_test, keeps_each_webhooks_own) {
  append({webhook_cursor_row(demo, "crm", 5), webhook_cursor_row(demo, "crm2", 6),
          webhook_cursor_row(demo + 1, "crm", 7)});
  EXPECT_EQ(read->webhook_cursor(demo, "crm"), 5u);
  EXPECT_EQ(read->webhook_cursor(demo, "crm2"), 6u);
  EXPECT_EQ(read->webhook_cursor(demo + 1, "crm"), 7u);
  EXPECT_EQ(read->webhook_cursor(demo, "cr"), std::nullopt);
  append({webhook_cursor_gone_row(demo, "crm")});
  EXPECT_EQ(read->webhook_cursor(demo, "crm"), std::nullopt);
}

TEST_F(webhook_table_test, shows_the_log_newest_first) {
  append({webhook_try_row(demo, "crm", try_of(1)), webhook_try_row(demo, "crm", try_of(2)),
          webhook_try_row(demo, "crm", try_of(300)), webhook_try_row(demo, "crm2", try_of(4)),
          webhook_try_row(demo, "cr", try_of(5))});
  EXPECT_THAT(read->webhook_tries(demo, "crm", newest, 10),
              ElementsAre(try_of(300), try_of(2), try_of(1)));
  EXPECT_THAT(read->webhook_tries(demo, "crm", 300, 1), ElementsAre(try_of(2)));
  EXPECT_THAT(read->webhook_tries(demo, "crm", 1, 10), IsEmpty());
  EXPECT_THAT(read->webhook_tries(demo, "crm2", newest, 10), ElementsAre(try_of(4)));
  append({webhook_try_gone_row(demo, "crm", 2)});
  EXPECT_THAT(read->webhook_tries(demo, "crm", newest, 10), ElementsAre(try_of(300), try_of(1)));
}

TEST_F(webhook_table_test, shows_dead_letters_and_replays_oldest_first) {
  append({dead_letter_row(demo, "crm", letter_of(2)), dead_letter_row(demo, "crm", letter_of(1)),
          dead_letter_row(demo, "other", letter_of(3)),
          webhook_replay_row(demo, "crm", letter_of(5).event),
          webhook_replay_row(demo, "crm", letter_of(4).event)});
  EXPECT_THAT(read->dead_letters(demo, "crm", {}, 10), ElementsAre(letter_of(1), letter_of(2)));
  EXPECT_THAT(read->dead_letters(demo, "crm", letter_of(1).event, 10), ElementsAre(letter_of(2)));
  EXPECT_THAT(read->dead_letters(demo, "crm", {}, 1), ElementsAre(letter_of(1)));
  EXPECT_THAT(read->webhook_replays(demo, "crm", 10),
              ElementsAre(letter_of(4).event, letter_of(5).event));
  append({dead_letter_gone_row(demo, "crm", letter_of(1).event),
          webhook_replay_gone_row(demo, "crm", letter_of(4).event)});
  EXPECT_THAT(read->dead_letters(demo, "crm", {}, 10), ElementsAre(letter_of(2)));
  EXPECT_THAT(read->webhook_replays(demo, "crm", 10), ElementsAre(letter_of(5).event));
}

TEST_F(webhook_table_test, a_cursor_beyond_the_journal_is_a_fault) {
  append({webhook_cursor_row(demo, "crm", 1)});
  EXPECT_THAT(verified().faults, ElementsAre(HasSubstr("cursors: the row")));
}

TEST_F(webhook_table_test, damage_is_named_wherever_it_is) {
  append({webhook_cursor_row(demo, "crm", 0), webhook_try_row(demo, "crm", try_of(1))});
  EXPECT_THAT(verified().faults, IsEmpty());
  with_each_byte_damaged(in().webhook_log, webhook_try_key(demo, "crm", 1), [&] {
    EXPECT_THROW(std::ignore = read->webhook_tries(demo, "crm", newest, 1), corruption_error);
    EXPECT_THAT(verified().faults, ElementsAre(HasSubstr("webhook_log: the row ")));
  });
  with_each_byte_damaged(in().cursors, webhook_prefix(demo, "crm"), [&] {
    EXPECT_THROW(std::ignore = read->webhook_cursor(demo, "crm"), corruption_error);
    EXPECT_THAT(verified().faults, ElementsAre(HasSubstr("cursors: the row ")));
  });
}

RC_GTEST_PROP(webhook_codec, arbitrary_bytes_are_refused_or_mean_something,
              (const std::string& bytes)) {
  const auto refused = [&](auto decode, const std::string& key) {
    try {
      std::ignore = decode(key, bytes);
    } catch (const corruption_error&) {
    }
  };
  refused(decode_webhook_cursor, webhook_prefix(demo, "crm"));
  refused(decode_webhook_try, webhook_try_key(demo, "crm", 1));
  refused(decode_dead_letter, webhook_event_key(demo, "crm", letter_of(1).event));
  refused(decode_webhook_replay, webhook_event_key(demo, "crm", letter_of(1).event));
  refused(decode_dead_letter, bytes);
  refused(decode_webhook_replay, bytes);
}

}  // namespace
}  // namespace parley::store
