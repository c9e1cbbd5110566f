#include "parley/store/environment.hpp"

#include "parley/store/verify.hpp"
#include "src/store/environment_impl.hpp"
#include "tests/store/store_fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

namespace parley::store {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

class environment_test : public store_test {};

TEST_F(environment_test, a_second_writer_is_refused) {
  open_environment();
  EXPECT_THAT([&] { environment second({.directory = directory, .map_bytes_max = map_bytes_max}); },
              ThrowsMessage<store_error>(HasSubstr("another process serves this store")));
  env.reset();
  open_environment();
}

TEST_F(environment_test, creates_its_directory) {
  const auto deep = directory / "deep" / "down";
  const environment made{{.directory = deep, .map_bytes_max = map_bytes_max}};
  EXPECT_TRUE(std::filesystem::exists(deep / "data.mdb"));
  EXPECT_GT(made.used_bytes(), 0U);
}

TEST_F(environment_test, a_reader_creates_nothing) {
  const environment_options options_of_reader{
    .directory = directory / "none", .map_bytes_max = map_bytes_max, .read_only = true};
  EXPECT_THROW(environment{options_of_reader}, store_error);
  EXPECT_FALSE(std::filesystem::exists(directory / "none"));
}

TEST_F(environment_test, a_file_that_is_no_store_is_refused) {
  std::ofstream{directory / "data.mdb"} << std::string(8192, 'x');
  EXPECT_THROW(open_environment(), store_error);
}

TEST_F(environment_test, a_reader_reads_what_a_writer_left) {
  open();
  pair_driver pair{pair_of(1)};
  pair.append(*log, {pair.opened(1, {}), pair.inbound("text", 1)});
  close();
  const environment later{
    {.directory = directory, .map_bytes_max = map_bytes_max, .read_only = true}};
  const auto found = verify(later, conversation::apply);
  EXPECT_EQ(found.records, 2U);
  EXPECT_THAT(found.faults, IsEmpty());
}

TEST_F(environment_test, a_reader_of_an_earlier_versions_store_is_told_what_to_do) {
  open_environment();
  {
    lmdb::transaction txn{env->inside().env.get(), lmdb::transaction::mode::read_write};
    lmdb::check(mdb_drop(txn.get(), env->inside().handles.consents, 1), "mdb_drop");
    std::move(txn).commit();
  }
  env.reset();
  const environment_options options_of_reader{
    .directory = directory, .map_bytes_max = map_bytes_max, .read_only = true};
  EXPECT_THAT([&] { environment{options_of_reader}; },
              ThrowsMessage<store_error>(HasSubstr("no table consents: an earlier version wrote "
                                                   "it; start the broker on it once")));
  open_environment();
  env.reset();
  EXPECT_NO_THROW(environment{options_of_reader});
}

TEST_F(environment_test, a_copy_made_while_writing_is_a_whole_store) {
  open();
  std::atomic<bool> enough{false};
  std::thread writing{[&] {
    pair_driver pair{pair_of(1)};
    pair.append(*log, {pair.opened(1, {}, at_ms(70'000))});
    for (std::uint64_t i = 1; !enough; ++i) {
      sink->wait_for_seq(pair.append(*log, {pair.inbound(std::string(200, 'x'), i)}));
      if (i % 50 == 0)
        pair.snapshot(*log);
    }
  }};
  sink->wait_for_seq(200);
  const auto copy = directory / "copy";
  std::filesystem::create_directory(copy);
  env->copy_to(copy / "data.mdb");
  enough = true;
  writing.join();

  EXPECT_THROW(env->copy_to(copy / "data.mdb"), store_error);  // Nothing is overwritten.
  EXPECT_THROW(env->copy_to(directory / "none" / "data.mdb"), store_error);
  close();
  env = std::make_shared<environment>(
    environment_options{.directory = copy, .map_bytes_max = map_bytes_max});
  const auto found = verify(*env, conversation::apply);
  EXPECT_GE(found.records, 200U);
  EXPECT_THAT(found.faults, IsEmpty());
  recording_sink quiet;
  journal goes_on{env, options, quiet};
  EXPECT_EQ(goes_on.committed(), found.records);
}

}  // namespace
}  // namespace parley::store
