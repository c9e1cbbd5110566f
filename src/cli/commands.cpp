#include "parley/cli/commands.hpp"

#include "parley/cli/configuration.hpp"
#include "parley/cli/input_error.hpp"
#include "parley/conversation/rules.hpp"
#include "parley/store/environment.hpp"
#include "parley/store/verify.hpp"
#include "src/cli/serve.hpp"

#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <system_error>

namespace parley::cli {

namespace {

constexpr int work_failed = 1;
constexpr int input_wrong = 2;

/// What the command line said; empty is not given.
struct arguments {
  std::string config;
  std::string data;
  std::string listen;
  std::string provision;
  std::string to;
};

std::optional<std::filesystem::path> path_of(const std::string& given) {
  return given.empty() ? std::nullopt : std::optional<std::filesystem::path>{given};
}

/// Defaults, file, environment, and then what the command line says.
configuration configuration_of(const arguments& given) {
  auto wanted = load_configuration(path_of(given.config));
  if (!given.data.empty())
    wanted.store.data_dir = given.data;
  if (!given.listen.empty()) {
    if (!parse_endpoint(given.listen))
      throw input_error{
        fmt::format("--listen {}: must be HOST:PORT, for example 127.0.0.1:8080", given.listen)};
    wanted.server.listen = given.listen;
  }
  return wanted;
}

store::environment open_to_read(const configuration& wanted) {
  return store::environment{{.directory = wanted.store.data_dir,
                             .map_bytes_max = static_cast<std::size_t>(wanted.store.map_bytes_max),
                             .read_only = true}};
}

int backup(const arguments& given) {
  const auto env = open_to_read(configuration_of(given));
  env.copy_to(given.to);
  fmt::print("copied {} bytes in use to {}\n", env.used_bytes(), given.to);
  return 0;
}

int verify(const arguments& given) {
  const auto env = open_to_read(configuration_of(given));
  const auto found = store::verify(env, conversation::apply);
  for (const auto& fault : found.faults)
    fmt::print("fault: {}\n", fault);
  fmt::print("records {}, pairs {}, snapshots {}, faults {}\n", found.records, found.pairs,
             found.snapshots, found.faults.size());
  return found.faults.empty() ? 0 : work_failed;
}

void add_store_options(CLI::App& command, arguments& given) {
  command.add_option("--config", given.config, "Configuration file (see config/parley.toml)")
    ->type_name("FILE");
  command.add_option("--data", given.data, "Directory of the store; overrides store.data_dir")
    ->type_name("DIR");
}

/// Adds the commands; the one that is given ends up in `chosen`.
void add_commands(CLI::App& app, arguments& given, std::function<int()>& chosen) {
  auto* serving = app.add_subcommand("serve", "Run the broker until SIGTERM or SIGINT");
  add_store_options(*serving, given);
  serving
    ->add_option("--listen", given.listen,
                 "Address and port; overrides server.listen; port 0 picks one")
    ->type_name("HOST:PORT");
  serving
    ->add_option("--provision", given.provision,
                 "Directory file (TOML) to apply before listening; again changes nothing")
    ->type_name("FILE");
  serving->callback(
    [&] { chosen = [&] { return serve(configuration_of(given), path_of(given.provision)); }; });

  auto* copying = app.add_subcommand("backup", "Copy the store, also while the broker runs");
  add_store_options(*copying, given);
  copying->add_option("--to", given.to, "File to write; must not exist")
    ->type_name("FILE")
    ->required();
  copying->callback([&] { chosen = [&] { return backup(given); }; });

  auto* checking = app.add_subcommand("verify", "Check the whole store; exit 1 on any fault");
  add_store_options(*checking, given);
  checking->callback([&] { chosen = [&] { return verify(given); }; });
}

/// Runs what was chosen; whatever goes wrong becomes one line that says what to do.
int run_chosen(const std::function<int()>& chosen) {
  try {
    return chosen();
  } catch (const input_error& wrong) {
    fmt::print(stderr, "parley: {}\n", wrong.what());
    return input_wrong;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "parley: {}\n", failure.what());
    return work_failed;
  }
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app{"Parley, a durable message broker for business conversations"};
  app.name("parley");
  app.set_version_flag("--version", "parley " PARLEY_VERSION);
  app.require_subcommand(1);
  arguments given;
  std::function<int()> chosen;
  add_commands(app, given, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& refusal) {
    // CLI11 prints help and version to stdout and the rest to stderr; its own codes mean nothing
    // here.
    return app.exit(refusal) == 0 ? 0 : input_wrong;
  }
  return run_chosen(chosen);
}

}  // namespace parley::cli
