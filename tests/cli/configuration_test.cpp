#include "parley/cli/configuration.hpp"

#include "parley/cli/input_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace parley::cli {
namespace {

using ::testing::HasSubstr;

std::filesystem::path shipped_file() {
  return std::filesystem::path{PARLEY_SOURCE_DIR} / "config" / "parley.toml";
}

configuration from_text(const std::string& text) {
  configuration all;
  apply_file(all, text, "parley.toml");
  return all;
}

/// What a refusal says; empty when there was none.
template <class Work>
std::string refusal_of(const Work& work) {
  try {
    work();
  } catch (const input_error& refused) {
    return refused.what();
  }
  return "";
}

/// Applies variables as if they were the environment.
void apply_variables(configuration& all, const std::map<std::string, std::string>& variables) {
  std::vector<std::string> names;
  for (const auto& [name, value] : variables)
    names.push_back(name);
  const auto read = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };
  apply_environment(all, names, read);
}

// -- the file that is shipped ---------------------------------------------------------------------

TEST(shipped_configuration, holds_the_built_in_defaults) {
  EXPECT_EQ(from_text(read_text(shipped_file())), configuration{});
}

TEST(shipped_configuration, sets_every_option) {
  // Move every option off its default: only what the file sets comes back.
  configuration moved;
  for (auto& each : options(moved)) {
    if (auto* number = std::get_if<number_option>(&each.where))
      *number->value = *number->value == number->min ? number->max : number->min;
    else if (auto* flag = std::get_if<bool*>(&each.where))
      **flag = !**flag;
    else
      *std::get<text_option>(each.where).value = "moved";
  }
  apply_file(moved, read_text(shipped_file()), "parley.toml");
  EXPECT_EQ(moved, configuration{});
}

TEST(options, have_defaults_that_they_accept) {
  configuration defaults;
  for (const auto& each : options(defaults)) {
    if (const auto* number = std::get_if<number_option>(&each.where)) {
      EXPECT_LE(number->min, *number->value) << each.section << "." << each.name;
      EXPECT_GE(number->max, *number->value) << each.section << "." << each.name;
    } else if (const auto* text = std::get_if<text_option>(&each.where)) {
      EXPECT_EQ(text->complaint(*text->value), "") << each.section << "." << each.name;
    }
  }
}

TEST(options, have_names_of_their_own) {
  configuration all;
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const auto& each : options(all))
    EXPECT_TRUE(names.emplace(each.section, each.name).second) << each.section << "." << each.name;
}

// -- what a file sets -----------------------------------------------------------------------------

TEST(configuration_file, changes_only_what_it_names) {
  configuration expected;
  expected.server.listen = "0.0.0.0:80";
  expected.residency.conversations_max = 4;
  expected.security.allow_private_destinations = true;
  EXPECT_EQ(from_text("[server]\nlisten = \"0.0.0.0:80\"\n[residency]\nconversations_max = 4\n"
                      "[security]\nallow_private_destinations = true\n"),
            expected);
}

TEST(configuration_file, may_be_empty) {
  EXPECT_EQ(from_text(""), configuration{});
}

TEST(configuration_file, applies_nothing_when_it_refuses_something) {
  configuration all;
  EXPECT_THROW(apply_file(all, "[log]\nlevel = \"debug\"\n[sever]\n", "f"), input_error);
  EXPECT_EQ(all, configuration{});
}

struct refusal_case {
  std::string name;
  std::string text;
  std::string line;  ///< The whole line that the operator reads.
};

class configuration_refuses : public ::testing::TestWithParam<refusal_case> {};

TEST_P(configuration_refuses, with_file_and_line) {
  EXPECT_EQ(refusal_of([&] { (void)from_text(GetParam().text); }), GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(
  files, configuration_refuses,
  ::testing::Values(
    refusal_case{"an_unknown_section", "[log]\nlevel = \"info\"\n\n[sever]\nlisten = \"x\"\n",
                 "parley.toml:4: there is no section `sever`; there are server, limits, "
                 "residency, store, actors, stream, sender, actions, webhooks, bulk, files, mms, "
                 "security, log"},
    refusal_case{"an_unknown_option", "[residency]\nidle_s = 3\nidle_m = 3\n",
                 "parley.toml:3: [residency] has no option `idle_m`; it has conversations_max, "
                 "idle_s"},
    refusal_case{"an_option_without_section", "level = \"info\"\n",
                 "parley.toml:1: there is no section `level`; there are server, limits, "
                 "residency, store, actors, stream, sender, actions, webhooks, bulk, files, mms, "
                 "security, log"},
    refusal_case{"a_section_that_is_a_value", "log = \"info\"\n",
                 "parley.toml:1: `log` is a section: write [log] above its options"},
    refusal_case{"a_text_for_a_number", "[residency]\n\nidle_s = \"300\"\n",
                 "parley.toml:3: residency.idle_s must be an integer"},
    refusal_case{"a_fraction_for_an_integer", "[residency]\nidle_s = 1.5\n",
                 "parley.toml:2: residency.idle_s must be an integer"},
    refusal_case{"a_number_for_a_flag", "[security]\nallow_private_destinations = 1\n",
                 "parley.toml:2: security.allow_private_destinations must be true or false"},
    refusal_case{"a_number_for_a_text", "[log]\nlevel = 3\n",
                 "parley.toml:2: log.level must be a string"},
    refusal_case{"a_number_below_its_range", "[server]\nio_threads = 0\n",
                 "parley.toml:2: server.io_threads must be from 1 to 64, not 0"},
    refusal_case{"a_number_above_its_range", "[server]\nio_threads = 65\n",
                 "parley.toml:2: server.io_threads must be from 1 to 64, not 65"},
    refusal_case{"an_unknown_level", "[log]\nlevel = \"loud\"\n",
                 "parley.toml:2: log.level must be one of trace, debug, info, warn, error, "
                 "critical, off"},
    refusal_case{"an_address_without_port", "[server]\nlisten = \"localhost\"\n",
                 "parley.toml:2: server.listen must be HOST:PORT, for example 127.0.0.1:8080"},
    refusal_case{"no_directory", "[store]\ndata_dir = \"\"\n",
                 "parley.toml:2: store.data_dir must name a directory"}),
  [](const auto& instance) { return instance.param.name; });

TEST(configuration_file, that_is_no_toml_is_refused_with_its_line) {
  EXPECT_THAT(refusal_of([] { (void)from_text("[log]\nlevel = = 3\n"); }),
              ::testing::StartsWith("parley.toml:2: "));
  EXPECT_THAT(refusal_of([] { (void)from_text("[log]\nlevel = \"info\"\nlevel = \"warn\"\n"); }),
              ::testing::StartsWith("parley.toml:3: "));
}

TEST(configuration_file, that_is_not_there_is_refused_by_name) {
  const std::filesystem::path file{"/nonexistent/parley.toml"};
  EXPECT_THAT(refusal_of([&] { (void)load_configuration(file); }),
              HasSubstr("/nonexistent/parley.toml: cannot be read"));
  EXPECT_THAT(refusal_of([&] { (void)load_configuration(std::filesystem::path{"/tmp"}); }),
              HasSubstr("/tmp: is a directory"));
}

// -- what the environment sets --------------------------------------------------------------------

TEST(environment_variables, override) {
  configuration all;
  apply_variables(all, {{"PARLEY_SERVER_LISTEN", "[::1]:0"},
                        {"PARLEY_SENDER_IDLE_TIMEOUT_MS", "7"},
                        {"PARLEY_SECURITY_ALLOW_PRIVATE_DESTINATIONS", "true"},
                        {"PARLEY_BIN_DIR", "is somebody else's"},
                        {"PATH", "/bin"}});
  configuration expected;
  expected.server.listen = "[::1]:0";
  expected.sender.idle_timeout_ms = 7;
  expected.security.allow_private_destinations = true;
  EXPECT_EQ(all, expected);
}

struct variable_case {
  std::string name;
  std::string variable;
  std::string value;
  std::string line;
};

class environment_refuses : public ::testing::TestWithParam<variable_case> {};

TEST_P(environment_refuses, with_the_name) {
  const auto& given = GetParam();
  configuration all;
  EXPECT_EQ(refusal_of([&] {
              apply_variables(all, {{given.variable, given.value}});
            }),
            "environment variable " + given.line);
  EXPECT_EQ(all, configuration{});
}

INSTANTIATE_TEST_SUITE_P(
  variables, environment_refuses,
  ::testing::Values(
    variable_case{"an_unknown_option", "PARLEY_LOG_LEVL", "info",
                  "PARLEY_LOG_LEVL: [log] has no such option; it has level"},
    variable_case{"an_unknown_level", "PARLEY_LOG_LEVEL", "loud",
                  "PARLEY_LOG_LEVEL: log.level must be one of trace, debug, info, warn, error, "
                  "critical, off"},
    variable_case{"no_number", "PARLEY_RESIDENCY_IDLE_S", "5m",
                  "PARLEY_RESIDENCY_IDLE_S: residency.idle_s must be an integer"},
    variable_case{"an_empty_number", "PARLEY_RESIDENCY_IDLE_S", "",
                  "PARLEY_RESIDENCY_IDLE_S: residency.idle_s must be an integer"},
    variable_case{"a_number_out_of_range", "PARLEY_SERVER_IO_THREADS", "0",
                  "PARLEY_SERVER_IO_THREADS: server.io_threads must be from 1 to 64, not 0"},
    variable_case{"no_flag", "PARLEY_SECURITY_ALLOW_PRIVATE_DESTINATIONS", "1",
                  "PARLEY_SECURITY_ALLOW_PRIVATE_DESTINATIONS: "
                  "security.allow_private_destinations must be true or false"}),
  [](const auto& instance) { return instance.param.name; });

// -- addresses ------------------------------------------------------------------------------------

struct endpoint_case {
  std::string name;
  std::string text;
  std::string host;  ///< Empty: refused.
  std::uint16_t port = 0;
};

class endpoints : public ::testing::TestWithParam<endpoint_case> {};

TEST_P(endpoints, are_read) {
  const auto& given = GetParam();
  const auto found = parse_endpoint(given.text);
  ASSERT_EQ(found.has_value(), !given.host.empty());
  if (found) {
    EXPECT_EQ(found->host, given.host);
    EXPECT_EQ(found->port, given.port);
    EXPECT_EQ(found->text(), given.text);
  }
}

INSTANTIATE_TEST_SUITE_P(
  texts, endpoints,
  ::testing::Values(endpoint_case{"a_name", "localhost:8080", "localhost", 8080},
                    endpoint_case{"version_4", "127.0.0.1:0", "127.0.0.1", 0},
                    endpoint_case{"version_6", "[::1]:65535", "::1", 65535},
                    endpoint_case{"version_6_without_brackets", "::1:80", "", 0},
                    endpoint_case{"no_port", "localhost:", "", 0},
                    endpoint_case{"no_host", ":80", "", 0},
                    endpoint_case{"empty_brackets", "[]:80", "", 0},
                    endpoint_case{"too_large", "localhost:65536", "", 0},
                    endpoint_case{"a_sign", "localhost:+80", "", 0},
                    endpoint_case{"blanks", "localhost: 80", "", 0},
                    endpoint_case{"nothing", "", "", 0}),
  [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace parley::cli
