#include "parley/store/directory_table.hpp"

#include "tests/store/store_fixture.hpp"

namespace parley::store {
namespace {

class directory_table_test : public store_test {
protected:
  directory_table_test() { open_environment(); }

  static model::organization organization(std::uint32_t index, std::string id) {
    model::organization out;
    out.index = index;
    out.id = std::move(id);
    out.users.push_back({"ann", "Ann", model::licence::pro_cx, "100", "ann@example.com"});
    out.numbers.push_back({"+15550000001", {"sms", "mms"}, "twilio-1", {}, "sales", 0.25});
    return out;
  }
};

TEST_F(directory_table_test, comes_back_in_order_of_index) {
  const std::vector all{organization(2, "beta"), organization(1, "acme"),
                        organization(300, "zeta")};
  EXPECT_EQ(save_directory(*env, all), 3U);
  env.reset();
  open_environment();
  EXPECT_EQ(load_directory(*env), (std::vector{all[1], all[0], all[2]}));
}

TEST_F(directory_table_test, writes_only_what_changed) {
  auto one = organization(1, "acme");
  const auto two = organization(2, "beta");
  EXPECT_EQ(save_directory(*env, {one, two}), 2U);
  EXPECT_EQ(save_directory(*env, {one, two}), 0U);
  one.name = "Acme";
  EXPECT_EQ(save_directory(*env, {one, two}), 1U);
  EXPECT_EQ(save_directory(*env, {one}), 1U);
  EXPECT_EQ(load_directory(*env), std::vector{one});
}

TEST_F(directory_table_test, refuses_what_it_could_not_keep_and_keeps_what_it_has) {
  const auto good = organization(1, "acme");
  save_directory(*env, {good});
  auto long_id = organization(2, "beta");
  long_id.users[0].id = std::string(129, 'u');
  EXPECT_THROW(save_directory(*env, {good, long_id}), store_error);
  EXPECT_THROW(save_directory(*env, {organization(0, "none")}), store_error);
  EXPECT_THROW(save_directory(*env, {organization(1, "a"), organization(1, "b")}), store_error);
  EXPECT_EQ(load_directory(*env), std::vector{good});
}

TEST_F(directory_table_test, is_changed_by_the_journal_with_everything_else_of_its_batch) {
  env.reset();
  open();
  auto one = organization(1, "acme");
  const auto two = organization(2, "beta");
  for (const auto& each : {one, two})
    log->append({.rows = std::vector{directory_row(each)}});
  one.users[0].name = "Another";
  log->append({.rows = std::vector{directory_row(one)}});
  settle();
  EXPECT_EQ(load_directory(*env), (std::vector{one, two}));
  EXPECT_EQ(save_directory(*env, {one, two}), 0U) << "the same bytes as a save writes";
}

}  // namespace
}  // namespace parley::store
