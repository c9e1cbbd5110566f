#include "parley/store/journal.hpp"

#include "parley/store/verify.hpp"
#include "tests/store/store_fixture.hpp"

#include <gmock/gmock.h>

#include <map>
#include <stdexcept>
#include <thread>

namespace parley::store {
namespace {

using ::testing::ElementsAre;

class journal_test : public store_test {};

TEST_F(journal_test, gives_places_in_order_and_keeps_what_was_appended) {
  open();
  pair_driver pair{pair_of(1)};
  const std::vector events{pair.opened(1, to_users({"ann"})), pair.inbound("hello", 1)};
  EXPECT_EQ(pair.append(*log, events), 2U);
  sink->wait_for_seq(2);

  EXPECT_EQ(log->committed(), 2U);
  const auto first = read->at(1);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->prev, 0U);
  EXPECT_EQ(first->organization, 7U);
  EXPECT_EQ(first->pair_key, pair.key);
  EXPECT_EQ(first->event, events[0]);
  const auto second = read->at(2);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->prev, 1U);
  EXPECT_EQ(second->event, events[1]);
  EXPECT_FALSE(read->at(3));
  EXPECT_FALSE(read->at(0));
}

TEST_F(journal_test, goes_on_where_it_ended) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, {})});
  reopen();
  EXPECT_EQ(log->committed(), 1U);
  EXPECT_EQ(pair.append(*log, {pair.inbound("again", 1)}), 2U);
  sink->wait_for_seq(2);
  EXPECT_EQ(read->at(2)->prev, 1U);
}

TEST_F(journal_test, stop_commits_what_was_appended) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, {})});
  for (std::uint64_t i = 0; i < 500; ++i)
    pair.append(*log, {pair.inbound("text", i)});
  close();
  open();
  EXPECT_EQ(log->committed(), 501U);
}

/// Looks, at the moment something is said to be durable, whether a reader can see it.
class checking_sink : public recording_sink {
public:
  void committed(std::span<model::settlement> settled, std::uint64_t last_seq) noexcept override {
    if (last_seq != 0 && (!read->at(last_seq) || log->committed() < last_seq))
      ++unseen;
    recording_sink::committed(settled, last_seq);
  }

  const reader* read = nullptr;
  const journal* log = nullptr;
  std::atomic<std::size_t> unseen{0};
};

TEST_F(journal_test, says_nothing_before_it_is_durable) {
  open_environment();
  checking_sink checking;
  {
    journal writing{env, options, checking};
    const reader reading{env, writing};
    checking.read = &reading;
    checking.log = &writing;
    writing.start();
    pair_driver pair{pair_of(1)};
    pair.append(writing, {pair.opened(1, {})}, 1);
    for (std::uint64_t i = 2; i <= 200; ++i)
      pair.append(writing, {pair.inbound("text", i)}, i);
    checking.wait_for_seq(200);
    writing.stop();
  }
  EXPECT_EQ(checking.unseen, 0U);
  ASSERT_EQ(checking.settled().size(), 200U);
  EXPECT_TRUE(std::ranges::is_sorted(checking.settled()));
}

TEST_F(journal_test, settles_a_barrier_after_everything_before_it) {
  open();
  pair_driver pair{pair_of(1)};
  EXPECT_EQ(log->append({.settle = {{0, 0, 1}, nullptr}}), 0U);
  pair.append(*log, {pair.opened(1, {})}, 2);
  EXPECT_EQ(log->append({.pair_key = pair.key, .settle = {{0, 0, 3}, nullptr}}), 1U);
  pair.append(*log, {pair.inbound("text", 1)}, 4);
  settle();
  log->stop();
  EXPECT_THAT(sink->settled(), ElementsAre(1U, 2U, 3U, 4U));
  EXPECT_EQ(log->counts().waiting, 0U);
}

TEST_F(journal_test, settles_nobody_who_did_not_ask) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, {})});
  sink->wait_for_seq(1);
  EXPECT_TRUE(sink->settled().empty());
}

struct recording_listener : commit_listener {
  void committed(std::uint64_t token) noexcept override { tokens.push_back(token); }
  std::vector<std::uint64_t> tokens;
};

TEST_F(journal_test, tells_listeners_in_order) {
  open();
  const auto listener = std::make_shared<recording_listener>();
  pair_driver pair{pair_of(1)};
  const std::vector events{pair.opened(1, {})};
  log->append({.pair_key = pair.key, .events = events, .listener = listener, .token = 11});
  log->append({.pair_key = pair.key, .listener = listener, .token = 12});
  log->stop();
  EXPECT_THAT(listener->tokens, ElementsAre(11U, 12U));
}

TEST_F(journal_test, many_threads_get_dense_numbers_and_whole_chains) {
  constexpr std::uint64_t threads = 4;
  constexpr std::uint64_t pairs_per_thread = 5;
  constexpr std::uint64_t rounds = 200;
  options.batch_bytes_max = 4096;  // Many batches, many of them cut.
  open();
  std::vector<std::thread> workers;
  for (std::uint64_t t = 0; t < threads; ++t) {
    workers.emplace_back([this, t] {
      std::vector<pair_driver> pairs;
      for (std::uint64_t i = 0; i < pairs_per_thread; ++i) {
        pairs.emplace_back(pair_of(t * pairs_per_thread + i));
        pairs.back().append(*log, {pairs.back().opened(t * 100 + i + 1, {})});
      }
      for (std::uint64_t round = 0; round < rounds; ++round)
        for (auto& pair : pairs) {
          auto one = pair.inbound("one", round * 2 + 1);
          auto two = pair.inbound("two", round * 2 + 2);
          std::get<model::message_added>(two.body).index += 1;
          pair.append(*log, {std::move(one), std::move(two)});
        }
    });
  }
  for (auto& worker : workers)
    worker.join();
  settle();

  constexpr std::uint64_t total = threads * pairs_per_thread * (1 + 2 * rounds);
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> last_and_index;
  std::uint64_t seen = 0;
  EXPECT_EQ(read->read_from(0, total + 1,
                            [&](const record& found) {
                              EXPECT_EQ(found.seq, ++seen);
                              auto& [last, index] = last_and_index[found.pair_key];
                              EXPECT_EQ(found.prev, last);
                              last = found.seq;
                              if (const auto* added
                                  = std::get_if<model::message_added>(&found.event.body)) {
                                EXPECT_EQ(added->index, ++index);
                              }
                              return true;
                            }),
            total);
  EXPECT_EQ(seen, total);
  EXPECT_EQ(log->counts().events, total);
  EXPECT_GT(log->counts().batches, 10U);
}

TEST_F(journal_test, refuses_what_no_table_takes_before_it_queues_anything) {
  open();
  pair_driver pair{pair_of(1)};
  const std::vector events{pair.opened(1, {})};
  std::vector<row> rows(1);
  rows[0].key = std::string(512, 'k');
  EXPECT_THROW(log->append({.pair_key = pair.key, .events = events, .rows = rows}),
               std::invalid_argument);
  rows[0] = row{.key_ends_with_seq_of = 1, .key = "k"};
  EXPECT_THROW(log->append({.pair_key = pair.key, .events = events, .rows = rows}),
               std::invalid_argument);
  EXPECT_THROW(log->append({.events = events}), std::invalid_argument);
  EXPECT_EQ(pair.append(*log, {pair.opened(1, {})}), 1U);
}

TEST_F(journal_test, the_last_row_on_a_key_counts) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, {})});
  // Sent and failed within one append: the outbox row is put and erased under a number that only
  // the writer knows.
  pair.append(*log, {pair.outbound("text", 1), pair.delivery(1, model::delivery_state::failed)});
  settle();
  EXPECT_TRUE(read->outbox_numbers().empty());
}

using journal_death_test = journal_test;

TEST_F(journal_death_test, ends_the_process_when_a_batch_cannot_be_written) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto outgrow_the_map = [this] {
    env = std::make_shared<environment>(environment_options{
      .directory = directory / "small", .map_bytes_max = std::size_t{256} << 10U});
    recording_sink ending;
    journal writing{env, options, ending};
    writing.start();
    pair_driver pair{pair_of(1)};
    pair.append(writing, {pair.opened(1, {})});
    for (std::uint64_t i = 0; i < 1'000; ++i)
      pair.append(writing, {pair.inbound(std::string(1'000, 'x'), i)}, i);
    writing.stop();
  };
  EXPECT_EXIT(outgrow_the_map(), ::testing::ExitedWithCode(failed_exit_code), "MDB_MAP_FULL");
}

// -- redaction ------------------------------------------------------------------------------------

model::event redacted(const pair_driver& pair, std::uint64_t message, std::uint64_t seq) {
  return {pair.state.id, at_ms(7'000),
          model::message_redacted{id_of<model::message_id>(message), 1, seq}};
}

std::uint64_t append_redaction(journal& to, pair_driver& pair, std::uint64_t message,
                               std::uint64_t seq) {
  const std::vector events{redacted(pair, message, seq)};
  const std::vector gone{seq};
  const auto at = to.append({.pair_key = pair.key,
                             .organization = pair.state.pair.organization,
                             .prev = pair.state.head_seq,
                             .events = events,
                             .redactions = gone});
  conversation::apply(pair.state, events.front(), at);
  return at;
}

TEST_F(journal_test, a_redacted_message_has_lost_its_text_for_good_and_nothing_else) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, to_users({"ann"})), pair.inbound("my secret", 1)});
  settle();
  const auto before = read->at(2);
  append_redaction(*log, pair, 1, 2);
  settle();
  for (int look = 0; look < 2; ++look, reopen()) {
    const auto after = read->at(2);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->prev, before->prev);
    EXPECT_EQ(after->pair_key, before->pair_key);
    const auto& was = std::get<model::message_added>(before->event.body);
    const auto& is = std::get<model::message_added>(after->event.body);
    EXPECT_EQ(is.message, was.message);
    EXPECT_EQ(is.dedupe, was.dedupe) << "a repeated callback is still one";
    EXPECT_TRUE(is.what->redacted);
    EXPECT_EQ(is.what->body, "");
  }
  const auto replayed = verify(*env, conversation::apply);
  EXPECT_TRUE(replayed.faults.empty()) << replayed.faults.front();
}

TEST_F(journal_test, what_was_put_into_a_template_goes_with_its_text) {
  open();
  pair_driver pair{pair_of(1)};
  auto sent = pair.inbound("Hello Ann", 1);
  auto& added = std::get<model::message_added>(sent.body);
  auto what = std::make_shared<model::content>(*added.what);
  what->made_from = model::sent_template{"hello", "HX1", R"({"1":"Ann"})"};
  added.what = std::move(what);
  pair.append(*log, {pair.opened(1, to_users({"ann"})), std::move(sent)});
  append_redaction(*log, pair, 1, 2);
  settle();
  EXPECT_EQ(std::get<model::message_added>(read->at(2)->event.body).what->made_from,
            (model::sent_template{"hello", "HX1", ""}));
}

TEST_F(journal_test, a_message_is_redacted_in_the_very_batch_that_adds_it) {
  open_environment();
  recording_sink quiet;
  journal writing{env, options, quiet};
  pair_driver pair{pair_of(1)};
  pair.append(writing, {pair.opened(1, to_users({"ann"})), pair.inbound("my secret", 1)});
  append_redaction(writing, pair, 1, 2);
  writing.commit_pending();
  const reader reads{env, writing};
  EXPECT_TRUE(std::get<model::message_added>(reads.at(2)->event.body).what->redacted);
}

TEST_F(journal_test, redacts_messages_only) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, to_users({"ann"}))});
  append_redaction(*log, pair, 1, 1);
  settle();
  EXPECT_TRUE(std::holds_alternative<model::conversation_opened>(read->at(1)->event.body));
}

// -- files that have been settled -----------------------------------------------------------------

model::event with_file(const pair_driver& pair, std::uint64_t id) {
  auto event = pair.inbound("look", id);
  auto& added = std::get<model::message_added>(event.body);
  auto what = std::make_shared<model::content>(*added.what);
  what->files.push_back({"https://carrier.example/1", "image/png"});
  added.what = std::move(what);
  return event;
}

model::media kept_file() {
  return {"https://carrier.example/1", "image/jpeg", id_of<model::file_id>(9)};
}

void append_settled(journal& to, pair_driver& pair, std::uint64_t message,
                    const settled_files& settled) {
  const std::vector<model::event> events{
    {pair.state.id, at_ms(8'000),
     model::media_settled{id_of<model::message_id>(message), 1, settled.seq}}};
  const auto at = to.append({.pair_key = pair.key,
                             .organization = pair.state.pair.organization,
                             .prev = pair.state.head_seq,
                             .events = events,
                             .settled = &settled});
  conversation::apply(pair.state, events.front(), at);
}

TEST_F(journal_test, a_message_has_its_settled_files_and_is_the_same_otherwise) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, to_users({"ann"})), with_file(pair, 1)});
  settle();
  const auto before = read->at(2);
  append_settled(*log, pair, 1, {2, {kept_file()}});
  settle();
  for (int look = 0; look < 2; ++look, reopen()) {
    auto after = read->at(2);
    ASSERT_TRUE(after);
    auto& added = std::get<model::message_added>(after->event.body);
    EXPECT_EQ(added.what->files, std::vector{kept_file()});
    auto as_before = std::make_shared<model::content>(*added.what);
    as_before->files = std::get<model::message_added>(before->event.body).what->files;
    added.what = std::move(as_before);
    EXPECT_EQ(after->event, before->event);
  }
  const auto replayed = verify(*env, conversation::apply);
  EXPECT_TRUE(replayed.faults.empty()) << replayed.faults.front();
}

TEST_F(journal_test, what_is_redacted_gets_no_files_in_whatever_order_it_is_said) {
  open_environment();
  std::uint64_t pairs = 0;
  for (const bool redacted_first : {true, false})
    for (const bool one_batch : {true, false}) {
      recording_sink quiet;
      journal writing{env, options, quiet};
      pair_driver pair{pair_of(++pairs)};
      pair.append(writing, {pair.opened(1, {}), with_file(pair, 1)});
      const auto seq = pair.state.head_seq;
      for (const bool redacts : {redacted_first, !redacted_first}) {
        if (redacts)
          append_redaction(writing, pair, 1, seq);
        else
          append_settled(writing, pair, 1, {seq, {kept_file()}});
        if (!one_batch)
          writing.commit_pending();
      }
      writing.commit_pending();
      const reader reads{env, writing};
      const auto record = reads.at(seq);
      ASSERT_TRUE(record);
      const auto& what = *std::get<model::message_added>(record->event.body).what;
      EXPECT_TRUE(what.redacted);
      EXPECT_TRUE(what.files.empty());
    }
}

TEST_F(journal_test, settled_files_are_as_many_as_the_message_has) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, to_users({"ann"})), with_file(pair, 1)});
  append_settled(*log, pair, 1, {2, {kept_file(), kept_file()}});
  append_settled(*log, pair, 1, {1, {kept_file()}});
  append_settled(*log, pair, 1, {999, {kept_file()}});
  settle();
  const auto record = read->at(2);
  EXPECT_EQ(std::get<model::message_added>(record->event.body).what->files.size(), 1U);
  EXPECT_FALSE(std::get<model::message_added>(record->event.body).what->files[0].file.has_value());
}

// -- scheduled messages that are edited -----------------------------------------------------------

/// A message that is to leave at 500 ms.
model::event scheduled(const pair_driver& pair, std::uint64_t id) {
  auto event = pair.outbound("see you", id);
  std::get<model::message_added>(event.body).send_at = at_ms(500);
  return event;
}

void append_edition(journal& to, pair_driver& pair, std::uint64_t message,
                    const edited_message& edited) {
  const std::vector<model::event> events{
    {pair.state.id, edited.as.at,
     model::message_edited{id_of<model::message_id>(message), 1, edited.seq, edited.as.send_at}}};
  const auto at = to.append({.pair_key = pair.key,
                             .organization = pair.state.pair.organization,
                             .prev = pair.state.head_seq,
                             .events = events,
                             .edited = &edited});
  conversation::apply(pair.state, events.front(), at);
}

model::content_ptr saying(std::string body) {
  return std::make_shared<const model::content>(model::content{std::move(body), {}, {}, {}});
}

TEST_F(journal_test, an_edited_message_says_the_new_text_and_its_state_replays_all_the_same) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, to_users({"ann"})), scheduled(pair, 1)});
  pair.snapshot(*log);  // It knows of the first time.
  append_edition(*log, pair, 1, {2, saying("see you there"), {at_ms(300), at_ms(900), 2}});
  append_edition(*log, pair, 1, {2, nullptr, {at_ms(400), at_ms(950), 1}});
  settle();
  for (int look = 0; look < 2; ++look, reopen()) {
    const auto record = read->at(2);
    ASSERT_TRUE(record);
    const auto& added = std::get<model::message_added>(record->event.body);
    EXPECT_EQ(added.what->body, "see you there");
    EXPECT_EQ(added.send_at, at_ms(500)) << "a replay begins as it did";
    EXPECT_EQ(send_at_of(added), at_ms(950));
    EXPECT_EQ(segments_of(added), 2U) << "of the text, which the second edition left alone";
  }
  const auto replayed = verify(*env, conversation::apply);
  EXPECT_TRUE(replayed.faults.empty()) << replayed.faults.front();
}

TEST_F(journal_test, what_is_redacted_gets_no_other_text) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, to_users({"ann"})), scheduled(pair, 1)});
  append_redaction(*log, pair, 1, 2);
  append_edition(*log, pair, 1, {2, saying("see you there"), {at_ms(300), at_ms(900), 2}});
  settle();
  EXPECT_EQ(std::get<model::message_added>(read->at(2)->event.body).what->body, "");
}

TEST_F(journal_test, a_message_whose_time_has_come_is_found_behind_what_was_queued_before) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, to_users({"ann"})), scheduled(pair, 1)});
  pair.append(*log, {pair.outbound("at once", 2)});
  settle();
  const auto prefix = outbox_prefix(7, pair.state.pair.ours);
  ASSERT_EQ(read->outbox(prefix, lane::reply, 0, 10).size(), 1U);
  pair.append(*log, {pair.delivery(1, model::delivery_state::queued)});
  settle();
  const auto rows = read->outbox(prefix, lane::reply, 3, 10);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].seq, 4U);
  EXPECT_EQ(rows[0].message_seq, 2U);
  EXPECT_EQ(rows[0].valid_from, at_ms(500));
  EXPECT_EQ(rows[0].message, id_of<model::message_id>(1));
  auto replayed = verify(*env, conversation::apply);
  EXPECT_TRUE(replayed.faults.empty()) << replayed.faults.front();
  pair.append(*log, {pair.delivery(1, model::delivery_state::canceled)});
  settle();
  EXPECT_TRUE(read->outbox(prefix, lane::reply, 3, 10).empty());
}

}  // namespace
}  // namespace parley::store
