#include "bench/provision.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iterator>

#include "bench/callbacks.hpp"

namespace parley::bench {

std::string provision_toml(const provision_options& options) {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "[[organization]]\nid = \"demo\"\nname = \"Benchmark\"\n"
                      "time_zone = \"America/New_York\"\n");
  if (options.team > 0)
    fmt::format_to(out, "default_inbox = \"support\"\n");
  fmt::format_to(out, "\n  [[organization.key]]\n  name = \"app\"\n  key = \"demo-key\"\n"
                      "  scopes = [\"*\"]\n");
  // Users are agents of the team, or owners of a number each.
  const auto users = options.team > 0 ? options.team : static_cast<std::size_t>(options.numbers);
  for (std::size_t i = 1; i <= users; ++i)
    fmt::format_to(out,
                   "\n  [[organization.user]]\n  id = \"agent{0}\"\n  name = \"Agent {0}\"\n"
                   "  licence = \"pro_cx\"\n  extension = \"{1}\"\n",
                   i, 1000 + i);
  if (options.team > 0) {
    fmt::format_to(out, "\n  [[organization.team]]\n  id = \"support\"\n  members = [");
    for (std::size_t i = 1; i <= users; ++i)
      fmt::format_to(out, "{}\"agent{}\"", i == 1 ? "" : ", ", i);
    fmt::format_to(out, "]\n\n  [[organization.inbox]]\n  team = \"support\"\n"
                        "  strategy = \"everyone\"\n");
  }
  fmt::format_to(out,
                 "\n  [[organization.link]]\n  id = \"{}\"\n  format = \"twilio\"\n"
                 "  account_sid = \"{}\"\n  auth_token = \"{}\"\n  api_base = \"{}\"\n"
                 "  public_url = \"{}\"\n",
                 options.link, options.account_sid, options.token, options.carrier_url,
                 options.public_url);
  if (options.link_connections > 0)
    fmt::format_to(out, "  connections_max = {}\n", options.link_connections);
  for (std::uint64_t i = 0; i < options.numbers; ++i) {
    fmt::format_to(out,
                   "\n  [[organization.number]]\n  address = \"{}\"\n"
                   "  channels = [\"sms\", \"mms\"]\n  link = \"{}\"\n  rate = {:.3f}\n",
                   number_at(options.number_base, i), options.link, options.rate_per_s);
    if (options.team > 0)
      fmt::format_to(out, "  inbox = \"support\"\n");
    else
      fmt::format_to(out, "  user = \"agent{}\"\n", i + 1);
  }
  return text;
}

}  // namespace parley::bench
