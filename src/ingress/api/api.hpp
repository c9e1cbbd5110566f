#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parley/http/server.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/ingress_counts.hpp"
#include "src/ingress/read_pool.hpp"

namespace parley::ingress {

/// The applications' side: everything under `/v1` but the live stream. Path, key and scope are
/// checked on the I/O thread, which sheds strangers cheaply; the work is done in the read pool, so
/// that a slow disk delays no callback.
class api {
public:
  /// `answer` takes answers from any thread.
  api(api_context context, std::size_t lanes, read_pool& pool, ingress_counts& counts,
      std::function<void(http::ticket, http::response)> answer);

  /// Takes the request, or throws `refusal`. `allow` has the methods of the path when the method is
  /// what was refused.
  void take(http::request& incoming, http::ticket where, std::string& allow);

private:
  /// One a lane, on a cache line of its own.
  struct alignas(64) lane_view {
    model::directory_view directory;
  };

  void serve(api_function function, const api_call& call) const;
  /// The answer, also to what went wrong; nothing when a settlement answers.
  template <class Function>
  [[nodiscard]] std::optional<model::answer> answer_of(const Function& function,
                                                       const api_call& call) const;
  void resume(std::shared_ptr<const api_call> call, api_continuation rest) const;

  api_context context_;
  std::vector<lane_view> lanes_;
  read_pool& pool_;
  ingress_counts& counts_;
  const std::function<void(http::ticket, http::response)> answer_;
};

}  // namespace parley::ingress
