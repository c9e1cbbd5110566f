#include "parley/cli/configuration.hpp"

#include "parley/cli/input_error.hpp"
#include "parley/files/mms_countries.hpp"
#include "src/cli/toml_file.hpp"

#include <spdlog/fmt/fmt.h>
#include <toml++/toml.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <utility>

namespace parley::cli {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t gib = std::int64_t{1} << 30;

std::string listen_complaint(std::string_view text) {
  return parse_endpoint(text) ? "" : "must be HOST:PORT, for example 127.0.0.1:8080";
}

std::string directory_complaint(std::string_view text) {
  return text.empty() ? "must name a directory" : "";
}

std::string public_url_complaint(std::string_view text) {
  const bool absolute = text.starts_with("https://") || text.starts_with("http://");
  if (text.empty() || (absolute && !text.ends_with('/') && text.find(' ') == text.npos))
    return {};
  return "must be empty, or begin with https:// or http:// and not end with a slash";
}

std::string level_complaint(std::string_view text) {
  constexpr auto levels = std::to_array<std::string_view>(
    {"trace", "debug", "info", "warn", "error", "critical", "off"});
  if (std::ranges::find(levels, text) != levels.end())
    return "";
  return fmt::format("must be one of {}", fmt::join(levels, ", "));
}

std::string range_complaint(const number_option& where, std::int64_t value) {
  if (value >= where.min && value <= where.max)
    return "";
  return fmt::format("must be from {} to {}, not {}", where.min, where.max, value);
}

/// `read_timeout_ms` of `[server]` is PARLEY_SERVER_READ_TIMEOUT_MS.
std::string variable_name(std::string_view section, std::string_view name) {
  auto upper = fmt::format("PARLEY_{}_{}", section, name);
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return upper;
}

/// Sets one option from a TOML value.
void set_from_toml(const option& target, const toml::node& node, const std::string& file) {
  const auto refuse = [&](std::string_view why) {
    throw input_error{
      fmt::format("{}: {}.{} {}", place(file, node.source()), target.section, target.name, why)};
  };
  if (const auto* number = std::get_if<number_option>(&target.where)) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value)
      refuse("must be an integer");
    if (const auto why = range_complaint(*number, *value); !why.empty())
      refuse(why);
    *number->value = *value;
  } else if (const auto* flag = std::get_if<bool*>(&target.where)) {
    const auto value = node.value_exact<bool>();
    if (!value)
      refuse("must be true or false");
    **flag = *value;
  } else {
    const auto& text = std::get<text_option>(target.where);
    const auto value = node.value_exact<std::string>();
    if (!value)
      refuse("must be a string");
    if (const auto why = text.complaint(*value); !why.empty())
      refuse(why);
    *text.value = *value;
  }
}

/// Sets one option from a variable's text.
void set_from_variable(const option& target, const std::string& variable, const std::string& text) {
  const auto refuse = [&](std::string_view why) {
    throw input_error{
      fmt::format("environment variable {}: {}.{} {}", variable, target.section, target.name, why)};
  };
  if (const auto* number = std::get_if<number_option>(&target.where)) {
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc{} || stopped != end)
      refuse("must be an integer");
    if (const auto why = range_complaint(*number, value); !why.empty())
      refuse(why);
    *number->value = value;
  } else if (const auto* flag = std::get_if<bool*>(&target.where)) {
    if (text != "true" && text != "false")
      refuse("must be true or false");
    **flag = text == "true";
  } else {
    const auto& where = std::get<text_option>(target.where);
    if (const auto why = where.complaint(text); !why.empty())
      refuse(why);
    *where.value = text;
  }
}

/// The names of a section's options, or of the sections when `section` is empty.
std::string known_names(const std::vector<option>& all, std::string_view section) {
  std::vector<std::string_view> names;
  for (const auto& each : all) {
    const auto name = section.empty() ? each.section : each.name;
    if ((section.empty() || each.section == section) && (names.empty() || names.back() != name))
      names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

void apply_section(const std::vector<option>& all, std::string_view section,
                   const toml::table& values, const std::string& file) {
  for (const auto& [key, value] : by_line(values)) {
    const auto name = key->str();
    const auto target = std::ranges::find_if(
      all, [&](const option& each) { return each.section == section && each.name == name; });
    if (target == all.end())
      throw input_error{fmt::format("{}: [{}] has no option `{}`; it has {}",
                                    place(file, key->source()), section, name,
                                    known_names(all, section))};
    set_from_toml(*target, *value, file);
  }
}

}  // namespace

std::vector<option> options(configuration& all) {
  constexpr auto million = std::int64_t{1'000'000};
  auto& [server, limits, residency, store, actors, stream, sender, actions, webhooks, bulk, files,
         mms, security, log]
    = all;
  return {
    {"server", "listen", text_option{&server.listen, listen_complaint}},
    {"server", "io_threads", number_option{&server.io_threads, 1, 64}},
    {"server", "connections_max", number_option{&server.connections_max, 1, million}},
    {"server", "header_bytes_max", number_option{&server.header_bytes_max, 1'024, million}},
    {"server", "read_timeout_ms", number_option{&server.read_timeout_ms, 1, day_ms}},
    {"server", "idle_timeout_ms", number_option{&server.idle_timeout_ms, 1, day_ms}},
    {"server", "write_timeout_ms", number_option{&server.write_timeout_ms, 1, day_ms}},
    {"server", "websocket_bytes_max", number_option{&server.websocket_bytes_max, 125, gib}},
    {"limits", "commands_in_flight_max", number_option{&limits.commands_in_flight_max, 1, million}},
    {"limits", "callback_body_bytes_max", number_option{&limits.callback_body_bytes_max, 1, gib}},
    {"limits", "api_body_bytes_max", number_option{&limits.api_body_bytes_max, 1, gib}},
    {"limits", "form_parameters_max", number_option{&limits.form_parameters_max, 1, million}},
    {"limits", "json_depth_max", number_option{&limits.json_depth_max, 1, 256}},
    {"limits", "read_threads", number_option{&limits.read_threads, 1, 64}},
    {"limits", "reads_waiting_max", number_option{&limits.reads_waiting_max, 1, million}},
    {"limits", "directory_entries_max",
     number_option{&limits.directory_entries_max, 1, 10 * million}},
    {"limits", "streams_max", number_option{&limits.streams_max, 0, million}},
    {"limits", "stream_page_max", number_option{&limits.stream_page_max, 1, 100'000}},
    {"limits", "retry_after_s", number_option{&limits.retry_after_s, 1, 3'600}},
    {"residency", "conversations_max",
     number_option{&residency.conversations_max, 1, 1'000 * million}},
    {"residency", "idle_s", number_option{&residency.idle_s, 1, 30 * day_ms / 1'000}},
    {"store", "data_dir", text_option{&store.data_dir, directory_complaint}},
    {"store", "map_bytes_max",
     number_option{&store.map_bytes_max, 16 * 1'048'576, 64 * 1'024 * gib}},
    {"store", "mapped_bytes_max", number_option{&store.mapped_bytes_max, 0, 64 * 1'024 * gib}},
    {"store", "tail_events_max", number_option{&store.tail_events_max, 1, 1'000 * million}},
    {"store", "snapshot_events_max", number_option{&store.snapshot_events_max, 1, 10'000}},
    {"store", "batch_bytes_max", number_option{&store.batch_bytes_max, 65'536, gib}},
    {"actors", "worker_threads", number_option{&actors.worker_threads, 1, 256}},
    {"actors", "timers_page_max", number_option{&actors.timers_page_max, 1, million}},
    {"stream", "presence_grace_s",
     number_option{&stream.presence_grace_s, 0, day_ms / 1'000}},
    {"sender", "window_max", number_option{&sender.window_max, 1, 100'000}},
    {"sender", "window_replies_min", number_option{&sender.window_replies_min, 0, 100'000}},
    {"sender", "outbox_page_max", number_option{&sender.outbox_page_max, 1, million}},
    {"sender", "validity_h", number_option{&sender.validity_h, 1, 24 * 35}},
    {"sender", "schedule_ahead_min_s",
     number_option{&sender.schedule_ahead_min_s, 1, 24 * 3'600}},
    {"sender", "connections_per_origin_max",
     number_option{&sender.connections_per_origin_max, 1, 10'000}},
    {"sender", "waiting_max", number_option{&sender.waiting_max, 1, million}},
    {"sender", "connect_timeout_ms", number_option{&sender.connect_timeout_ms, 1, day_ms}},
    {"sender", "exchange_timeout_ms", number_option{&sender.exchange_timeout_ms, 1, day_ms}},
    {"sender", "idle_timeout_ms", number_option{&sender.idle_timeout_ms, 1, day_ms}},
    {"sender", "response_bytes_max", number_option{&sender.response_bytes_max, 1'024, gib}},
    {"sender", "link_failures_max", number_option{&sender.link_failures_max, 1, million}},
    {"sender", "link_pause_ms", number_option{&sender.link_pause_ms, 1, day_ms}},
    {"sender", "link_pause_longest_ms",
     number_option{&sender.link_pause_longest_ms, 1, day_ms}},
    {"actions", "in_flight_max", number_option{&actions.in_flight_max, 1, 10'000}},
    {"actions", "waiting_max", number_option{&actions.waiting_max, 1, million}},
    {"actions", "timeout_ms", number_option{&actions.timeout_ms, 1, 60'000}},
    {"actions", "tries", number_option{&actions.tries, 1, 10}},
    {"webhooks", "in_flight_max", number_option{&webhooks.in_flight_max, 1, 1'000}},
    {"webhooks", "window_max", number_option{&webhooks.window_max, 1, million}},
    {"webhooks", "window_bytes_max", number_option{&webhooks.window_bytes_max, 1, 1LL << 32}},
    {"webhooks", "timeout_ms", number_option{&webhooks.timeout_ms, 1, 600'000}},
    {"webhooks", "retry_first_ms", number_option{&webhooks.retry_first_ms, 1, 86'400'000}},
    {"webhooks", "retry_longest_ms", number_option{&webhooks.retry_longest_ms, 1, 86'400'000}},
    {"webhooks", "retry_for_s", number_option{&webhooks.retry_for_s, 0, 31'536'000}},
    {"webhooks", "log_entries_max", number_option{&webhooks.log_entries_max, 1, million}},
    {"webhooks", "dead_letters_max", number_option{&webhooks.dead_letters_max, 1, million}},
    {"webhooks", "replays_max", number_option{&webhooks.replays_max, 1, million}},
    {"bulk", "uploads_max", number_option{&bulk.uploads_max, 0, 10'000}},
    {"bulk", "threads", number_option{&bulk.threads, 1, 64}},
    {"bulk", "line_bytes_max", number_option{&bulk.line_bytes_max, 256, million}},
    {"bulk", "refused_lines_max", number_option{&bulk.refused_lines_max, 0, 100 * million}},
    {"bulk", "jobs_open_max", number_option{&bulk.jobs_open_max, 1, million}},
    {"bulk", "in_flight_max", number_option{&bulk.in_flight_max, 1, million}},
    {"bulk", "job_in_flight_max", number_option{&bulk.job_in_flight_max, 1, million}},
    {"bulk", "queued_max", number_option{&bulk.queued_max, 1, million}},
    {"bulk", "progress_interval_ms", number_option{&bulk.progress_interval_ms, 10, day_ms}},
    {"files", "upload_bytes_max", number_option{&files.upload_bytes_max, 1, gib}},
    {"files", "uploads_max", number_option{&files.uploads_max, 0, 100'000}},
    {"files", "threads", number_option{&files.threads, 1, 64}},
    {"files", "waiting_max", number_option{&files.waiting_max, 1, million}},
    {"files", "url_validity_s", number_option{&files.url_validity_s, 1, 365 * day_ms / 1'000}},
    {"files", "public_url", text_option{&files.public_url, public_url_complaint}},
    {"files", "fetches_max", number_option{&files.fetches_max, 1, 1'000}},
    {"files", "fetch_bytes_max", number_option{&files.fetch_bytes_max, 1, gib}},
    {"files", "fetch_timeout_ms", number_option{&files.fetch_timeout_ms, 1, day_ms}},
    {"files", "fetch_tries", number_option{&files.fetch_tries, 1, 100}},
    {"mms", "countries", text_option{&mms.countries, files::mms_countries::complaint}},
    {"security", "allow_private_destinations", &security.allow_private_destinations},
    {"log", "level", text_option{&log.level, level_complaint}},
  };
}

std::string endpoint::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

std::optional<endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return std::nullopt;
  endpoint found{std::string{host}, 0};
  const auto* end = port.data() + port.size();
  const auto [stopped, fault] = std::from_chars(port.data(), end, found.port);
  if (host.empty() || port.empty() || fault != std::errc{} || stopped != end)
    return std::nullopt;
  return found;
}

void apply_file(configuration& all, std::string_view text, const std::string& file) {
  const auto document = parse_toml(text, file);
  configuration changed = all;
  const auto known = options(changed);
  for (const auto& [key, value] : by_line(document)) {
    const auto section = key->str();
    if (std::ranges::find(known, section, &option::section) == known.end())
      throw input_error{fmt::format("{}: there is no section `{}`; there are {}",
                                    place(file, key->source()), section, known_names(known, ""))};
    const auto* values = value->as_table();
    if (values == nullptr)
      throw input_error{fmt::format("{}: `{}` is a section: write [{}] above its options",
                                    place(file, key->source()), section, section)};
    apply_section(known, section, *values, file);
  }
  all = std::move(changed);
}

void apply_environment(configuration& all, const std::vector<std::string>& names,
                       const environment_reader& read) {
  configuration changed = all;
  const auto known = options(changed);
  for (const auto& name : names) {
    const auto target = std::ranges::find_if(
      known, [&](const option& each) { return variable_name(each.section, each.name) == name; });
    if (target != known.end()) {
      if (const auto value = read(name))
        set_from_variable(*target, name, *value);
      continue;
    }
    const auto section = std::ranges::find_if(
      known, [&](const option& each) { return name.starts_with(variable_name(each.section, "")); });
    if (section != known.end())
      throw input_error{fmt::format("environment variable {}: [{}] has no such option; it has {}",
                                    name, section->section, known_names(known, section->section))};
  }
  all = std::move(changed);
}

configuration load_configuration(const std::optional<std::filesystem::path>& file) {
  configuration all;
  if (file)
    apply_file(all, read_text(*file), file->string());
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable{*entry};
    names.emplace_back(variable.substr(0, variable.find('=')));
  }
  std::ranges::sort(names);
  apply_environment(all, names, [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  });
  return all;
}

std::string read_text(const std::filesystem::path& file) {
  std::error_code fault;
  if (std::filesystem::is_directory(file, fault))
    throw input_error{fmt::format("{}: is a directory, not a file", file.string())};
  std::ifstream in{file, std::ios::binary};
  if (!in)
    throw input_error{
      fmt::format("{}: cannot be read; check the path and its permissions", file.string())};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

}  // namespace parley::cli
