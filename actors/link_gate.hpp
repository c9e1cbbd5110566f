#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "actors/protocol.hpp"
#include "parley/store/rows.hpp"

namespace parley::actors {

/// Limits of each link. No defaults: the configuration states each.
struct link_limits {
  std::size_t in_flight_max = 0;    ///< Attempts over the link at once, of all its numbers.
  std::size_t failures_max = 0;     ///< In a row: then it is left alone for a while.
  std::chrono::milliseconds pause_first{};    ///< So long; then twice as long …
  std::chrono::milliseconds pause_longest{};  ///< … up to this.
};

/// What an attempt has shown of the link.
enum class link_sign : std::uint8_t {
  none,    ///< Nothing: it was not made.
  alive,   ///< The carrier has answered as one that works does, be it with a refusal.
  broken,  ///< No connection, no answer, or a failure of the carrier's own.
};

/// One link's attempts, of all its numbers together: how many at once, and whether any at all.
///
/// The circuit is `closed` while the link works. After `failures_max` failures in a row it opens:
/// nothing is attempted, until a pause with jitter is over. Then it is `probing`: one attempt tells
/// whether it closes, or opens again for twice as long. So a carrier that is down costs one attempt
/// each pause and hardly any time, and no other link's numbers hear of it (I9).
///
/// Bulk leaves a quarter of the places to replies. Who finds none is told `atom::room` when there
/// may be one, replies first, in the order in which they have asked. Callable from any thread.
class link_gate {
public:
  using clock_time = std::chrono::steady_clock::time_point;
  enum class circuit : std::uint8_t { closed, open, probing };

  /// How the gate is passed.
  struct pass {
    bool entered = false;
    bool probe = false;  ///< The one attempt that tells whether the link works again.
    /// When to ask again, if not entered; nothing: the asker is told.
    std::optional<clock_time> again_at{};
  };
  /// What the metrics page shows.
  struct figures {
    std::string link;
    circuit state = circuit::closed;
    std::size_t in_flight = 0;
    std::uint64_t opened_total = 0;
  };

  link_gate(std::string link, const link_limits& limits);

  /// From here on these limits hold.
  void change(const link_limits& limits);

  /// Takes a place for an attempt of `who`, which is told when there is none and it must not ask
  /// again at a certain time.
  [[nodiscard]] pass enter(store::lane lane, const sender_actor& who, clock_time now);
  /// Gives the place back.
  void leave(store::lane lane, bool probe, link_sign shown, clock_time now);
  /// Whoever was told that there may be a place did not need it: the next one is told.
  void pass_on();
  /// Whether what was entered for before may still be handed over: while the circuit is closed, or
  /// as the probe.
  [[nodiscard]] bool still_open_to(bool probe) const noexcept;

  [[nodiscard]] figures look() const;

private:
  /// Who waits for a place, each once, the first first.
  struct waiting_line {
    std::deque<sender_actor> senders;
    std::unordered_set<caf::actor_id> known;
  };

  [[nodiscard]] bool has_place(store::lane lane) const noexcept;
  void learn(bool probe, link_sign shown, clock_time now);
  void open_circuit(clock_time now);
  void close_circuit();
  static void wait(waiting_line& line, const sender_actor& who);
  static void call_one(waiting_line& line);
  void call();
  void call_everybody();

  const std::string link_;
  mutable std::mutex guard_;
  link_limits limits_;
  std::atomic<circuit> state_{circuit::closed};  // Written under the guard.
  bool probe_out_ = false;
  std::size_t in_flight_ = 0;
  std::size_t bulk_in_flight_ = 0;
  std::size_t failures_ = 0;       // In a row.
  std::uint32_t openings_ = 0;     // In a row.
  std::uint64_t opened_total_ = 0;
  clock_time open_until_{};
  waiting_line replies_wait_;
  waiting_line bulk_waits_;
};
using link_gate_ptr = std::shared_ptr<link_gate>;

/// The gates of all links; they live as long as the broker. Callable from any thread.
class link_gates {
public:
  explicit link_gates(const link_limits& usual);

  /// The link's gate; `in_flight_max` 0 stands for what is usual.
  [[nodiscard]] link_gate_ptr of(std::uint32_t organization, const std::string& link,
                                 std::size_t in_flight_max);
  /// In the order of organisations and links.
  [[nodiscard]] std::vector<link_gate::figures> look() const;

private:
  const link_limits usual_;
  mutable std::mutex guard_;
  std::map<std::pair<std::uint32_t, std::string>, link_gate_ptr> gates_;
};

}  // namespace parley::actors
