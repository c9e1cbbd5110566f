#include "bench/mixed.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "bench/api_client.hpp"
#include "bench/bulk_upload.hpp"
#include "bench/ingest.hpp"
#include "bench/random.hpp"
#include "bench/receipts.hpp"
#include "bench/report.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;
using duration = std::chrono::duration<double>;

/// What the carrier gets, by who sent it.
struct carrier_side {
  receipts replies;
  receipts bulk;
};

/// The replies of one part of the run.
struct reply_part {
  measurement accepted;
  measurement delivered;
  bool complete = false;
};

std::size_t replies_of_part(const mixed_settings& settings) {
  return static_cast<std::size_t>(std::ceil(settings.reply_rate_per_s * settings.seconds));
}

load_generator make_generator(const mixed_settings& settings, const traffic& what) {
  return load_generator{{.target = what.target, .connections = settings.connections, .threads = 1}};
}

std::vector<api_conversation> open_conversations(const mixed_settings& settings,
                                                 const traffic& what, api_client& api,
                                                 load_generator& generator) {
  const auto requests = inbound_requests(what, 0, settings.conversations, pair_order::sequential);
  const auto load = generator.run({.requests = &requests, .first = 0, .count = requests.size()});
  if (!clean(load))
    throw std::runtime_error(
      fmt::format("{} of {} inbound callbacks were not accepted", load.failed(), load.sent));
  auto conversations = api.conversations(settings.conversations);
  if (conversations.empty())
    throw std::runtime_error("the broker lists no conversation that somebody takes part in");
  return conversations;
}

request_block make_replies(const mixed_settings& settings, const traffic& what,
                           const std::vector<api_conversation>& conversations) {
  request_block requests;
  for (std::size_t i = 0; i < 2 * replies_of_part(settings); ++i)
    requests.add(reply_request(what.target, settings.api_key,
                               conversations[i % conversations.size()], numbered_text(i),
                               fmt::format("{:016x}-{}", what.seed, i)));
  return requests;
}

/// Sends the replies `first` and those that follow, at their rate.
reply_part send_replies(const mixed_settings& settings, const request_block& requests,
                        std::size_t first, load_generator& generator, const receipts& carrier) {
  std::vector<clock::time_point> intended(requests.size());
  const load_plan plan{.requests = &requests,
                       .first = first,
                       .count = replies_of_part(settings),
                       .rate_per_s = settings.reply_rate_per_s,
                       .intended = &intended};
  const auto before = carrier.count();
  reply_part part;
  part.accepted = measure(generator, plan, settings.broker);
  part.complete
    = carrier.wait_for(before + part.accepted.load.succeeded, duration{settings.settle_s});
  part.delivered.load = end_to_end(carrier.since(before), intended, part.accepted.load);
  return part;
}

/// Callbacks at a fixed rate on a thread of their own, for as long as a part takes.
class inbound_load {
public:
  inbound_load(const mixed_settings& settings, const traffic& what)
    : requests_(inbound_requests(
      what, settings.conversations,
      static_cast<std::size_t>(std::ceil(settings.inbound_rate_per_s * settings.seconds)),
      pair_order::random)),
      generator_(make_generator(settings, what)), rate_per_s_(settings.inbound_rate_per_s) {}
  ~inbound_load() {
    if (thread_.joinable())
      thread_.join();
  }
  inbound_load(const inbound_load&) = delete;
  inbound_load& operator=(const inbound_load&) = delete;

  void start() {
    if (requests_.size() == 0)
      return;
    thread_ = std::thread{[this] {
      try {
        result_.load = generator_.run({.requests = &requests_,
                                       .first = 0,
                                       .count = requests_.size(),
                                       .rate_per_s = rate_per_s_});
      } catch (...) {
        failure_ = std::current_exception();
      }
    }};
  }
  /// Waits for the end.
  const measurement& finish() {
    if (thread_.joinable())
      thread_.join();
    if (failure_)
      std::rethrow_exception(std::exchange(failure_, nullptr));
    return result_;
  }
  [[nodiscard]] std::size_t size() const noexcept { return requests_.size(); }

private:
  request_block requests_;
  load_generator generator_;
  double rate_per_s_;
  measurement result_;
  std::exception_ptr failure_;
  std::thread thread_;
};

/// Uploads the job and waits until the carrier has its first message; the job's id.
std::string start_bulk(const mixed_settings& settings, const traffic& what,
                       std::uint64_t first_ordinal, const receipts& bulk) {
  bulk_order order;
  order.from = what.number_base;
  order.user = "agent1";
  order.first_ordinal = first_ordinal;
  order.lines = settings.bulk_lines;
  order.idempotency_key = fmt::format("{:016x}-bulk", what.seed);
  const auto answer
    = upload(what.target, bulk_request(what.target, settings.api_key, order),
             std::chrono::duration_cast<std::chrono::milliseconds>(duration{settings.settle_s}));
  boost::json::error_code failed;
  const auto job_json = boost::json::parse(answer.body, failed);
  if (answer.status != 202 || failed || !job_json.is_object())
    throw std::runtime_error(
      fmt::format("the bulk upload was answered {} {}", answer.status, answer.body.substr(0, 500)));
  if (!bulk.wait_for(1, duration{settings.settle_s}))
    throw std::runtime_error("the bulk job does not begin");
  return std::string{job_json.at("id").as_string()};
}

void cancel_bulk(const mixed_settings& settings, const traffic& what, const std::string& id) {
  const auto request
    = fmt::format("POST /v1/bulk/{}/cancel HTTP/1.1\r\nHost: {}:{}\r\nAuthorization: Bearer {}\r\n"
                  "Content-Length: 0\r\n\r\n",
                  id, what.target.host, what.target.port, settings.api_key);
  const auto answer = upload(what.target, request, std::chrono::seconds{30});
  if (answer.status != 200 && answer.status != 409)  // It may just have ended.
    fmt::print(stderr, "cancelling the bulk job was answered {}\n", answer.status);
}

double p99_ratio(const load_result& loaded, const load_result& idle) {
  const auto below = static_cast<double>(idle.latency_ns.at(0.99));
  return below > 0 ? static_cast<double>(loaded.latency_ns.at(0.99)) / below : 0.0;
}

boost::json::object describe(const mixed_settings& settings, const traffic& what,
                             std::size_t bulk_received, bool bulk_throughout) {
  return {{"command", "mixed"},
          {"target", settings.target},
          {"numbers", what.numbers},
          {"conversations", settings.conversations},
          {"reply_rate_per_s", settings.reply_rate_per_s},
          {"inbound_rate_per_s", settings.inbound_rate_per_s},
          {"seconds", settings.seconds},
          {"reports", settings.reports},
          {"seed", what.seed},
          {"bulk_lines", settings.bulk_lines},
          {"bulk_received_meanwhile", bulk_received},
          {"bulk_ran_throughout", bulk_throughout}};
}

/// What a run came to.
struct mixed_result {
  const reply_part& idle;
  const reply_part& loaded;
  const measurement* inbound;  // Null: there was none.
};

void report(const mixed_result& what, boost::json::object result, const std::string& file) {
  const auto& [idle, loaded, inbound] = what;
  print("mixed: replies alone", idle.accepted);
  print("mixed: replies alone, as far as the carrier", idle.delivered);
  print("mixed: replies under load", loaded.accepted);
  print("mixed: replies under load, as far as the carrier", loaded.delivered);
  boost::json::object also{{"alone", to_json(idle.accepted)},
                           {"alone-to-carrier", to_json(idle.delivered)},
                           {"to-carrier", to_json(loaded.delivered)}};
  if (inbound != nullptr) {
    print("mixed: callbacks meanwhile", *inbound);
    also["inbound"] = to_json(*inbound);
  }
  const auto ratio = p99_ratio(loaded.accepted.load, idle.accepted.load);
  const auto ratio_to_carrier = p99_ratio(loaded.delivered.load, idle.delivered.load);
  fmt::print("  bulk: {} messages at the carrier meanwhile{}\n",
             boost::json::serialize(result["bulk_received_meanwhile"]),
             result["bulk_ran_throughout"] == true ? "" : "; no job ran to the end of the replies");
  fmt::print("  p99 of a reply under load / alone: {:.2f}; as far as the carrier: {:.2f}\n", ratio,
             ratio_to_carrier);
  result["p99_ratio"] = ratio;
  result["p99_ratio_to_carrier"] = ratio_to_carrier;
  result["result"] = to_json(loaded.accepted);
  result["also"] = std::move(also);
  write_json(file, result);
}

}  // namespace

int run_mixed(const mixed_settings& settings, traffic what) {
  what.target = endpoint::parse(settings.target);
  what.pairs = settings.conversations;
  if (what.seed == 0)
    what.seed = fresh_seed();
  const auto replies = 2 * replies_of_part(settings);
  carrier_side got;
  auto options
    = measuring_carrier(settings.carrier_listen, what.token, settings.reports, got.replies);
  options.observer = [&got, replies](const send_record& request) {
    const auto ordinal = ordinal_in(request.body);
    (ordinal && *ordinal < replies ? got.replies : got.bulk).note(request);
  };
  carrier_simulator carrier{options};
  carrier.start();
  api_client api{what.target, settings.api_key};
  auto generator = make_generator(settings, what);
  const auto conversations = open_conversations(settings, what, api, generator);
  const auto requests = make_replies(settings, what, conversations);
  inbound_load inbound{settings, what};

  const auto idle = send_replies(settings, requests, 0, generator, got.replies);
  std::string bulk_id;
  if (settings.bulk_lines > 0)
    // None of its recipients is one of the conversations'.
    bulk_id = start_bulk(settings, what, std::max(replies, settings.conversations), got.bulk);
  const auto bulk_before = got.bulk.count();
  inbound.start();
  const auto loaded = send_replies(settings, requests, replies / 2, generator, got.replies);
  const auto bulk_received = got.bulk.count() - bulk_before;
  const auto bulk_throughout = bulk_before + bulk_received < settings.bulk_lines;
  if (!bulk_id.empty())
    cancel_bulk(settings, what, bulk_id);
  const auto& callbacks = inbound.finish();

  report({idle, loaded, inbound.size() > 0 ? &callbacks : nullptr},
         describe(settings, what, bulk_received, bulk_throughout), settings.json_file);
  const auto inbound_clean = inbound.size() == 0 || clean(callbacks.load);
  return idle.complete && loaded.complete && inbound_clean && clean(idle.accepted.load)
             && clean(loaded.accepted.load)
           ? 0
           : 1;
}

void add_mixed(CLI::App& app, subcommand& chosen) {
  auto* command
    = app.add_subcommand("mixed", "replies alone, and under callbacks, reports and a bulk job");
  const auto settings = std::make_shared<mixed_settings>();
  const auto what = std::make_shared<traffic>();
  add_traffic_options(*command, *what);
  command->add_option("--target", settings->target, "http://HOST:PORT of the broker")
    ->capture_default_str();
  command->add_option("--api-key", settings->api_key, "of the application side")
    ->capture_default_str();
  command
    ->add_option("--carrier-listen", settings->carrier_listen,
                 "where the carrier simulator of this run listens: the link's api_base")
    ->capture_default_str();
  command->add_option("--conversations", settings->conversations, "to reply in")
    ->check(CLI::Range(1, 4'000'000))
    ->capture_default_str();
  command->add_option("--reply-rate", settings->reply_rate_per_s, "replies per second, open loop")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  command
    ->add_option("--inbound-rate", settings->inbound_rate_per_s,
                 "callbacks per second under load, open loop; 0: none")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  command
    ->add_option("--bulk-lines", settings->bulk_lines,
                 "of the job that runs meanwhile, from the first number; 0: none")
    ->check(CLI::Range(0, 20'000'000))
    ->capture_default_str();
  command->add_flag("--reports,!--no-reports", settings->reports,
                    "the carrier reports sent and delivered (default)");
  command->add_option("--seconds", settings->seconds, "of replies alone, and of those under load")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  command->add_option("--connections", settings->connections, "of replies; as many of callbacks")
    ->check(CLI::Range(1, 10'000))
    ->capture_default_str();
  command->add_option("--settle-s", settings->settle_s, "how long nothing may move")
    ->capture_default_str();
  command->add_option("--broker-pid", settings->broker, "whose CPU and writes are reported");
  command->add_option("--json", settings->json_file, "where to write the result");
  command->callback([&chosen, settings, what] {
    chosen = [settings, what] { return run_mixed(*settings, *what); };
  });
}

}  // namespace parley::bench
