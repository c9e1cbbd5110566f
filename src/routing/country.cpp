#include <algorithm>
#include <string>
#include <string_view>

#include <phonenumbers/phonenumberutil.h>

#include "parley/routing/conditions.hpp"

namespace parley::routing {

namespace {

namespace phone = i18n::phonenumbers;

const std::string unknown_region = "ZZ";  ///< libphonenumber's word.

bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// libphonenumber's words for no region and for numbers of the whole world are no countries.
std::string country_or_nothing(const std::string& region) {
  return region.size() == 2 && std::ranges::all_of(region, is_upper) && region != unknown_region
           ? region
           : "";
}

}  // namespace

std::string country_of(const model::address& sender) {
  const std::string_view id = sender.identifier;
  if (sender.kind == model::channel::whatsapp && id.size() > 3 && id[2] == '.')
    return country_or_nothing(std::string{id.substr(0, 2)});
  if (sender.kind == model::channel::chat || id.size() < 8 || id.size() > 16 || id.front() != '+'
      || !std::ranges::all_of(id.substr(1), is_digit))
    return {};
  const auto& plans = *phone::PhoneNumberUtil::GetInstance();
  phone::PhoneNumber number;
  if (plans.Parse(sender.identifier, unknown_region, &number)
      != phone::PhoneNumberUtil::NO_PARSING_ERROR)
    return {};
  std::string region;
  plans.GetRegionCodeForNumber(number, &region);
  if (region == unknown_region)
    plans.GetRegionCodeForCountryCode(number.country_code(), &region);
  return country_or_nothing(region);
}

}  // namespace parley::routing
