#pragma once

#include <functional>
#include <string>

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
  api(api_context context, read_pool& pool, ingress_counts& counts,
      std::function<void(http::ticket, http::response)> answer);

  /// Takes the request, or throws `refusal`. `allow` has the methods of the path when the method is
  /// what was refused.
  void take(http::request& incoming, http::ticket where, std::string& allow);

private:
  void serve(api_function function, const api_call& call) const;

  const api_context context_;
  read_pool& pool_;
  ingress_counts& counts_;
  const std::function<void(http::ticket, http::response)> answer_;
};

}  // namespace parley::ingress
