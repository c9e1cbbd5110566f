#include "parley/consent/keywords.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace parley::consent {

void PrintTo(wish means, std::ostream* out) { *out << static_cast<int>(means); }

namespace {

model::consent_settings none_of_its_own() { return {}; }

wish meaning(const keyword_reader& words, std::string_view body, bool opted_out = false) {
  return words.read({body, {}, {}, opted_out}).means;
}

struct built_in_case {
  std::string_view body;
  wish means;
};

class built_in : public testing::TestWithParam<built_in_case> {};

TEST_P(built_in, word_is_read) {  // Mission 5: whole message, any case, without punctuation
  const keyword_reader words{none_of_its_own()};
  EXPECT_EQ(meaning(words, GetParam().body), GetParam().means) << GetParam().body;
}

INSTANTIATE_TEST_SUITE_P(
  words, built_in,
  testing::Values(
    built_in_case{"STOP", wish::opt_out}, built_in_case{"stop", wish::opt_out},
    built_in_case{" Stop! ", wish::opt_out}, built_in_case{"\"STOP\".", wish::opt_out},
    built_in_case{"StopAll", wish::opt_out}, built_in_case{"unsubscribe", wish::opt_out},
    built_in_case{"cancel", wish::opt_out}, built_in_case{"End", wish::opt_out},
    built_in_case{"QUIT", wish::opt_out}, built_in_case{"revoke", wish::opt_out},
    built_in_case{"optout", wish::opt_out}, built_in_case{"OPT OUT", wish::opt_out},
    built_in_case{"opt   out", wish::opt_out}, built_in_case{"ＳＴＯＰ", wish::opt_out},
    built_in_case{"start", wish::opt_in}, built_in_case{"UNSTOP", wish::opt_in},
    built_in_case{"help", wish::help}, built_in_case{"Info?", wish::help},
    built_in_case{"yes", wish::none}, built_in_case{"stop it", wish::none},
    built_in_case{"please stop", wish::none}, built_in_case{"nonstop", wish::none},
    built_in_case{"", wish::none}, built_in_case{"!!!", wish::none},
    built_in_case{"\xff\xfe", wish::none}));

TEST(keyword_reader, yes_opts_in_only_who_has_opted_out) {
  const keyword_reader words{none_of_its_own()};
  EXPECT_EQ(meaning(words, "YES", false), wish::none);
  EXPECT_EQ(meaning(words, "YES", true), wish::opt_in);
}

TEST(keyword_reader, answers_by_what_was_meant) {
  const keyword_reader words{none_of_its_own()};
  EXPECT_EQ(words.read({"stop", {}, {}, false}).answer, built_in_keywords().opt_out_text);
  EXPECT_EQ(words.read({"start", {}, {}, false}).answer, built_in_keywords().opt_in_text);
  EXPECT_EQ(words.read({"help", {}, {}, false}).answer, built_in_keywords().help_text);
}

model::consent_settings with_german_and_swiss() {
  model::consent_settings settings;
  settings.keywords = {
    {.language = "de", .country = "CH", .opt_out = {"Stopp", "Abmelden"}, .opt_in = {},
     .opt_in_again = {}, .help = {}, .opt_out_text = "Sie sind abgemeldet (CH).",
     .opt_in_text = {}, .help_text = {}},
    {.language = "de", .country = {}, .opt_out = {"Stopp"}, .opt_in = {"Ja bitte"},
     .opt_in_again = {"ja"}, .help = {"Hilfe"}, .opt_out_text = "Sie sind abgemeldet.",
     .opt_in_text = {}, .help_text = {}}};
  return settings;
}

TEST(keyword_reader, takes_the_first_set_that_fits_language_and_country) {
  const keyword_reader words{with_german_and_swiss()};
  EXPECT_TRUE(words.asks_language());
  EXPECT_TRUE(words.asks_country());
  EXPECT_EQ(words.read({"ABMELDEN", "de", "CH", false}).answer, "Sie sind abgemeldet (CH).");
  EXPECT_EQ(words.read({"abmelden", "de", "DE", false}).means, wish::none);
  EXPECT_EQ(words.read({"stopp", "de-AT", "AT", false}).answer, "Sie sind abgemeldet.");
  EXPECT_EQ(words.read({"ja", "de", "DE", true}).means, wish::opt_in);
  EXPECT_EQ(words.read({"stop", "en", "CH", false}).means, wish::opt_out) << "the built-in set";
  EXPECT_EQ(words.read({"stop", {}, {}, false}).means, wish::opt_out);
}

TEST(keyword_reader, a_word_in_two_lists_lets_people_leave) {
  auto settings = none_of_its_own();
  settings.keywords.push_back({.language = {}, .country = {}, .opt_out = {"x"}, .opt_in = {"X"},
                               .opt_in_again = {}, .help = {"x"}, .opt_out_text = {},
                               .opt_in_text = {}, .help_text = {}});
  EXPECT_EQ(meaning(keyword_reader{settings}, "x"), wish::opt_out);
}

TEST(keyword_reader, a_set_without_language_and_country_stands_for_the_built_in_one) {
  auto settings = none_of_its_own();
  settings.keywords.push_back({.language = {}, .country = {}, .opt_out = {"bye"}, .opt_in = {},
                               .opt_in_again = {}, .help = {}, .opt_out_text = {},
                               .opt_in_text = {}, .help_text = {}});
  const keyword_reader words{settings};
  EXPECT_EQ(meaning(words, "bye"), wish::opt_out);
  EXPECT_EQ(meaning(words, "stop"), wish::none);
}

TEST(keyword_reader, looks_for_what_most_likely_means_it_when_it_is_asked_to) {
  auto settings = none_of_its_own();
  EXPECT_EQ(meaning(keyword_reader{settings}, "Please stop texting me"), wish::none);
  settings.intent = model::intent_policy::mark;
  const keyword_reader words{settings};
  EXPECT_EQ(meaning(words, "Please STOP  texting me"), wish::maybe_opt_out);
  EXPECT_EQ(meaning(words, "I want off this list, remove me!"), wish::maybe_opt_out);
  EXPECT_EQ(meaning(words, "The bus does not stop here"), wish::none);
  EXPECT_EQ(meaning(words, "STOP"), wish::opt_out);
  settings.intent_phrases = {"Bitte nicht mehr"};
  const keyword_reader own{settings};
  EXPECT_EQ(meaning(own, "bitte NICHT mehr schreiben"), wish::maybe_opt_out);
  EXPECT_EQ(meaning(own, "stop texting me"), wish::none);
}

TEST(keyword_reader, reads_nothing_when_it_is_told_not_to) {
  auto settings = none_of_its_own();
  settings.reads_keywords = false;
  EXPECT_EQ(meaning(keyword_reader{settings}, "STOP"), wish::none);
}

TEST(keyword_reader, what_is_too_long_for_a_word_says_nothing) {
  const keyword_reader words{none_of_its_own()};
  EXPECT_LT(words.body_bytes_max(), 40u);
  EXPECT_EQ(meaning(words, "stop" + std::string(words.body_bytes_max(), '!')), wish::none);
}

}  // namespace
}  // namespace parley::consent
