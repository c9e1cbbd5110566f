#include "parley/routing/time_zone.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace parley::routing {
namespace {

TEST(a_time_zone, is_a_name_of_the_database) {
  for (const auto* name : {"UTC", "Etc/UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
                           "America/Argentina/Buenos_Aires", "US/Eastern"})
    EXPECT_TRUE(is_time_zone(name)) << name;
}

TEST(a_time_zone, is_nothing_else) {
  constexpr auto hostile = std::to_array<std::string_view>({
    "", " ", "Europe", "Europe/", "europe/berlin", "Europe/Berlin ", "/etc/passwd", "localtime",
    "../zoneinfo/Europe/Berlin", "/usr/share/zoneinfo/UTC", "./UTC", "posix/UTC", "right/UTC",
    "tzdata.zi", "zone.tab", "+02:00", "CEST", "Mars/Olympus_Mons"});
  for (const auto name : hostile)
    EXPECT_FALSE(is_time_zone(name)) << name;
  EXPECT_FALSE(is_time_zone(std::string_view("UTC\0", 4)));
  EXPECT_FALSE(is_time_zone(std::string(1 << 20, 'A')));
}

}  // namespace
}  // namespace parley::routing
