#pragma once

#include "parley/store/verify.hpp"
#include "src/store/environment_impl.hpp"
#include "tests/store/store_fixture.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace parley::store {

/// For tests of one table: reaches behind the back of everything that checks it.
class table_test : public store_test {
protected:
  [[nodiscard]] verification verified() const { return verify(*env, conversation::apply); }
  [[nodiscard]] const tables& in() const { return env->inside().handles; }

  void erase(MDB_dbi table, std::string_view key) const {
    lmdb::transaction txn{env->inside().env.get(), lmdb::transaction::mode::read_write};
    lmdb::erase(txn.get(), table, key);
    std::move(txn).commit();
  }

  [[nodiscard]] std::string value_at(MDB_dbi table, std::string_view key) const {
    const read_transaction txn{*env};
    return std::string{lmdb::get(txn.get(), table, key).value()};
  }

  /// Puts bytes there as they are.
  void put(MDB_dbi table, std::string_view key, std::string_view value) const {
    lmdb::transaction txn{env->inside().env.get(), lmdb::transaction::mode::read_write};
    {
      lmdb::cursor at{txn.get(), table};
      std::ranges::copy(value, at.reserve(key, value.size(), 0));
    }
    std::move(txn).commit();
  }

  /// Every byte of a row, one bit of each flipped in turn; afterwards it is as it was.
  template <class Check>
  void with_each_byte_damaged(MDB_dbi table, std::string_view key, Check&& check) {
    const auto whole = value_at(table, key);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      auto damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
      put(table, key, damaged);
      check();
    }
    put(table, key, whole);
  }
};

}  // namespace parley::store
