#include "parley/store/codec.hpp"
#include "src/store/bytes.hpp"
#include "src/store/keys.hpp"
#include "tests/store/table_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <tuple>

namespace parley::store {
namespace {

using model::consent_state;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

constexpr std::uint32_t demo = 7;
constexpr auto them = "sms:+16661000001";
constexpr auto ours = "+15550000001";

/// The table `consents`: what each change leaves there, and how the newest is found among the rows
/// of its neighbours.
class consent_table_test : public table_test {
protected:
  consent_table_test() { open(); }

  static model::consent_changed wish(std::string address, std::string number, consent_state state,
                                     std::string text = {}) {
    model::consent_changed made;
    made.address = std::move(address);
    made.number = std::move(number);
    made.state = state;
    made.text = std::move(text);
    return made;
  }

  /// Appends a change as a pair's actor does; its place.
  std::uint64_t change(const std::string& address, const std::string& number, consent_state state,
                       const std::string& text = {}) {
    return pair.append(*log, {{pair.state.id, at_ms(1'000), wish(address, number, state, text)}});
  }

  /// "address number text" of each record of a page, and the key to go on behind as the last.
  [[nodiscard]] std::vector<std::string> page(std::string_view address, std::string_view after,
                                              bool newest_only, std::size_t limit = 100,
                                              std::size_t scan_max = 100) {
    std::vector<std::string> found;
    next = read->read_consents(
      demo, address, after, newest_only, scan_max, [&](const consent_record& one) {
        if (found.size() == limit)
          return false;
        found.push_back(one.change.address + ' ' + one.change.number + ' ' + one.change.text);
        return true;
      });
    return found;
  }

  /// All of it, over pages of `limit`.
  [[nodiscard]] std::vector<std::string> all(std::string_view address, bool newest_only,
                                             std::size_t limit) {
    std::vector<std::string> found = page(address, {}, newest_only, limit);
    for (int pages = 0; next && pages < 20; ++pages) {
      const auto more = page(address, *next, newest_only, limit);
      found.insert(found.end(), more.begin(), more.end());
    }
    EXPECT_FALSE(next) << "it never ends";
    return found;
  }

  [[nodiscard]] static std::string key_of(const std::string& address, const std::string& number,
                                          std::uint64_t seq) {
    auto key = consent_scope_key(demo, address, number);
    append_big(key, seq);
    return key;
  }

  [[nodiscard]] std::vector<std::string> faults() const { return verified().faults; }
  [[nodiscard]] MDB_dbi table() const { return in().consents; }

  pair_driver pair{pair_of(1)};
  std::optional<std::string> next;
};

TEST_F(consent_table_test, a_change_is_a_row_with_its_event) {
  const auto seq = change(them, ours, consent_state::opted_out, "STOP");
  settle();
  reopen();
  const auto found = read->consent_of(demo, them, ours);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->seq, seq);
  EXPECT_EQ(found->at, at_ms(1'000));
  EXPECT_EQ(found->conversation, pair.state.id);
  EXPECT_EQ(found->change, wish(them, ours, consent_state::opted_out, "STOP"));
  EXPECT_EQ(read->at(seq)->event.body, model::event_body{found->change});
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(consent_table_test, the_newest_of_exactly_that_scope_counts_among_its_neighbours) {
  change(them, ours, consent_state::opted_out, "old");
  change(them, ours, consent_state::opted_in, "new");
  for (const auto* neighbour : {"sms:+1666100000", "sms:+166610000011", "sms:+16661000002", "sms:"})
    change(neighbour, ours, consent_state::opted_out, "another person");
  for (const auto* neighbour : {"+1555000000", "+155500000011", "+15550000002"})
    change(them, neighbour, consent_state::opted_out, "another number");
  change(them, {}, consent_state::opted_out, "all numbers");
  settle();
  EXPECT_EQ(read->consent_of(demo, them, ours)->change.text, "new");
  EXPECT_EQ(read->consent_of(demo, them, {})->change.text, "all numbers");
  EXPECT_EQ(read->consent_of(demo, them, "+15550000009"), std::nullopt);
  EXPECT_EQ(read->consent_of(demo, "sms:+16661000009", ours), std::nullopt);
  EXPECT_EQ(read->consent_of(demo + 1, them, ours), std::nullopt) << "I11";
  EXPECT_EQ(read->consent_of(demo - 1, them, ours), std::nullopt) << "I11";
}

TEST_F(consent_table_test, history_has_every_change_and_the_list_the_newest_of_each_scope) {
  for (const auto* person : {"sms:+16661000002", them}) {
    for (const auto* text : {"1", "2"})
      change(person, ours, consent_state::opted_out, text);
    change(person, {}, consent_state::opted_in, "all");
  }
  settle();
  const std::string first = std::string{them} + ' ';
  const std::string second = "sms:+16661000002 ";
  const std::string number = std::string{ours} + ' ';
  for (const std::size_t limit : {1U, 2U, 3U, 4U, 6U, 100U}) {
    EXPECT_THAT(all({}, false, limit),
                ElementsAre(first + " all", first + number + "1", first + number + "2",
                            second + " all", second + number + "1", second + number + "2"))
      << limit;
    EXPECT_THAT(all({}, true, limit), ElementsAre(first + " all", first + number + "2",
                                                  second + " all", second + number + "2"))
      << limit;
    EXPECT_THAT(all(them, true, limit), ElementsAre(first + " all", first + number + "2")) << limit;
  }
}

TEST_F(consent_table_test, a_page_that_takes_nothing_goes_on_where_its_address_begins) {
  const std::string second = "sms:+16661000002";
  change(them, ours, consent_state::opted_out, "one");
  change(second, ours, consent_state::opted_out, "two");
  settle();
  // As for the second address of a contact whose first one has filled the page.
  EXPECT_THAT(page(second, {}, true, 0), IsEmpty());
  ASSERT_TRUE(next);
  const auto from = *next;
  EXPECT_THAT(page(them, from, true), IsEmpty()) << "nothing comes twice";
  EXPECT_THAT(page(second, from, true), ElementsAre(second + ' ' + ours + " two"));
}

TEST_F(consent_table_test, a_scan_ends_at_its_bound_and_says_where) {
  for (const auto* text : {"1", "2", "3"})
    change(them, ours, consent_state::opted_out, text);
  settle();
  const auto begin = std::string{them} + ' ' + ours + ' ';
  EXPECT_THAT(page({}, {}, false, 100, 2), ElementsAre(begin + "1", begin + "2"));
  ASSERT_TRUE(next);
  EXPECT_THAT(page({}, *next, false, 100, 2), ElementsAre(begin + "3"));
  EXPECT_FALSE(next);
}

TEST_F(consent_table_test, verify_names_a_row_that_is_missing) {
  const auto seq = change(them, ours, consent_state::opted_out);
  change(them, ours, consent_state::opted_in);
  settle();
  erase(table(), key_of(them, ours, seq));
  EXPECT_THAT(faults(),
              ElementsAre("consents: the row of record " + std::to_string(seq) + " is missing"));
}

TEST_F(consent_table_test, verify_names_a_row_that_says_something_else_than_the_journal) {
  const auto seq = change(them, ours, consent_state::opted_out);
  settle();
  std::string other;
  encode(model::event{pair.state.id, at_ms(1'000), wish(them, ours, consent_state::opted_in)},
         other);
  const std::vector<row> rows{
    {.where = table::consents, .key = key_of(them, ours, seq), .value = other},
    {.where = table::consents, .key = key_of(them, "+15550000002", seq + 7), .value = other}};
  log->append({.organization = demo, .rows = rows});
  settle();
  EXPECT_THAT(faults(), ElementsAre(AllOf(HasSubstr(them), HasSubstr("not what the journal says")),
                                    AllOf(HasSubstr("+15550000002"),
                                          HasSubstr("not what the journal says"))));
}

TEST_F(consent_table_test, one_bit_of_a_row_is_found_and_named) {
  const auto seq = change(them, ours, consent_state::opted_out, "STOP");
  change("sms:+16661000002", ours, consent_state::opted_out);
  settle();
  with_each_byte_damaged(table(), key_of(them, ours, seq), [&] {
    EXPECT_THAT([&] { std::ignore = read->consent_of(demo, them, ours); },
                ThrowsMessage<corruption_error>(HasSubstr("consents: the row ")));
    EXPECT_THROW(std::ignore = page({}, {}, true), corruption_error);
    EXPECT_TRUE(read->consent_of(demo, "sms:+16661000002", ours)) << "nobody else is touched";
    EXPECT_THAT(faults(), Contains(HasSubstr("consents: the row ")));
  });
  EXPECT_THAT(faults(), IsEmpty());
}

}  // namespace
}  // namespace parley::store
