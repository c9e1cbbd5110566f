#include "bench/endpoint.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <stdexcept>

namespace parley::bench {

std::string endpoint::url() const {
  return "http://" + host + ":" + std::to_string(port);
}

endpoint endpoint::parse(std::string_view text) {
  const auto whole = std::string{text};
  if (text.starts_with("http://"))
    text.remove_prefix(7);
  if (text.ends_with('/'))
    text.remove_suffix(1);
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    throw std::invalid_argument("'" + whole + "' is not HOST:PORT");
  endpoint result;
  result.host = text.substr(0, colon);
  if (result.host == "localhost")
    result.host = "127.0.0.1";
  const auto digits = text.substr(colon + 1);
  const auto [end, error]
    = std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
  in_addr ignored{};
  if (error != std::errc{} || end != digits.data() + digits.size()
      || inet_pton(AF_INET, result.host.c_str(), &ignored) != 1)
    throw std::invalid_argument("'" + whole + "' is not an IPv4 address and a port");
  return result;
}

}  // namespace parley::bench
