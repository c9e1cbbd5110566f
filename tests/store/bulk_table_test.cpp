#include "parley/store/bulk_table.hpp"
#include "src/store/bulk_cells.hpp"
#include "src/store/bulk_codec.hpp"
#include "tests/store/table_fixture.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>

namespace parley::store {
namespace {

using model::bulk_line_state;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint32_t demo = 7;
const auto job_a = id_of<model::bulk_id>(1);
const auto job_b = id_of<model::bulk_id>(2);

model::message_id message(std::uint64_t number) { return id_of<model::message_id>(number); }

/// The tables of bulk jobs (mission 8).
class bulk_table_test : public table_test {
protected:
  bulk_table_test() { open(); }

  void change(std::span<const bulk_line_change> changes) {
    log->append({.line_changes = changes});
    settle();
  }

  void change(const model::bulk_id& job, std::uint64_t position, bulk_line_state to,
              const model::message_id& of = {}, std::int32_t code = 0) {
    const bulk_line_change one{demo, {job, position}, to, code, of};
    change(std::span{&one, 1});
  }

  [[nodiscard]] bulk_line_outcome outcome(const model::bulk_id& job, std::uint64_t position) {
    return read->bulk_outcomes(demo, job, position / bulk_block_lines)[position
                                                                       % bulk_block_lines];
  }

  [[nodiscard]] std::uint64_t count(const model::bulk_id& job, bulk_line_state state) {
    return read->bulk_counts(demo, job).of(state);
  }

  void append(std::vector<row> rows) {
    log->append({.rows = rows});
    settle();
  }

  static bulk_job_record job_of(const model::bulk_id& id, model::bulk_state state) {
    bulk_job_record made;
    made.job.id = id;
    made.job.organization = demo;
    made.job.state = state;
    made.job.what.from = *model::address::parse("sms:+15550000001");
    made.job.what.author = {model::author::kind::user, "alice"};
    made.job.what.body = "Hi {{name}}";
    made.job.what.made_from = model::sent_template{"welcome", "HX1", "{}"};
    made.job.what.spread_ms = 5;
    made.job.lines = 3;
    made.job.accepted = 2;
    made.job.created_at = at_ms(10);
    made.key = id_of<model::id128>(77);
    made.received = id_of<model::id128>(78);
    return made;
  }
};

TEST_F(bulk_table_test, a_line_goes_its_way_with_its_message_only) {
  change(job_a, 70, bulk_line_state::queued, message(1));
  EXPECT_EQ(outcome(job_a, 70).state, bulk_line_state::queued);
  EXPECT_EQ(outcome(job_a, 70).message, message(1));
  EXPECT_EQ(outcome(job_a, 69).state, bulk_line_state::waiting);
  change(job_a, 70, bulk_line_state::sent, message(2));
  EXPECT_EQ(outcome(job_a, 70).state, bulk_line_state::queued) << "another message's";
  change(job_a, 70, bulk_line_state::failed, message(1), 30007);
  EXPECT_EQ(outcome(job_a, 70).error_code, 30007);
  EXPECT_EQ(count(job_a, bulk_line_state::failed), 1U);
  EXPECT_EQ(count(job_a, bulk_line_state::queued), 0U);
  EXPECT_EQ(count(job_b, bulk_line_state::failed), 0U);
}

TEST_F(bulk_table_test, a_line_becomes_one_message_however_often_it_is_tried) {
  change(job_a, 0, bulk_line_state::queued, message(1));
  change(job_a, 0, bulk_line_state::queued, message(2));
  EXPECT_EQ(outcome(job_a, 0).message, message(1));
  change(job_a, 0, bulk_line_state::refused, {}, 46);
  EXPECT_EQ(outcome(job_a, 0).state, bulk_line_state::queued);
  EXPECT_EQ(count(job_a, bulk_line_state::queued), 1U);
}

TEST_F(bulk_table_test, only_what_has_failed_is_sent_again_and_its_first_message_is_over) {
  change(job_a, 0, bulk_line_state::queued, message(1));
  change(job_a, 0, bulk_line_state::waiting);
  EXPECT_EQ(outcome(job_a, 0).state, bulk_line_state::queued);
  change(job_a, 0, bulk_line_state::expired, message(1));
  change(job_a, 0, bulk_line_state::waiting);
  EXPECT_EQ(outcome(job_a, 0).state, bulk_line_state::waiting);
  EXPECT_EQ(read->bulk_counts(demo, job_a), model::bulk_counts{});
  change(job_a, 0, bulk_line_state::delivered, message(1));
  EXPECT_EQ(outcome(job_a, 0).state, bulk_line_state::waiting) << "told of the first message";
  change(job_a, 0, bulk_line_state::queued, message(2));
  EXPECT_EQ(outcome(job_a, 0).message, message(2));
}

TEST_F(bulk_table_test, a_canceled_or_refused_line_becomes_no_message) {
  change(job_a, 0, bulk_line_state::canceled);
  change(job_a, 0, bulk_line_state::queued, message(1));
  EXPECT_EQ(outcome(job_a, 0).state, bulk_line_state::canceled);
  change(job_a, 1, bulk_line_state::refused, {}, 46);
  change(job_a, 1, bulk_line_state::queued, message(1));
  EXPECT_EQ(outcome(job_a, 1).state, bulk_line_state::refused);
  EXPECT_EQ(outcome(job_a, 1).error_code, 46);
}

TEST_F(bulk_table_test, counts_are_those_of_the_lines_whatever_comes) {
  std::mt19937 random{5};
  const auto any = [&](int below) {
    return std::uniform_int_distribution<int>{0, below - 1}(random);
  };
  std::map<std::pair<int, std::uint64_t>, bulk_cell> expected;
  for (int round = 0; round < 200; ++round) {
    std::vector<bulk_line_change> changes;
    for (int i = any(8); i >= 0; --i) {
      const int job = any(2);
      const auto position = static_cast<std::uint64_t>(any(300));
      const auto to = static_cast<bulk_line_state>(any(static_cast<int>(model::bulk_line_states)));
      const auto of = any(3) == 0 ? model::message_id{} : message(static_cast<unsigned>(any(2)));
      changes.push_back({demo, {job == 0 ? job_a : job_b, position}, to, any(5), of});
      auto& cell = expected[{job, position}];
      if (const auto after = changed(cell, changes.back()))
        cell = *after;
    }
    change(changes);
  }
  model::bulk_counts counts[2];
  for (const auto& [place, cell] : expected) {
    const auto& [job, position] = place;
    const auto found = outcome(job == 0 ? job_a : job_b, position);
    EXPECT_EQ(found.state, cell.state);
    EXPECT_EQ(found.message, cell.message);
    if (cell.state != bulk_line_state::waiting)
      ++counts[job].of(cell.state);
  }
  EXPECT_EQ(read->bulk_counts(demo, job_a), counts[0]);
  EXPECT_EQ(read->bulk_counts(demo, job_b), counts[1]);
}

TEST_F(bulk_table_test, a_message_carries_its_line_through_all_of_its_events) {
  pair_driver pair{pair_of(1)};
  model::message_added added;
  added.message = message(9);
  added.index = 1;
  added.direction = model::direction::outbound;
  added.what = std::make_shared<const model::content>();
  added.bulk = {job_a, 3};
  const auto cv = id_of<model::conversation_id>(1);
  pair.append(*log, {{cv, at_ms(1), model::conversation_opened{{}, to_users({"alice"}), {}}},
                     {cv, at_ms(1), added}});
  settle();
  EXPECT_EQ(outcome(job_a, 3).state, bulk_line_state::queued);
  const auto prefix = outbox_prefix(demo, pair.state.pair.ours);
  EXPECT_THAT(read->outbox(prefix, lane::reply, 0, 9), IsEmpty());
  EXPECT_EQ(read->outbox(prefix, lane::bulk, 0, 9).size(), 1U);
  model::delivery_changed moved{message(9), 1, model::delivery_state::failed, 30003, 1, {}};
  pair.append(*log, {{cv, at_ms(2), std::move(moved)}});
  settle();
  EXPECT_EQ(outcome(job_a, 3).state, bulk_line_state::failed);
  EXPECT_EQ(outcome(job_a, 3).error_code, 30003);
  EXPECT_THAT(read->outbox(prefix, lane::bulk, 0, 9), IsEmpty());
  EXPECT_THAT(verified().faults, IsEmpty());
}

TEST_F(bulk_table_test, a_job_is_found_by_id_and_key_and_while_it_is_open) {
  const auto running = job_of(job_a, model::bulk_state::running);
  auto rows = bulk_job_rows(running);
  rows.push_back(bulk_key_row(running));
  append(rows);
  append(bulk_job_rows(job_of(job_b, model::bulk_state::scheduled)));
  EXPECT_EQ(read->find_bulk_job(demo, job_a), running);
  EXPECT_EQ(read->find_bulk_job(demo + 1, job_a), std::nullopt) << "another organisation's";
  EXPECT_EQ(read->bulk_job_of_key(demo, running.key, at_ms(10)), job_a);
  EXPECT_EQ(read->bulk_job_of_key(demo, running.key, at_ms(11)), std::nullopt);
  EXPECT_EQ(read->open_bulk_jobs().size(), 2U);
  append(bulk_job_rows(job_of(job_a, model::bulk_state::completed)));
  EXPECT_THAT(read->open_bulk_jobs(), ElementsAre(std::pair{demo, job_b}));
  const auto listed = read->bulk_jobs(demo, std::nullopt, 9);
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].job.id, job_b);
  EXPECT_EQ(read->bulk_jobs(demo, job_b, 9).front().job.id, job_a);
  EXPECT_THAT(read->bulk_jobs(demo, job_a, 9), IsEmpty());
  EXPECT_THAT(read->bulk_jobs(demo + 1, std::nullopt, 9), IsEmpty());
}

TEST_F(bulk_table_test, lines_and_refusals_are_kept_as_they_came) {
  const std::vector<model::bulk_entry> lines{{2, "sms:+15551230001", {"Ann"}, {}},
                                            {5, "sms:+15551230002", {}, "Hello"}};
  append({bulk_block_row(demo, job_a, 0, lines),
          bulk_refused_row(demo, job_a, {3, model::errc::malformed, "no JSON"}),
          bulk_refused_row(demo, job_a, {4, model::errc::body_too_long, "long"}),
          bulk_refused_row(demo, job_b, {1, model::errc::malformed, "other"})});
  EXPECT_EQ(read->bulk_lines(demo, job_a, 0), lines);
  EXPECT_THAT(read->bulk_lines(demo, job_a, 1), IsEmpty());
  EXPECT_EQ(read->bulk_refused(demo, job_a, 0, 9).size(), 2U);
  EXPECT_EQ(read->bulk_refused(demo, job_a, 3, 9).front().detail, "long");
  EXPECT_THAT(verified().faults, IsEmpty());
}

TEST_F(bulk_table_test, damage_is_named_and_ends_nothing) {
  append(bulk_job_rows(job_of(job_a, model::bulk_state::running)));
  change(job_a, 0, bulk_line_state::queued, message(1));
  for (const auto& key : {bulk_block_key(demo, job_a, 0), bulk_counts_key(demo, job_a)})
    with_each_byte_damaged(in().bulk_cells, key, [&] {
      EXPECT_THAT(verified().faults, Contains(HasSubstr("bulk_cells")));
      change(job_a, 0, bulk_line_state::sent, message(1));
    });
  EXPECT_EQ(count(job_a, bulk_line_state::queued), 1U);
}

}  // namespace
}  // namespace parley::store
