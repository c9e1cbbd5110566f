#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace parley::bench {

/// A directory for a benchmark: one organisation `demo` with the API key `demo-key`.
struct provision_options {
  std::uint64_t numbers = 100;
  std::string number_base = "+15550100001";
  /// Members of the team whose inbox gets every number; 0: each number belongs to a user of its
  /// own.
  std::size_t team = 0;
  std::string link = "tw";
  std::string account_sid = "AC00000000000000000000000000000001";
  std::string token = "demo-token";
  std::string public_url = "http://127.0.0.1:8080";   ///< Of the broker.
  std::string carrier_url = "http://127.0.0.1:8090";  ///< Of the carrier simulator.
  /// Connections of the link, and so sends over it at once; 0: as the broker's configuration says.
  std::uint64_t link_connections = 0;
  double rate_per_s = 10'000;  ///< Segments per second of each number: no limit in practice.
};

/// The provisioning file (TOML) for it.
[[nodiscard]] std::string provision_toml(const provision_options& options);

}  // namespace parley::bench
