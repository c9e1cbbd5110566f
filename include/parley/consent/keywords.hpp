#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parley/model/directory.hpp"

namespace parley::consent {

/// What a text means (mission 5).
enum class wish : std::uint8_t { none = 0, opt_out, opt_in, help, maybe_opt_out };

/// A text and who has said it.
struct said {
  std::string_view body;
  std::string_view language;  ///< Of the contact; empty: not known.
  std::string_view country;   ///< Of the sender's number, ISO 3166 alpha-2; empty: not known.
  bool opted_out = false;     ///< Whoever says it wants no messages at present.
};

struct reading {
  wish means = wish::none;
  std::string_view answer{};  ///< Refers into the `keyword_reader`; empty: nothing is answered.
};

/// The words of an organisation by which people opt out and in, ready to be looked for: whole
/// messages, whatever their case, without the blanks and punctuation around them. Immutable: any
/// number of threads. Made when the directory changes.
class keyword_reader {
public:
  explicit keyword_reader(const model::consent_settings& settings);

  /// The first set that fits the sender counts. A phrase that most likely means an opt-out is
  /// looked for in what no word fits, unless the organisation has that off.
  [[nodiscard]] reading read(const said& what) const;

  /// Whether any text has to be read that is not as short as a keyword. What is longer than this
  /// says nothing to `read`, and need not be shown to it.
  [[nodiscard]] std::size_t body_bytes_max() const noexcept { return body_bytes_max_; }
  /// Whether languages or countries tell sets apart: else they need not be found out.
  [[nodiscard]] bool asks_language() const noexcept { return asks_language_; }
  [[nodiscard]] bool asks_country() const noexcept { return asks_country_; }

private:
  struct set {
    std::string language;
    std::string country;
    std::unordered_map<std::string, wish> words;
    std::vector<std::string> again;  ///< Opt in whoever has opted out.
    std::string opt_out_text;
    std::string opt_in_text;
    std::string help_text;
  };

  [[nodiscard]] static set compiled(const model::consent_keywords& words);
  [[nodiscard]] const set& fitting(const said& what) const;

  std::vector<set> sets_;  ///< The built-in one is the last and fits everybody.
  std::vector<std::string> phrases_;  ///< Folded; empty: none are looked for.
  std::size_t body_bytes_max_ = 0;
  bool asks_language_ = false;
  bool asks_country_ = false;
};

/// The words of mission 5, in English, for whomever no set of the organisation's own fits.
[[nodiscard]] const model::consent_keywords& built_in_keywords();
/// Phrases that most likely mean an opt-out, where an organisation has not said its own.
[[nodiscard]] const std::vector<std::string>& built_in_phrases();

}  // namespace parley::consent
