#include "src/http/destination.hpp"

#include "src/http/wire.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace parley::http {

namespace {

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_target_character(char c) {
  return c > ' ' && c < '\x7f' && c != '\\';
}

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, port);
  return result.ec == std::errc{} && result.ptr == end && port != 0;
}

/// Splits `host:port`, `host` or `[address]:port` into `to`.
bool read_authority(std::string_view authority, destination& to) {
  std::string_view port;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos)
      return false;
    to.host = authority.substr(1, bracket - 1);
    const auto rest = authority.substr(bracket + 1);
    has_port = !rest.empty();
    if (has_port && rest.front() != ':')
      return false;
    port = has_port ? rest.substr(1) : rest;
    const auto address = literal_address(to.host);
    if (!address || !address->is_v6() || to.host.find('%') != std::string::npos)
      return false;
  } else {
    const auto colon = authority.find(':');
    has_port = colon != std::string_view::npos;
    to.host = authority.substr(0, colon);
    port = has_port ? authority.substr(colon + 1) : std::string_view{};
    for (auto& c : to.host)
      if (c >= 'A' && c <= 'Z')
        c = static_cast<char>(c - 'A' + 'a');
    constexpr std::size_t host_bytes_max = 253;  // RFC 1035.
    if (to.host.empty() || to.host.size() > host_bytes_max
        || !std::ranges::all_of(to.host, is_host_character))
      return false;
  }
  to.port = to.tls ? 443 : 80;
  return !has_port || read_port(port, to.port);
}

/// A block of addresses that are not of the public internet.
struct block {
  std::uint32_t network;
  int prefix_bits;
};

constexpr auto special_blocks = std::to_array<block>({
  {0x00000000, 8},   // "This network", RFC 791.
  {0x0a000000, 8},   // Private, RFC 1918.
  {0x64400000, 10},  // Shared by carriers' NATs, RFC 6598.
  {0x7f000000, 8},   // Loopback.
  {0xa9fe0000, 16},  // Link-local; the clouds' metadata services live here.
  {0xac100000, 12},  // Private.
  {0xc0000000, 24},  // Protocol assignments, RFC 6890.
  {0xc0000200, 24},  // Documentation.
  {0xc0586300, 24},  // 6to4 relays, RFC 7526.
  {0xc0a80000, 16},  // Private.
  {0xc6120000, 15},  // Benchmarks, RFC 2544.
  {0xc6336400, 24},  // Documentation.
  {0xcb007100, 24},  // Documentation.
  {0xe0000000, 4},   // Multicast.
  {0xf0000000, 4},   // Reserved, and the broadcast address.
});

bool is_public_v4(std::uint32_t address) {
  return std::ranges::none_of(special_blocks, [address](const block& special) {
    return ((address ^ special.network) >> (32 - special.prefix_bits)) == 0;
  });
}

bool is_public_v6(const net::ip::address_v6::bytes_type& bytes) {
  const auto word = [&bytes](std::size_t at) {
    return (std::uint32_t{bytes[at]} << 24) | (std::uint32_t{bytes[at + 1]} << 16)
           | (std::uint32_t{bytes[at + 2]} << 8) | std::uint32_t{bytes[at + 3]};
  };
  if (word(0) == 0 && word(4) == 0 && word(8) == 0x0000ffff)  // ::ffff:0:0/96 is IPv4.
    return is_public_v4(word(12));
  if (word(0) == 0x0064ff9b && word(4) == 0 && word(8) == 0)  // 64:ff9b::/96 is translated to IPv4.
    return is_public_v4(word(12));
  if (word(0) >> 16 == 0x2002)  // 6to4 carries an IPv4 address.
    return is_public_v4((word(0) << 16) | (word(4) >> 16));
  if (word(0) >> 29 != 1)  // Only 2000::/3 is global unicast.
    return false;
  const bool protocols = word(0) >> 9 == 0x20010000u >> 9;  // 2001::/23, with Teredo.
  const bool documentation
    = word(0) == 0x20010db8 || word(0) >> 12 == 0x3fff0000u >> 12;  // RFC 3849, RFC 9637.
  return !protocols && !documentation;
}

}  // namespace

std::optional<net::ip::address> literal_address(const std::string& host) {
  error_code ec;
  auto address = net::ip::make_address(host, ec);
  if (ec)
    return std::nullopt;
  return address;
}

std::optional<destination> parse_url(std::string_view url) {
  destination to;
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos)
    return std::nullopt;
  const auto scheme = url.substr(0, scheme_end);
  to.tls = equal_ignoring_case(scheme, "https");
  if (!to.tls && !equal_ignoring_case(scheme, "http"))
    return std::nullopt;
  url.remove_prefix(scheme_end + 3);
  url = url.substr(0, url.find('#'));
  const auto authority = url.substr(0, url.find_first_of("/?"));
  const auto target = url.substr(authority.size());
  if (!read_authority(authority, to) || !std::ranges::all_of(target, is_target_character))
    return std::nullopt;
  to.authority = authority;
  to.target = target.starts_with('/') ? "" : "/";
  to.target += target;
  to.origin = (to.tls ? "https " : "http ") + to.host + ' ' + std::to_string(to.port);
  return to;
}

bool is_public(const net::ip::address& address) {
  return address.is_v4() ? is_public_v4(address.to_v4().to_uint())
                         : is_public_v6(address.to_v6().to_bytes());
}

}  // namespace parley::http
