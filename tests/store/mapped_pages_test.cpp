#include "src/store/environment_impl.hpp"
#include "src/store/mapped_file.hpp"
#include "tests/store/store_fixture.hpp"

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace parley::store {
namespace {

/// A store with a few megabytes in it, all of which a walk makes resident.
class mapped_pages : public ::testing::Test {
protected:
  mapped_pages() : name_((std::filesystem::temp_directory_path() / "parley-map-XXXXXX").string()) {
    EXPECT_NE(::mkdtemp(name_.data()), nullptr);
  }
  ~mapped_pages() override { std::filesystem::remove_all(name_); }

  [[nodiscard]] environment open(std::size_t mapped_bytes_max) const {
    return environment{{.directory = name_,
                        .map_bytes_max = std::size_t{1} << 30U,
                        .read_only = false,
                        .mapped_bytes_max = mapped_bytes_max}};
  }

  static constexpr std::size_t values = 4'000;

  static void fill(const environment& env) {
    const std::string value(4'096, 'x');
    lmdb::transaction txn{env.inside().env.get(), lmdb::transaction::mode::read_write};
    for (std::size_t i = 0; i < values; ++i) {
      auto name = "filler" + std::to_string(i);
      auto text = value;
      MDB_val key{name.size(), name.data()};
      MDB_val data{text.size(), text.data()};
      lmdb::check(mdb_put(txn.get(), env.inside().handles.meta, &key, &data, 0), "mdb_put");
    }
    std::move(txn).commit();
  }

  /// Reads every value; returns how many bytes they have.
  static std::size_t walk(const environment& env) {
    std::size_t bytes = 0;
    const read_transaction txn{env};
    for (std::size_t i = 0; i < values; ++i)
      bytes += lmdb::get(txn.get(), txn.in().meta, "filler" + std::to_string(i)).value().size();
    return bytes;
  }

  std::string name_;
};

TEST_F(mapped_pages, are_let_go_of_over_the_limit_and_read_again_as_they_were) {
  const auto env = open(1);
  fill(env);
  const auto before = resident_file_bytes();
  EXPECT_EQ(walk(env), values * 4'096);
  const auto walked = resident_file_bytes();
  EXPECT_GT(walked, before + values * 4'096 / 2);
  env.inside().trim_mapped_pages();
  EXPECT_LT(resident_file_bytes(), walked - values * 4'096 / 2) << "I12";
  EXPECT_EQ(walk(env), values * 4'096);
}

TEST_F(mapped_pages, stay_when_there_is_no_limit) {
  const auto env = open(0);
  fill(env);
  EXPECT_EQ(walk(env), values * 4'096);
  const auto walked = resident_file_bytes();
  env.inside().trim_mapped_pages();
  EXPECT_GT(resident_file_bytes(), walked / 2);
}

}  // namespace
}  // namespace parley::store
