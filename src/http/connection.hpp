#pragma once

#include "parley/http/server.hpp"

#include <cstdint>

namespace parley::http {

/// What a lane asks of its connections, HTTP and WebSocket alike. Called on the lane's thread.
class connection {
public:
  virtual ~connection() = default;
  /// The deadline that the connection set has passed.
  virtual void expire() = 0;
  /// The server stops accepting: ends when nothing is in flight, or as soon as that is so.
  virtual void retire() = 0;
  /// Ends now. May be called again.
  virtual void end() = 0;
  /// The answer to the request that waits.
  virtual void complete(response what) = 0;
};

}  // namespace parley::http
