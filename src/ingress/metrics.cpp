#include "src/ingress/metrics.hpp"

#include "actors/link_gate.hpp"
#include "src/ingress/process_usage.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

namespace parley::ingress {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

double value_of(const std::atomic<std::uint64_t>& counter) noexcept {
  return static_cast<double>(counter.load(std::memory_order_relaxed));
}

double value_of(const std::atomic<std::int64_t>& gauge) noexcept {
  return static_cast<double>(gauge.load(std::memory_order_relaxed));
}

double value_of(std::uint64_t count) noexcept {
  return static_cast<double>(count);
}

/// Reads the counters where their owners keep them, so that counting costs nothing but an
/// increment.
class collector final : public prometheus::Collectable {
public:
  explicit collector(const metrics_sources& sources) : from_(sources) {}

  std::vector<MetricFamily> Collect() const override {
    std::vector<MetricFamily> all;
    collect_ingress(all);
    collect_actors(all);
    collect_sending(all);
    collect_store(all);
    collect_http(all);
    collect_process(all);
    return all;
  }

private:
  static void add(std::vector<MetricFamily>& all, MetricType type, std::string name,
                  std::string help, double value) {
    prometheus::ClientMetric metric;
    (type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
    all.push_back({std::move(name), std::move(help), type, {std::move(metric)}});
  }
  static void counter(std::vector<MetricFamily>& all, std::string name, std::string help,
                      double value) {
    add(all, MetricType::Counter, std::move(name), std::move(help), value);
  }
  static void gauge(std::vector<MetricFamily>& all, std::string name, std::string help,
                    double value) {
    add(all, MetricType::Gauge, std::move(name), std::move(help), value);
  }

  void collect_ingress(std::vector<MetricFamily>& all) const;
  void collect_actors(std::vector<MetricFamily>& all) const;
  void collect_sending(std::vector<MetricFamily>& all) const;
  void collect_links(std::vector<MetricFamily>& all) const;
  void collect_store(std::vector<MetricFamily>& all) const;
  void collect_http(std::vector<MetricFamily>& all) const;
  static void collect_process(std::vector<MetricFamily>& all);

  const metrics_sources& from_;
};

void collector::collect_ingress(std::vector<MetricFamily>& all) const {
  const auto& counts = from_.counts;
  MetricFamily callbacks{"parley_ingress_callbacks_total", "Carrier callbacks admitted.",
                         MetricType::Counter, {}};
  for (const auto& [kind, count] : {std::pair{"inbound", &counts.callbacks_inbound},
                                    std::pair{"status", &counts.callbacks_status}}) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"kind", kind});
    metric.counter.value = value_of(*count);
    callbacks.metric.push_back(std::move(metric));
  }
  all.push_back(std::move(callbacks));
  MetricFamily refused{"parley_ingress_refused_total", "Requests refused at the door, by code.",
                       MetricType::Counter, {}};
  for (const auto& known : model::errc_table) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"code", std::string{known.name}});
    metric.counter.value = value_of(counts.refused[static_cast<std::size_t>(known.code) - 1]);
    refused.metric.push_back(std::move(metric));
  }
  all.push_back(std::move(refused));
  counter(all, "parley_ingress_api_requests_total", "Authenticated requests of applications.",
          value_of(counts.api_requests));
  counter(all, "parley_ingress_settled_total", "Commands answered once they were durable.",
          value_of(counts.settled));
  counter(all, "parley_ingress_commands_refused_total", "Admitted commands that were refused.",
          value_of(counts.commands_refused));
  gauge(all, "parley_ingress_answers_per_commit_max", "Most commands settled by one commit.",
        value_of(counts.largest_batch));
  gauge(all, "parley_ingress_in_flight", "Commands admitted and not settled.",
        value_of(std::uint64_t{from_.admitted.in_flight()}));
  gauge(all, "parley_ingress_reads_waiting", "Requests that wait for a read thread.",
        value_of(std::uint64_t{from_.reads.waiting()}));
  gauge(all, "parley_ingress_streams_open", "Live streams.", value_of(counts.streams_open));
  gauge(all, "parley_ingress_file_pieces_waiting", "Files and pieces that wait for a thread.",
        value_of(std::uint64_t{from_.disk.waiting()}));
  counter(all, "parley_ingress_files_total", "Files that were uploaded and are kept.",
          value_of(counts.files_kept));
  counter(all, "parley_ingress_streams_total", "Live streams ever opened.",
          value_of(counts.streams_total));
  counter(all, "parley_ingress_stream_events_total", "Events read for live streams.",
          value_of(counts.stream_events));
}

void collector::collect_actors(std::vector<MetricFamily>& all) const {
  const auto& cast = from_.cast;
  gauge(all, "parley_actors_residents", "Conversations in memory.", value_of(cast.residents));
  counter(all, "parley_actors_loaded_total", "Conversations loaded from the store.",
          value_of(cast.loaded));
  counter(all, "parley_actors_passivated_total", "Conversations let go.",
          value_of(cast.passivated));
  counter(all, "parley_actors_conversations_opened_total", "Conversations opened.",
          value_of(cast.conversations_opened));
  MetricFamily messages{"parley_actors_messages_total", "Messages added.", MetricType::Counter, {}};
  for (const auto& [direction, count] : {std::pair{"inbound", &cast.messages_inbound},
                                         std::pair{"outbound", &cast.messages_outbound},
                                         std::pair{"internal", &cast.messages_internal},
                                         std::pair{"note", &cast.notes}}) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"direction", direction});
    metric.counter.value = value_of(*count);
    messages.metric.push_back(std::move(metric));
  }
  all.push_back(std::move(messages));
  counter(all, "parley_actors_duplicates_total", "Commands that had been carried out before.",
          value_of(cast.duplicates));
  counter(all, "parley_actors_delivery_changes_total", "Deliveries moved forward.",
          value_of(cast.delivery_changes));
  counter(all, "parley_actors_reports_parked_total", "Reports kept for a carrier id not known yet.",
          value_of(cast.reports_parked));
  counter(all, "parley_actors_unrouted_total", "Conversations that nobody is responsible for.",
          value_of(cast.unrouted));
  counter(all, "parley_actors_alerts_total", "View changes told to participants.",
          value_of(cast.alerts));
  counter(all, "parley_actors_members_left_out_total", "Team members without the licence.",
          value_of(cast.members_left_out));
  counter(all, "parley_actors_inbox_opened_total", "Conversations opened for team inboxes.",
          value_of(cast.inbox_opened));
  counter(all, "parley_actors_inbox_closed_total", "Conversations of team inboxes closed.",
          value_of(cast.inbox_closed));
  counter(all, "parley_actors_assigned_total",
          "Conversations that team inboxes have given to one of the team.",
          value_of(cast.assigned));
  counter(all, "parley_actors_questions_asked_total", "Questions to data actions.",
          value_of(cast.questions_asked));
  MetricFamily settled{"parley_actors_questions_settled_total",
                       "Questions to data actions, by what came of them.", MetricType::Counter, {}};
  for (const auto& [outcome, count] : {std::pair{"answered", &cast.questions_answered},
                                       std::pair{"failed", &cast.questions_failed},
                                       std::pair{"timed_out", &cast.questions_timed_out}}) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"outcome", outcome});
    metric.counter.value = value_of(*count);
    settled.metric.push_back(std::move(metric));
  }
  all.push_back(std::move(settled));
  counter(all, "parley_actors_media_fetched_total", "Files of inbound messages that are kept.",
          value_of(cast.media_fetched));
  counter(all, "parley_actors_media_failed_total",
          "Files of inbound messages that stayed with the carrier.", value_of(cast.media_failed));
  counter(all, "parley_actors_answers_refused_total",
          "Answers of data actions that were not fit to be obeyed.",
          value_of(cast.answers_refused));
  counter(all, "parley_actors_timers_fired_total", "Timers fired.", value_of(cast.timers_fired));
  counter(all, "parley_actors_directory_changes_total", "Times a changed directory was published.",
          value_of(cast.directory_changes));
  counter(all, "parley_webhook_posts_total", "Tries to tell a webhook's endpoint of an event.",
          value_of(cast.webhook_posts));
  counter(all, "parley_webhook_delivered_total", "Events that webhooks' endpoints have taken.",
          value_of(cast.webhook_delivered));
  counter(all, "parley_webhook_dead_total", "Events that were given up: dead letters.",
          value_of(cast.webhook_dead));
  counter(all, "parley_webhook_dead_dropped_total",
          "Dead letters that left because there were too many.",
          value_of(cast.webhook_dead_dropped));
  counter(all, "parley_actors_contact_flushes_total",
          "Flushes of changed contacts; several changes can share one.",
          value_of(cast.contact_flushes));
}

void collector::collect_sending(std::vector<MetricFamily>& all) const {
  const auto& cast = from_.cast;
  counter(all, "parley_actors_attempts_total", "Sends handed to carriers.",
          value_of(cast.attempts));
  counter(all, "parley_actors_throttled_total", "Sends that a carrier asked to slow down.",
          value_of(cast.throttled));
  counter(all, "parley_actors_unknown_outcomes_total", "Sends whose outcome is not known.",
          value_of(cast.unknown_outcomes));
  gauge(all, "parley_actors_senders_paused", "Numbers whose carrier has asked for a pause.",
        value_of(cast.senders_paused));
  MetricFamily queued{"parley_actors_queued", "Sends without an outcome, by lane.",
                      MetricType::Gauge, {}};
  for (const auto& [lane, count] :
       {std::pair{"reply", &cast.queued_replies}, std::pair{"bulk", &cast.queued_bulk}}) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"lane", lane});
    metric.gauge.value = value_of(*count);
    queued.metric.push_back(std::move(metric));
  }
  all.push_back(std::move(queued));
  collect_links(all);
}

void collector::collect_links(std::vector<MetricFamily>& all) const {
  using circuit = actors::link_gate::circuit;
  MetricFamily open{"parley_actors_link_open",
                    "Whether a link is left alone because attempts over it have failed.",
                    MetricType::Gauge, {}};
  MetricFamily opened{"parley_actors_link_opened_total", "How often it was left alone.",
                      MetricType::Counter, {}};
  MetricFamily in_flight{"parley_actors_link_in_flight", "Attempts over a link that are under way.",
                         MetricType::Gauge, {}};
  for (const auto& link : from_.links.look()) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"link", link.link});
    metric.gauge.value = link.state == circuit::closed ? 0.0 : 1.0;
    open.metric.push_back(metric);
    metric.gauge.value = value_of(std::uint64_t{link.in_flight});
    in_flight.metric.push_back(metric);
    metric.counter.value = value_of(link.opened_total);
    opened.metric.push_back(std::move(metric));
  }
  for (auto* family : {&open, &opened, &in_flight})
    all.push_back(std::move(*family));
}

void collector::collect_store(std::vector<MetricFamily>& all) const {
  const auto journal = from_.journal.counts();
  counter(all, "parley_store_batches_total", "Commits of the journal.", value_of(journal.batches));
  counter(all, "parley_store_events_total", "Events made durable.", value_of(journal.events));
  counter(all, "parley_store_bytes_total", "Bytes of records made durable.",
          value_of(journal.bytes));
  counter(all, "parley_store_snapshots_total", "Snapshots written.", value_of(journal.snapshots));
  counter(all, "parley_store_heads_total", "Pairs whose last event left the tail.",
          value_of(journal.heads));
  counter(all, "parley_store_flush_seconds_total", "Time spent committing.",
          value_of(journal.flush_ns) * 1e-9);
  gauge(all, "parley_store_batch_events_mean", "Events in a commit, on average.",
        journal.batches == 0 ? 0.0 : value_of(journal.events) / value_of(journal.batches));
  gauge(all, "parley_store_waiting", "Appends not yet durable.", value_of(journal.waiting));
  gauge(all, "parley_store_tail_events", "Events that a start would scan.",
        value_of(journal.tail_events));
  gauge(all, "parley_store_last_seq", "The last durable position.", value_of(journal.last_seq));
}

void collector::collect_http(std::vector<MetricFamily>& all) const {
  const auto http = from_.server.counts();
  gauge(all, "parley_http_connections_open", "Connections.", value_of(http.connections_open));
  counter(all, "parley_http_connections_total", "Connections accepted.",
          value_of(http.connections_total));
  counter(all, "parley_http_connections_refused_total", "Connections over the limit.",
          value_of(http.connections_refused));
  counter(all, "parley_http_requests_total", "Requests read.", value_of(http.requests_total));
  counter(all, "parley_http_timeouts_total", "Connections ended by a time limit.",
          value_of(http.timeouts_total));
}

void collector::collect_process(std::vector<MetricFamily>& all) {
  const auto usage = read_process_usage();
  counter(all, "process_cpu_seconds_total", "User and system CPU time.", usage.cpu_s);
  gauge(all, "process_resident_memory_bytes", "Resident memory.", usage.resident_bytes);
}

}  // namespace

std::string render_metrics(const metrics_sources& sources) {
  std::ostringstream page;
  prometheus::TextSerializer{}.Serialize(page, collector{sources}.Collect());
  return std::move(page).str();
}

}  // namespace parley::ingress
