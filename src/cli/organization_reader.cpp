#include "src/cli/organization_reader.hpp"

#include "parley/model/directory_rules.hpp"
#include "parley/model/directory_words.hpp"
#include "src/cli/toml_file.hpp"

#include <openssl/evp.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace parley::cli {

namespace {

/// A value by its word.
template <class T>
T one_of(const table_reader& from, std::string_view key, std::string_view otherwise) {
  const auto text = from.text_or(key, otherwise);
  const auto found = model::value_of<T>(text);
  if (!found)
    from.refuse(key, fmt::format("must be one of {}, not `{}`", model::all_words<T>(), text));
  return *found;
}

std::string time_zone(const table_reader& from) {
  auto zone = from.text_or("time_zone", "UTC");
  const bool well_formed
    = !zone.empty() && zone.front() != '/' && zone.find("..") == std::string::npos
      && std::ranges::all_of(zone, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                  || std::string_view{"+-_/"}.find(c) != std::string_view::npos;
         });
  // Without tzdata on the machine nobody can tell, and nothing depends on it yet.
  const std::filesystem::path database{"/usr/share/zoneinfo"};
  std::error_code ignored;
  const bool known = !std::filesystem::is_directory(database, ignored)
                     || std::filesystem::is_regular_file(database / zone, ignored);
  if (!well_formed || !known)
    from.refuse("time_zone", fmt::format("must be a name of the tz database, such as "
                                         "Europe/Berlin, not `{}`",
                                         zone));
  return zone;
}

model::sha256_digest digest_of(std::string_view text) {
  model::sha256_digest digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error{"OpenSSL cannot compute a SHA-256"};
  return digest;
}

/// Reads the tables of one organisation, in an order in which what is referred to comes first.
class organization_reader {
public:
  organization_reader(const toml::table& table, const std::string& file)
    : file_(file), from_(table, "an organization", file, known) {}

  model::organization read() {
    owner_.id = from_.text("id");
    if (!model::is_slug(owner_.id))
      from_.refuse("id", model::slug_fault(owner_.id));
    owner_.name = from_.text_or("name", owner_.id);
    owner_.time_zone = time_zone(from_);
    owner_.close_after_s
      = from_.integer("close_after_s", 1, model::seconds_max).value_or(owner_.close_after_s);
    owner_.inactive_after_s
      = from_.integer("inactive_after_s", 0, model::seconds_max).value_or(owner_.inactive_after_s);
    each("key", &organization_reader::read_key);
    each("user", &organization_reader::read_user);
    each("team", &organization_reader::read_team);
    each("inbox", &organization_reader::read_inbox);
    each("link", &organization_reader::read_link);
    each("number", &organization_reader::read_number);
    each("caller_id_list", &organization_reader::read_caller_id_list);
    owner_.default_inbox = from_.text_or("default_inbox", "");
    if (!owner_.default_inbox.empty() && owner_.find_inbox(owner_.default_inbox) == nullptr)
      from_.refuse("default_inbox", fmt::format("names the inbox `{}`, which there is not",
                                                owner_.default_inbox));
    return std::move(owner_);
  }

private:
  static constexpr auto known = std::to_array<std::string_view>(
    {"id", "name", "time_zone", "default_inbox", "close_after_s", "inactive_after_s", "key", "user",
     "team", "inbox", "link", "number", "caller_id_list"});

  void each(std::string_view key, void (organization_reader::*read_one)(const toml::table&)) {
    for (const auto* table : from_.tables(key))
      (this->*read_one)(*table);
  }

  /// Adds a sound entry; another is refused with the line of what is wrong.
  template <class T>
  void add(const table_reader& from, T entry) {
    using kind = model::entry_kind<T>;
    auto& all = owner_.*kind::all;
    if (const auto fault = model::fault_of(owner_, entry))
      refuse(from, *fault);
    if (std::ranges::find(all, entry.*kind::id, kind::id) != all.end())
      from.refuse(kind::id_member,
                  fmt::format("`{}` is taken in this organization", entry.*kind::id));
    all.push_back(std::move(entry));
  }

  [[noreturn]] static void refuse(const table_reader& from, const model::entry_fault& fault) {
    if (fault.element)
      from.refuse(fault.member, *fault.element, fault.why);
    from.refuse(fault.member, fault.why);
  }

  void read_key(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>({"name", "key", "scopes"});
    const table_reader from{table, "a key", file_, fields};
    model::api_key key;
    key.name = from.text("name");
    key.digest = digest_of(from.text("key"));
    key.scopes = from.texts("scopes");
    add(from, std::move(key));
  }

  void read_user(const toml::table& table) {
    static constexpr auto fields
      = std::to_array<std::string_view>({"id", "name", "licence", "extension", "email"});
    const table_reader from{table, "a user", file_, fields};
    model::user user;
    user.id = from.text("id");
    user.name = from.text_or("name", user.id);
    user.licence = one_of<model::licence>(from, "licence", "standard");
    user.extension = from.text_or("extension", "");
    user.email = from.text_or("email", "");
    add(from, std::move(user));
  }

  void read_team(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>({"id", "members"});
    const table_reader from{table, "a team", file_, fields};
    model::team team;
    team.id = from.text("id");
    team.members = from.texts("members");
    add(from, std::move(team));
  }

  void read_inbox(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>(
      {"team", "strategy", "outbound", "auto_reply", "close_after_s", "inactive_after_s",
       "claim_expiry_s"});
    const table_reader from{table, "an inbox", file_, fields};
    model::inbox inbox;
    inbox.team = from.text("team");
    inbox.strategy = one_of<model::assignment_strategy>(from, "strategy", "everyone");
    inbox.outbound = one_of<model::outbound_policy>(from, "outbound", "forbidden");
    inbox.auto_reply = from.text_or("auto_reply", "");
    inbox.close_after_s = from.integer("close_after_s", 1, model::seconds_max);
    inbox.inactive_after_s = from.integer("inactive_after_s", 0, model::seconds_max);
    inbox.claim_expiry_s = from.integer("claim_expiry_s", 0, model::seconds_max).value_or(0);
    add(from, std::move(inbox));
  }

  void read_link(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>(
      {"id", "format", "account_sid", "auth_token", "api_base", "public_url", "unknown_outcome"});
    const table_reader from{table, "a link", file_, fields};
    model::link link;
    link.id = from.text("id");
    link.format = one_of<model::link_format>(from, "format", "");
    link.account_sid = from.text("account_sid");
    link.auth_token = from.text("auth_token");
    link.api_base = from.text("api_base");
    link.public_url = from.text("public_url");
    link.unknown_outcome = one_of<model::unknown_outcome_policy>(from, "unknown_outcome", "hold");
    add(from, std::move(link));
  }

  void read_number(const toml::table& table) {
    static constexpr auto fields
      = std::to_array<std::string_view>({"address", "channels", "link", "user", "inbox", "rate"});
    const table_reader from{table, "a number", file_, fields};
    model::number number;
    number.identifier = from.text("address");
    number.channels = from.texts("channels");
    number.link = from.text("link");
    number.user = from.text_or("user", "");
    number.inbox = from.text_or("inbox", "");
    number.rate_segments_per_s = from.number("rate").value_or(number.rate_segments_per_s);
    add(from, std::move(number));
  }

  void read_caller_id_list(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>({"id", "numbers", "users"});
    const table_reader from{table, "a caller id list", file_, fields};
    model::caller_id_list list;
    list.id = from.text("id");
    list.numbers = from.texts("numbers");
    list.users = from.texts("users");
    add(from, std::move(list));
  }

  const std::string& file_;
  table_reader from_;
  model::organization owner_;
};

}  // namespace

model::organization read_organization(const toml::table& table, const std::string& file) {
  return organization_reader{table, file}.read();
}

}  // namespace parley::cli
