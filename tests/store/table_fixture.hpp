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

  /// Every byte of a row, one bit of each flipped in turn; afterwards it is as it was.
  template <class Check>
  void with_each_byte_damaged(MDB_dbi table, std::string_view key, Check&& check) {
    std::string whole;
    {
      const read_transaction txn{*env};
      whole = lmdb::get(txn.get(), table, key).value();
    }
    const auto put = [&](const std::string& value) {
      lmdb::transaction txn{env->inside().env.get(), lmdb::transaction::mode::read_write};
      {
        lmdb::cursor at{txn.get(), table};
        std::ranges::copy(value, at.reserve(key, value.size(), 0));
      }
      std::move(txn).commit();
    };
    for (std::size_t i = 0; i < whole.size(); ++i) {
      auto damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
      put(damaged);
      check();
    }
    put(whole);
  }
};

}  // namespace parley::store
