#include "src/ingress/admission.hpp"

namespace parley::ingress {

std::optional<model::errc> admission::try_admit() noexcept {
  const auto before = in_flight_.fetch_add(1);
  // Looked at after counting in: whoever closes and then sees an empty count has seen everybody.
  if (closed_.load()) {
    release(1);
    return model::errc::shutting_down;
  }
  if (before >= in_flight_max_) {
    release(1);
    return model::errc::overloaded;
  }
  return std::nullopt;
}

std::optional<model::errc> admission::would_refuse() const noexcept {
  if (closed_.load(std::memory_order_relaxed))
    return model::errc::shutting_down;
  if (in_flight_.load(std::memory_order_relaxed) >= in_flight_max_)
    return model::errc::overloaded;
  return std::nullopt;
}

void admission::release(std::size_t count) noexcept {
  if (count == 0)
    return;
  const auto left = in_flight_.fetch_sub(count) - count;
  if (left != 0 || !awaited_.load())
    return;
  const std::lock_guard lock{mutex_};
  emptied_.notify_all();
}

void admission::close() noexcept {
  closed_.store(true);
}

bool admission::closed() const noexcept {
  return closed_.load(std::memory_order_relaxed);
}

bool admission::wait_until_empty(std::chrono::milliseconds patience) {
  awaited_.store(true);
  std::unique_lock lock{mutex_};
  return emptied_.wait_for(lock, patience, [this] { return in_flight_.load() == 0; });
}

std::size_t admission::in_flight() const noexcept {
  return in_flight_.load(std::memory_order_relaxed);
}

}  // namespace parley::ingress
