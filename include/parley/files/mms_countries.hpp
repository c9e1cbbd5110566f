#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace parley::files {

/// Which way MMS goes between us and a country.
enum class mms_ways : std::uint8_t { both, outbound, inbound, none };

/// Mission 2: some countries are outbound-only or inbound-only for MMS. Written as ISO 3166 codes
/// and words, `DE:none AU:outbound`; a country that is not named has both ways.
class mms_countries {
public:
  /// Every country has both ways.
  mms_countries() = default;
  /// Throws `std::invalid_argument` with what `complaint` says.
  explicit mms_countries(std::string_view table);

  /// What is wrong with a table; empty when nothing is.
  [[nodiscard]] static std::string complaint(std::string_view table);

  /// `country` is an ISO code in capitals; empty is a country that is not known, which has both.
  [[nodiscard]] mms_ways ways_of(std::string_view country) const;
  /// Whether a file can be sent there.
  [[nodiscard]] bool takes(std::string_view country) const;

private:
  std::map<std::string, mms_ways, std::less<>> ways_;
};

}  // namespace parley::files
