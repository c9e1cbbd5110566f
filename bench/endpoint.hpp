#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::bench {

/// Where something listens.
struct endpoint {
  std::string host;  ///< An IPv4 address.
  std::uint16_t port = 0;

  /// `http://HOST:PORT`, without a slash at the end.
  [[nodiscard]] std::string url() const;

  /// Reads `HOST:PORT` or `http://HOST:PORT[/]`; `localhost` becomes 127.0.0.1. The generator does
  /// not resolve names. Throws `std::invalid_argument` when it is anything else.
  [[nodiscard]] static endpoint parse(std::string_view text);
};

}  // namespace parley::bench
