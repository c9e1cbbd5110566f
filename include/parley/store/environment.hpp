#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace parley::store {

/// The store cannot be opened, read or written; the message says what and where.
class store_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A record, snapshot or row whose bytes are not what was written: a checksum, a version or a link
/// of the chain is wrong. Names the table and key.
class corruption_error : public store_error {
public:
  using store_error::store_error;
};

struct environment_options {
  std::filesystem::path directory;  ///< Created when missing.
  std::size_t map_bytes_max = 0;    ///< Address space, sparse: not memory, not disk.
  bool read_only = false;
  /// How much of the map may count as this process's resident memory; 0 is any. The page cache
  /// keeps what is let go of.
  std::size_t mapped_bytes_max = 0;
};

/// Owns the LMDB environment and its tables. One per process and directory: a second `serve` on the
/// same directory is refused (a lock file), readers of other processes (`backup`, `verify`) are
/// not.
class environment {
public:
  /// Opens, or creates with every table. Throws `store_error`.
  explicit environment(const environment_options& options);
  ~environment();
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

  /// Writes a consistent copy while the broker runs. The file must not exist. Throws `store_error`.
  void copy_to(const std::filesystem::path& file) const;

  /// Bytes of the data file that are in use.
  [[nodiscard]] std::uint64_t used_bytes() const;

  struct impl;
  [[nodiscard]] impl& inside() const noexcept { return *impl_; }

private:
  std::unique_ptr<impl> impl_;
};

}  // namespace parley::store
