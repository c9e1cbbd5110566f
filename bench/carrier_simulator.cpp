#include "bench/carrier_simulator.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <utility>
#include <vector>

#include "bench/callbacks.hpp"

#include "parley/carrier/form.hpp"
#include "parley/carrier/twilio_signature.hpp"

namespace parley::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t parameters_max = 64;
constexpr auto early_answer_patience = std::chrono::seconds{1};
constexpr auto retry_pause_first = std::chrono::milliseconds{100};
constexpr auto retry_pause_max = std::chrono::milliseconds{2000};

// Numbers whose throttle is kept; beyond it all of them begin anew, which lets a second's more by.
constexpr std::size_t throttled_numbers_max = 1'000'000;
constexpr const char* unreachable_handset = "30003";

/// Whether something stands in front of the server and takes its address.
bool is_rough(const carrier_options& options) {
  return options.trickle.count() > 0
         || (options.flap.count() > 0 && options.flap_as == flap_kind::refused);
}

http::server_options server_options_of(const carrier_options& options) {
  return {.host = is_rough(options) ? "127.0.0.1" : options.listen.host,
          .port = is_rough(options) ? std::uint16_t{0} : options.listen.port,
          .lanes = 1,
          .connections_max = 10'000,
          .header_bytes_max = 16 * 1024,
          .read_timeout = std::chrono::seconds{10},
          .idle_timeout = std::chrono::seconds{75},
          .write_timeout = std::chrono::seconds{30},
          .websocket_bytes_max = 1024};
}

http::client_options client_options_of() {
  return {.connections_per_origin_max = 64,
          .waiting_max = 100'000,
          .connect_timeout = std::chrono::seconds{5},
          .exchange_timeout = std::chrono::seconds{15},
          .idle_timeout = std::chrono::seconds{30},
          .response_bytes_max = 64 * 1024,
          .allow_private_destinations = true};
}

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

http::response json_answer(int status, std::string body) {
  http::response answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

http::response error_answer(const twilio_error& error) {
  auto answer = json_answer(error.status, to_json(error));
  if (error.status == 429)
    answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

carrier_options seeded(carrier_options options) {
  if (options.seed == 0)
    options.seed = fresh_seed();
  return options;
}

std::size_t number_in(std::string_view query, std::string_view key, std::size_t otherwise) {
  const auto text = carrier::query_value(query, key);
  if (!text)
    return otherwise;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  return error == std::errc{} && end == text->data() + text->size() ? value : otherwise;
}

}  // namespace

/// What becomes of a request to send.
struct carrier_simulator::verdict {
  std::optional<twilio_error> error;
  bool cut = false;
  bool accepted = false;
};

/// The reports of one send that are still to be posted, in the order in which they will be.
struct carrier_simulator::report_chain {
  std::size_t number = 0;
  std::string url;
  std::string account_sid;
  status_report report;  // `status` is the one being posted.
  std::vector<std::string> statuses;
  std::size_t next = 0;
  std::uint32_t attempts = 0;
  clock::time_point first_attempt;
  std::function<void()> after_first;  // Gives the answer that the first report overtook.
};

bool second_limit::take(std::uint32_t per_s, clock::time_point now) {
  while (!taken_at_.empty() && now - taken_at_.front() >= std::chrono::seconds{1})
    taken_at_.pop_front();
  if (taken_at_.size() >= per_s)
    return false;
  taken_at_.push_back(now);
  return true;
}

carrier_simulator::carrier_simulator(carrier_options options)
  : options_(seeded(std::move(options))), book_(options_.log_file, options_.kept_max),
    random_(options_.seed), client_(client_options_of()),
    server_(server_options_of(options_), *this) {}

carrier_simulator::~carrier_simulator() {
  stop();
}

void carrier_simulator::start() {
  started_ = clock::now();
  server_.start();
  if (!is_rough(options_))
    return;
  const auto refuses = options_.flap_as == flap_kind::refused;
  front_.emplace(rough_options{.listen = options_.listen,
                               .inner_port = server_.port(),
                               .trickle = options_.trickle,
                               .flap = refuses ? options_.flap : std::chrono::milliseconds{0}});
  front_->start();
}

std::uint16_t carrier_simulator::port() const noexcept {
  return front_ ? front_->port() : server_.port();
}

void carrier_simulator::stop() {
  if (front_)
    front_->stop();
  // Sends first: they make reports. Then what would post one later, then what is being posted.
  server_.stop();
  later_.stop();
  client_.stop();
}

bool carrier_simulator::chance(double probability) {
  const std::lock_guard lock{random_mutex_};
  return random_.chance(probability);
}

// -- requests -------------------------------------------------------------------------------------

std::size_t carrier_simulator::body_bytes_max(http::method, std::string_view) {
  return 64 * 1024;
}

void carrier_simulator::handle(http::request& incoming, http::ticket where) {
  if (incoming.method == http::method::post) {
    if (const auto account = account_in_path(incoming.path)) {
      handle_send(incoming, *account, where);
      return;
    }
  } else if (incoming.method == http::method::get && incoming.path == "/sends") {
    server_.answer(where, list_sends(incoming.query));
    return;
  } else if (incoming.method == http::method::get && incoming.path == "/carrier") {
    server_.answer(where, take_query(incoming.query));
    return;
  } else if (incoming.method == http::method::get && incoming.path == "/healthz") {
    server_.answer(where, json_answer(200, R"({"status":"ok"})"));
    return;
  }
  server_.answer(where, error_answer(twilio_errors::not_found));
}

http::response carrier_simulator::upgrade(http::request&) {
  return error_answer(twilio_errors::not_found);
}

void carrier_simulator::opened(http::request&, std::shared_ptr<http::websocket>) {
  // nop: `upgrade` accepts none.
}

http::response carrier_simulator::refuse(int status, std::string_view why) {
  return error_answer({status, 20001, why});
}

http::response carrier_simulator::list_sends(std::string_view query) const {
  auto answer = json_answer(
    200, book_.lines(number_in(query, "first", 0), number_in(query, "limit", options_.kept_max)));
  answer.content_type = "application/x-ndjson";
  return answer;
}

// -- sends ----------------------------------------------------------------------------------------

void carrier_simulator::handle_send(http::request& incoming, const std::string& account,
                                    http::ticket where) {
  if (!basic_auth_matches(incoming.header("authorization"), account, options_.auth_token)) {
    server_.answer(where, error_answer(twilio_errors::unauthorized));
    return;
  }
  const carrier::form form{std::move(incoming.body), parameters_max};
  if (!form.ok()) {
    server_.answer(where, error_answer(twilio_errors::malformed));
    return;
  }
  send_record request;
  request.account_sid = account;
  request.to = form.get("To");
  request.from = form.get("From");
  request.body = form.get("Body");
  request.status_callback = form.get("StatusCallback");
  request.received_ms = unix_ms();
  request.received = clock::now();
  if (request.from.empty())
    request.from = form.get("MessagingServiceSid");
  const auto decided = judge(request, form.has("MediaUrl") || form.has("ContentSid"));
  request.accepted = decided.accepted;
  if (request.accepted)
    request.sid = make_sid('S', 'M', options_.seed, sids_++).text;
  const auto status = decided.error ? decided.error->status : 201;
  request.outcome = decided.cut ? "cut" : std::to_string(status);

  auto answer
    = decided.error ? error_answer(*decided.error) : json_answer(201, message_resource(request));
  if (decided.cut)
    answer.status = 0;
  const auto number = book_.add(request);
  if (request.accepted && options_.observer)
    options_.observer(request);
  const auto chain = request.accepted ? plan_reports(number, request) : nullptr;
  if (chain == nullptr) {
    answer_after_latency(where, std::move(answer));
  } else if (chance(options_.report_early_rate)) {
    // The answer follows the first report, or comes without it when nobody takes that. A ticket
    // that was answered is stale, so the second of the two does nothing.
    const auto reply = std::make_shared<http::response>(std::move(answer));
    const auto give = [this, where, reply] { server_.answer(where, *reply); };
    chain->after_first = give;
    later_.call_at(clock::now() + early_answer_patience, give);
    next_report(chain);
  } else {
    answer_after_latency(where, std::move(answer));
    later_.call_at(clock::now() + options_.latency + options_.report_delay,
                   [this, chain] { next_report(chain); });
  }
}

http::response carrier_simulator::take_query(std::string_view query) {
  send_record request;
  request.to = carrier::query_value(query, "to").value_or("");
  request.from = carrier::query_value(query, "from").value_or("");
  request.body = carrier::query_value(query, "text").value_or("");
  request.received_ms = unix_ms();
  request.received = clock::now();
  request.sid = make_sid('S', 'M', options_.seed, sids_++).text;
  request.accepted = true;
  request.outcome = "200";
  book_.add(request);
  if (options_.observer)
    options_.observer(request);
  auto answer = json_answer(200, "ok");
  answer.content_type = "text/plain";
  return answer;
}

carrier_simulator::verdict carrier_simulator::judge(const send_record& request,
                                                    bool has_other_content) {
  const auto refused = [](const twilio_error& error) {
    return verdict{.error = error, .cut = false, .accepted = false};
  };
  if (request.to.empty())
    return refused(twilio_errors::no_to);
  if (!is_e164(request.to))
    return refused(twilio_errors::bad_to);
  if (request.from.empty())
    return refused(twilio_errors::no_from);
  if (request.body.empty() && !has_other_content)
    return refused(twilio_errors::no_body);
  const auto cut = chance(options_.cut_rate);
  if (cut && chance(0.5))
    return {.error = std::nullopt, .cut = true, .accepted = false};
  if (!cut)
    if (const auto error = misbehave(request))
      return refused(*error);
  return {.error = std::nullopt, .cut = cut, .accepted = true};
}

std::optional<twilio_error> carrier_simulator::misbehave(const send_record& request) {
  if (unwell())
    return twilio_errors::unavailable;
  if (over_throttle(request.from))
    return twilio_errors::too_many;
  if (chance(options_.error_rate))
    return twilio_errors::internal;
  if (chance(options_.opt_out_rate))
    return twilio_errors::opted_out;
  return std::nullopt;
}

bool carrier_simulator::unwell() const {
  if (options_.flap.count() == 0 || options_.flap_as != flap_kind::unavailable)
    return false;
  return (clock::now() - started_) / options_.flap % 2 == 1;
}

bool carrier_simulator::over_throttle(const std::string& from) {
  const auto now = clock::now();
  if (options_.number_throttle_per_s > 0) {
    if (by_number_.size() >= throttled_numbers_max)
      by_number_.clear();
    if (!by_number_[from].take(options_.number_throttle_per_s, now))
      return true;
  }
  return options_.throttle_per_s > 0 && !all_.take(options_.throttle_per_s, now);
}

void carrier_simulator::answer_after_latency(http::ticket where, http::response what) {
  if (options_.latency.count() == 0) {
    server_.answer(where, std::move(what));
    return;
  }
  const auto reply = std::make_shared<http::response>(std::move(what));
  later_.call_at(clock::now() + options_.latency,
                 [this, where, reply] { server_.answer(where, std::move(*reply)); });
}

// -- reports --------------------------------------------------------------------------------------

std::shared_ptr<carrier_simulator::report_chain>
carrier_simulator::plan_reports(std::size_t number, const send_record& request) {
  if (!options_.reports || request.status_callback.empty())
    return nullptr;
  std::vector<std::string> order{"sent"};
  const auto failed = chance(options_.report_fail_rate);
  if (failed || options_.reach != report_reach::sent)
    order.emplace_back(failed ? "undelivered" : "delivered");
  if (!failed && options_.reach == report_reach::read)
    order.emplace_back("read");
  if (order.size() > 1 && chance(options_.report_reorder_rate))
    std::swap(order[0], order[1]);
  auto chain = std::make_shared<report_chain>();
  for (const auto& status : order) {
    if (chance(options_.report_drop_rate)) {
      book_.report(number, {.status = status, .answer = 0, .attempts = 0, .dropped = true});
      continue;
    }
    const auto times = chance(options_.report_duplicate_rate) ? 2U : 1U;
    chain->statuses.insert(chain->statuses.end(), times, status);
  }
  if (chain->statuses.empty())
    return nullptr;
  chain->number = number;
  chain->url = request.status_callback;
  chain->account_sid = request.account_sid;
  chain->report.message_sid = request.sid;
  chain->report.to = request.to;
  chain->report.from = request.from;
  return chain;
}

void carrier_simulator::next_report(std::shared_ptr<report_chain> chain) {
  chain->report.status = chain->statuses[chain->next++];
  chain->report.error_code = chain->report.status == "undelivered" ? unreachable_handset : "";
  chain->attempts = 0;
  chain->first_attempt = clock::now();
  post_report(std::move(chain));
}

void carrier_simulator::post_report(std::shared_ptr<report_chain> chain) {
  ++chain->attempts;
  const auto parameters = status_parameters(chain->account_sid, chain->report);
  http::client_request request;
  request.url = chain->url;
  request.headers = {
    {"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"},
    {"User-Agent", "TwilioProxy/1.1"},
    {"X-Twilio-Signature", carrier::twilio_signature(options_.auth_token, chain->url, parameters)}};
  for (const auto& [key, value] : parameters)
    carrier::append_parameter(request.body, key, value);
  client_.send(std::move(request), [this, chain](const http::client_result& result) {
    report_answered(chain, result);
  });
}

void carrier_simulator::report_answered(const std::shared_ptr<report_chain>& chain,
                                        const http::client_result& result) {
  if (const auto answer = std::exchange(chain->after_first, nullptr))
    answer();
  const auto answered = result.outcome == http::exchange_outcome::answered;
  const auto taken = answered && result.status >= 200 && result.status < 300;
  const auto now = clock::now();
  if (!taken && now - chain->first_attempt < options_.report_retry) {
    const auto doublings = std::min(chain->attempts - 1, 5U);
    const auto pause = std::min(retry_pause_first * (1U << doublings), retry_pause_max);
    later_.call_at(now + pause, [this, chain] { post_report(chain); });
    return;
  }
  book_.report(chain->number, {.status = chain->report.status,
                               .answer = answered ? result.status : 0,
                               .attempts = chain->attempts,
                               .dropped = false});
  if (chain->next < chain->statuses.size())
    later_.call_at(now + options_.report_delay, [this, chain] { next_report(chain); });
}

// -- the subcommand -------------------------------------------------------------------------------

int run_carrier(const carrier_options& options) {
  // Blocked before any thread starts, so that only `sigwait` sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  carrier_simulator simulator{options};
  simulator.start();
  fmt::print("parley-bench carrier listening on http://{}:{}\n", options.listen.host,
             simulator.port());
  std::fflush(stdout);
  int which = 0;
  sigwait(&signals, &which);
  simulator.stop();
  return 0;
}

}  // namespace parley::bench
