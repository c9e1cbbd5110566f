#include "parley/model/directory_cell.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace parley::model {
namespace {

directory_ptr named(std::string name) {
  std::vector<organization> all(1);
  all.front().index = 1;
  all.front().id = std::move(name);
  return std::make_shared<const directory>(std::move(all));
}

const std::string& name_in(const directory_ptr& what) {
  return what->organizations().front().id;
}

TEST(directory_cell, shows_what_was_published_last) {
  directory_cell cell{named("first")};
  directory_view view{cell};
  EXPECT_EQ(name_in(view.present()), "first");
  cell.publish(named("second"));
  EXPECT_EQ(name_in(cell.present()), "second");
  EXPECT_EQ(name_in(view.present()), "second");
}

TEST(directory_cell, leaves_a_directory_whole_for_whoever_holds_it) {
  directory_cell cell{named("first")};
  const auto begun_with = cell.present();
  cell.publish(named("second"));
  EXPECT_EQ(name_in(begun_with), "first");
}

TEST(directory_cell, keeps_no_directory_that_nobody_holds) {
  directory_cell cell{named("first")};
  directory_view view{cell};
  const std::weak_ptr<const directory> first = view.present();
  cell.publish(named("second"));
  EXPECT_FALSE(first.expired()) << "the view has not looked yet";
  EXPECT_EQ(name_in(view.present()), "second");
  EXPECT_TRUE(first.expired());
}

TEST(directory_cell, never_shows_an_older_one_after_a_newer_one) {
  constexpr int changes = 2000;
  directory_cell cell{named("0")};
  std::thread writer{[&] {
    for (int i = 1; i <= changes; ++i)
      cell.publish(named(std::to_string(i)));
  }};
  directory_view view{cell};
  int seen = 0;
  while (seen < changes) {
    const int now = std::stoi(name_in(view.present()));
    ASSERT_GE(now, seen);
    seen = now;
  }
  writer.join();
}

}  // namespace
}  // namespace parley::model
