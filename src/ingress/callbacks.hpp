#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/envelope.hpp"
#include "actors/switchboard.hpp"
#include "parley/carrier/form.hpp"
#include "parley/carrier/twilio.hpp"
#include "parley/http/server.hpp"
#include "parley/model/directory.hpp"
#include "parley/model/directory_cell.hpp"
#include "parley/model/error.hpp"
#include "src/ingress/admission.hpp"
#include "src/ingress/ingress_counts.hpp"
#include "src/ingress/rare_warning.hpp"

namespace parley::ingress {

/// Why a callback is not taken.
struct callback_refusal {
  model::errc code = model::errc::malformed;
  std::string detail;
};

/// The carriers' side: `POST /carriers/twilio/{link}/inbound` and `/status`. The hot path: runs on
/// the I/O thread, takes no lock, and makes one envelope.
class callbacks {
public:
  callbacks(const model::directory_cell& directory, const actors::switchboard& board,
            admission& admitted, ingress_counts& counts, std::size_t parameters_max,
            std::size_t lanes);

  /// Empty when the callback was admitted: its settlement answers. Takes the body.
  [[nodiscard]] std::optional<callback_refusal> take(http::request& incoming, http::ticket where);

  /// Passes on what was admitted on this lane since the last time. Called on the lane's thread.
  void pass_on(std::uint32_t lane);

private:
  /// Commands on their way to their numbers. Passed on in bursts: waking a sleeping worker for each
  /// would cost a system call a message.
  struct admitted_command {
    const actors::number_actor* to;
    actors::envelope_ptr what;
  };
  /// One a lane, on a cache line of its own.
  struct alignas(64) burst {
    model::directory_view directory;
    std::vector<admitted_command> commands;
  };

  enum class kind : std::uint8_t { inbound, status };
  struct target {
    model::directory::link_entry at;
    kind what = kind::inbound;
  };

  [[nodiscard]] static std::optional<target> find(const model::directory& known,
                                                  std::string_view path);
  [[nodiscard]] std::optional<callback_refusal> check(const http::request& incoming,
                                                      const target& to,
                                                      const carrier::form& body);
  [[nodiscard]] callback_refusal refuse_content(const http::request& incoming, const target& to);
  [[nodiscard]] callback_refusal unsigned_callback(const model::link& link);
  [[nodiscard]] callback_refusal unknown_link();
  [[nodiscard]] callback_refusal unknown_number(const model::link& link);
  [[nodiscard]] std::optional<callback_refusal> admit(const model::directory& known,
                                                      const target& to,
                                                      carrier::twilio_callback&& understood,
                                                      http::ticket where);

  const actors::switchboard& board_;
  admission& admitted_;
  ingress_counts& counts_;
  const std::size_t parameters_max_;
  std::vector<burst> bursts_;
  rare_warning unknown_links_;
  rare_warning unknown_numbers_;
  rare_warning bad_signatures_;
};

}  // namespace parley::ingress
