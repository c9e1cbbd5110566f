#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "parley/model/directory.hpp"

namespace parley::model {

/// Where the newest directory is published. What was read from it stays whole for as long as it is
/// held: a request goes on with the directory that it began with. Thread-safe.
class directory_cell {
public:
  explicit directory_cell(directory_ptr first);

  /// The newest one. Takes a short lock: whoever asks often has a `directory_view`.
  [[nodiscard]] directory_ptr present() const;
  /// How often there was a new one. It changes after `present` does.
  [[nodiscard]] std::uint64_t version() const noexcept;

  void publish(directory_ptr next);

private:
  mutable std::mutex mutex_;
  directory_ptr present_;
  std::atomic<std::uint64_t> version_{1};
};

/// One thread's way to the newest directory: an atomic load, and the cell's lock only when there is
/// a new one. It keeps the directory that it saw last, also when it is not asked again.
class directory_view {
public:
  /// The cell must outlive the view.
  explicit directory_view(const directory_cell& cell) noexcept : cell_(&cell) {}

  /// Valid until the next call.
  [[nodiscard]] const directory_ptr& present();

private:
  const directory_cell* cell_;
  std::uint64_t seen_ = 0;
  directory_ptr kept_;
};

}  // namespace parley::model
