#include "bench/status.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "bench/api_client.hpp"
#include "bench/carrier_simulator.hpp"
#include "bench/random.hpp"
#include "bench/report.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

// Reports of one send follow each other at about this distance, so that they come in order although
// many connections carry them: first `sent` of a block of sends, then `delivered`, then `read`.
constexpr std::size_t block_sends = 5'000;
constexpr std::size_t sampled_conversations = 200;

load_generator make_generator(const status_settings& settings, const endpoint& target) {
  return load_generator{
    {.target = target, .connections = settings.load.connections, .threads = settings.load.threads}};
}

/// Opens the conversations; every one gets a message from its contact.
void open_conversations(const status_settings& settings, traffic what, load_generator& generator) {
  what.pairs = settings.conversations;
  const auto requests = inbound_requests(what, 0, settings.conversations, pair_order::sequential);
  const auto load = generator.run({.requests = &requests, .first = 0, .count = requests.size()});
  if (!clean(load))
    throw std::runtime_error(
      fmt::format("{} of {} inbound callbacks were not accepted", load.failed(), load.sent));
}

/// Replies in turn in each conversation; what they cost is part of the result.
measurement send_replies(const status_settings& settings, const traffic& what,
                         const std::vector<api_conversation>& conversations,
                         load_generator& generator) {
  request_block requests;
  for (std::size_t i = 0; i < settings.sends; ++i)
    requests.add(reply_request(what.target, settings.api_key,
                               conversations[i % conversations.size()], "On its way to you today.",
                               fmt::format("{:016x}-{}", what.seed, i)));
  auto measured = measure(generator, {.requests = &requests, .first = 0, .count = requests.size()},
                          settings.load.broker);
  if (!clean(measured.load)) {
    print("replies", measured);
    throw std::runtime_error("not every reply was accepted");
  }
  return measured;
}

/// Waits until the carrier has every send, and until the broker knows the ids that it gave: a
/// report for an id that is not known yet would be parked, which is another path.
void settle(const status_settings& settings, const std::vector<api_conversation>& conversations,
            const carrier_simulator& carrier, api_client& api) {
  const auto until = clock::now() + std::chrono::duration<double>(settings.settle_s);
  const auto pause = [&](const char* what) {
    if (clock::now() > until)
      throw std::runtime_error(fmt::format("{}: the carrier got {} of {} sends", what,
                                           carrier.sends().accepted(), settings.sends));
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  };
  while (carrier.sends().accepted() < settings.sends)
    pause("the broker does not hand over its sends");
  const auto step = std::max<std::size_t>(1, conversations.size() / sampled_conversations);
  for (std::size_t i = 0; i < conversations.size(); i += step)
    while (std::ranges::count(api.outbound_provider_ids(conversations[i].id), std::string{}) > 0)
      pause("the broker does not learn the carrier's ids");
}

request_block status_requests(const traffic& what, std::vector<send_record> sends) {
  random_source random{what.seed};
  for (std::size_t i = sends.size(); i > 1; --i)
    std::swap(sends[i - 1], sends[random.below(i)]);
  request_block requests;
  for (std::size_t begin = 0; begin < sends.size(); begin += block_sends) {
    const auto end = std::min(begin + block_sends, sends.size());
    for (const auto* status : {"sent", "delivered", "read"})
      for (auto i = begin; i < end; ++i)
        requests.add(status_request(what, {.message_sid = sends[i].sid,
                                           .status = status,
                                           .to = sends[i].to,
                                           .from = sends[i].from}));
  }
  return requests;
}

}  // namespace

int run_status(const status_settings& settings, traffic what) {
  if (!settings.load.max && settings.load.rate_per_s <= 0)
    throw std::invalid_argument("one of --rate and --max is needed");
  what.target = endpoint::parse(settings.load.target);
  if (what.seed == 0)
    what.seed = fresh_seed();
  carrier_options options;
  options.listen = endpoint::parse(settings.carrier_listen);
  options.auth_token = what.token;
  options.reports = false;  // The reports are what is measured.
  carrier_simulator carrier{options};
  carrier.start();
  api_client api{what.target, settings.api_key};
  auto generator = make_generator(settings, what.target);

  open_conversations(settings, what, generator);
  const auto conversations = api.conversations(settings.conversations);
  if (conversations.empty())
    throw std::runtime_error("the broker lists no conversation that somebody takes part in");
  const auto replies = send_replies(settings, what, conversations, generator);
  const auto handing_over = clock::now();
  settle(settings, conversations, carrier, api);
  fmt::print("{} sends in {} conversations are with the carrier, {:.2f} s after the last reply\n",
             settings.sends, conversations.size(),
             std::chrono::duration<double>(clock::now() - handing_over).count());

  const auto requests = status_requests(what, carrier.sends().accepted_sends());
  const auto measured = measure(generator,
                                {.requests = &requests,
                                 .first = 0,
                                 .count = requests.size(),
                                 .rate_per_s = settings.load.rate_per_s},
                                settings.load.broker);
  print("replies (closed loop)", replies);
  print("status callbacks", measured);
  write_json(settings.load.json_file, {{"command", "status"},
                                       {"target", settings.load.target},
                                       {"mode", settings.load.max ? "max" : "rate"},
                                       {"rate_per_s", settings.load.rate_per_s},
                                       {"connections", settings.load.connections},
                                       {"conversations", conversations.size()},
                                       {"sends", settings.sends},
                                       {"seed", what.seed},
                                       {"replies", to_json(replies)},
                                       {"result", to_json(measured)}});
  return clean(measured.load) ? 0 : 1;
}

}  // namespace parley::bench
