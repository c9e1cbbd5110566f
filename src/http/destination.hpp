#pragma once

#include "src/http/net.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::http {

/// Where a request goes: a URL, taken apart.
struct destination {
  bool tls = false;
  std::string host;  ///< Lower case; an IPv6 address without its brackets.
  std::uint16_t port = 0;
  std::string authority;  ///< For the `Host` field.
  std::string target;     ///< Path and query; at least `/`.
  /// Scheme, host and port, and the request's pool, if it has one: what connections are shared for.
  std::string origin;
};

/// Takes an absolute http or https URL apart. Nothing when it is anything else, and wherever two
/// readers of the same URL might see different hosts: user information, percent signs or
/// backslashes before the path, control characters or spaces anywhere.
[[nodiscard]] std::optional<destination> parse_url(std::string_view url);

/// The address that `host` spells, when it is no name.
[[nodiscard]] std::optional<net::ip::address> literal_address(const std::string& host);

/// Whether an address belongs to the public internet: not loopback, private, link-local, shared
/// (RFC 6598), multicast, documentation or otherwise special (RFC 6890), nor a form of IPv6 that
/// carries such an IPv4 address.
[[nodiscard]] bool is_public(const net::ip::address& address);

}  // namespace parley::http
