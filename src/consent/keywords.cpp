#include "parley/consent/keywords.hpp"

#include "parley/text/folding.hpp"

#include <algorithm>
#include <limits>

namespace parley::consent {

namespace {

/// Blanks and punctuation around a word that is still taken for one: `  "Stop!!!"  `.
constexpr std::size_t around_bytes = 16;

/// `de` fits `de` and `de-AT`; nothing fits everything.
bool fits_language(std::string_view wanted, std::string_view language) noexcept {
  return wanted.empty() || language == wanted
         || (language.starts_with(wanted) && language.size() > wanted.size()
             && language[wanted.size()] == '-');
}

/// One blank between words: `opt   out` is `opt out`.
std::string with_single_blanks(std::string_view folded) {
  std::string out;
  for (const char c : folded)
    if (c != ' ' || (!out.empty() && out.back() != ' '))
      out.push_back(c);
  return out;
}

std::string word_of(std::string_view text) {
  return with_single_blanks(text::fold_keyword(text));
}

std::size_t longest(const std::vector<std::string>& words) noexcept {
  std::size_t bytes = 0;
  for (const auto& word : words)
    bytes = std::max(bytes, word.size());
  return bytes;
}

}  // namespace

const model::consent_keywords& built_in_keywords() {
  static const model::consent_keywords english{
    .language = {},
    .country = {},
    .opt_out = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT",
                "OPT OUT"},
    .opt_in = {"START", "UNSTOP"},
    .opt_in_again = {"YES"},
    .help = {"HELP", "INFO"},
    .opt_out_text = "You will receive no more messages from us. Reply START to receive them again.",
    .opt_in_text = "You will receive our messages again. Reply STOP to receive no more.",
    .help_text = "Reply STOP to receive no more messages from us, START to receive them again.",
  };
  return english;
}

const std::vector<std::string>& built_in_phrases() {
  static const std::vector<std::string> english{
    "stop texting",    "stop messaging",     "stop sending",        "stop contacting",
    "do not text",     "don't text",         "do not contact",      "don't contact",
    "do not message",  "don't message",      "remove me",           "take me off",
    "unsubscribe me",  "leave me alone",     "no more messages",    "no more texts",
    "opt me out",      "wrong number"};
  return english;
}

keyword_reader::set keyword_reader::compiled(const model::consent_keywords& words) {
  set made{.language = words.language,
           .country = words.country,
           .words = {},
           .again = {},
           .opt_out_text = words.opt_out_text,
           .opt_in_text = words.opt_in_text,
           .help_text = words.help_text};
  // A word that stands in two lists means the first of these: nobody is kept who wants to leave.
  for (const auto& word : words.opt_out)
    made.words.try_emplace(word_of(word), wish::opt_out);
  for (const auto& word : words.opt_in)
    made.words.try_emplace(word_of(word), wish::opt_in);
  for (const auto& word : words.help)
    made.words.try_emplace(word_of(word), wish::help);
  for (const auto& word : words.opt_in_again)
    made.again.push_back(word_of(word));
  return made;
}

keyword_reader::keyword_reader(const model::consent_settings& settings) {
  if (!settings.reads_keywords)
    return;
  const auto add = [&](const model::consent_keywords& words) {
    sets_.push_back(compiled(words));
    asks_language_ = asks_language_ || !words.language.empty();
    asks_country_ = asks_country_ || !words.country.empty();
    for (const auto* list : {&words.opt_out, &words.opt_in, &words.opt_in_again, &words.help})
      body_bytes_max_ = std::max(body_bytes_max_, longest(*list) + around_bytes);
  };
  for (const auto& words : settings.keywords)
    add(words);
  add(built_in_keywords());
  if (settings.intent == model::intent_policy::off)
    return;
  const auto& phrases
    = settings.intent_phrases.empty() ? built_in_phrases() : settings.intent_phrases;
  std::ranges::transform(phrases, std::back_inserter(phrases_), text::fold);
  body_bytes_max_ = std::numeric_limits<std::size_t>::max();
}

const keyword_reader::set& keyword_reader::fitting(const said& what) const {
  const auto fits = [&](const set& one) {
    return fits_language(one.language, what.language)
           && (one.country.empty() || one.country == what.country);
  };
  const auto found = std::ranges::find_if(sets_, fits);
  return found == sets_.end() ? sets_.back() : *found;
}

reading keyword_reader::read(const said& what) const {
  if (sets_.empty() || what.body.empty() || what.body.size() > body_bytes_max_)
    return {};
  const auto word = word_of(what.body);
  const auto& words = fitting(what);
  const auto known = words.words.find(word);
  auto means = known == words.words.end() ? wish::none : known->second;
  if (means == wish::none && what.opted_out
      && std::ranges::find(words.again, word) != words.again.end())
    means = wish::opt_in;
  if (means == wish::none && !phrases_.empty()) {
    const auto folded = with_single_blanks(text::fold(what.body));
    if (std::ranges::any_of(phrases_, [&](const std::string& phrase) {
          return folded.find(phrase) != std::string::npos;
        }))
      means = wish::maybe_opt_out;
  }
  switch (means) {
    case wish::opt_out:
    case wish::maybe_opt_out:
      return {means, words.opt_out_text};
    case wish::opt_in:
      return {means, words.opt_in_text};
    case wish::help:
      return {means, words.help_text};
    case wish::none:
      break;
  }
  return {};
}

}  // namespace parley::consent
