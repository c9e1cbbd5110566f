#include "src/cli/organization_reader.hpp"

#include "parley/model/directory_rules.hpp"
#include "parley/routing/entry_soundness.hpp"
#include "src/cli/routing_tables.hpp"
#include "src/cli/template_table.hpp"
#include "src/cli/toml_file.hpp"
#include "src/cli/toml_words.hpp"

#include <openssl/evp.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace parley::cli {

namespace {

model::sha256_digest digest_of(std::string_view text) {
  model::sha256_digest digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error{"OpenSSL cannot compute a SHA-256"};
  return digest;
}

/// What the file calls a member of an entry: its tables have names in the singular.
std::string_view entry_key(std::string_view member) noexcept {
  return member == "periods"        ? "period"
         : member == "auto_replies" ? "auto_reply_variant"
         : member == "components"   ? "component"
                                    : member;
}

/// What the file calls a setting: an organisation's hours and data actions are tables of their own.
std::string_view setting_key(std::string_view member) noexcept {
  return member == "business_hours" ? "default_business_hours"
         : member == "data_action"  ? "default_data_action"
                                    : member;
}

[[noreturn]] void refuse_entry(const table_reader& from, const model::entry_fault& fault) {
  const auto key = entry_key(fault.member);
  if (!fault.part.empty())
    from.refuse(key, fault.element, fault.part, fault.why);
  if (fault.element)
    from.refuse(key, *fault.element, fault.why);
  from.refuse(key, fault.why);
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
    each("user", &organization_reader::read_user);
    each("key", &organization_reader::read_key);
    each("team", &organization_reader::read_team);
    each("business_hours", &organization_reader::read_business_hours);
    each("data_action", &organization_reader::read_action);
    each("inbox", &organization_reader::read_team_inbox);
    each("link", &organization_reader::read_link);
    each("number", &organization_reader::read_number);
    each("caller_id_list", &organization_reader::read_caller_id_list);
    each("inbox", &organization_reader::read_variants);
    each("rule", &organization_reader::read_one_rule);
    each("template", &organization_reader::read_message_template);
    each("webhook", &organization_reader::read_one_webhook);
    read_settings();
    return std::move(owner_);
  }

private:
  static constexpr auto known = std::to_array<std::string_view>(
    {"id", "name", "time_zone", "default_inbox", "close_after_s", "inactive_after_s",
     "default_business_hours", "default_data_action", "outbound_data_action",
     "hide_contact_numbers", "key", "user", "team", "inbox", "link", "number", "caller_id_list",
     "business_hours", "rule", "data_action", "template", "webhook", "consent",
     "prices"});

  void each(std::string_view key, void (organization_reader::*read_one)(const toml::table&)) {
    for (const auto* table : from_.tables(key))
      (this->*read_one)(*table);
  }

  /// Adds a sound entry; another is refused with the line of what is wrong.
  template <class T>
  void add(const table_reader& from, T entry) {
    using kind = model::entry_kind<T>;
    auto& all = owner_.*kind::all;
    if (const auto fault = routing::entry_fault_of(owner_, entry))
      refuse_entry(from, *fault);
    if (std::ranges::find(all, entry.*kind::id, kind::id) != all.end())
      from.refuse(kind::id_member,
                  fmt::format("`{}` is taken in this organization", entry.*kind::id));
    all.push_back(std::move(entry));
  }

  void read_key(const toml::table& table) {
    static constexpr auto fields
      = std::to_array<std::string_view>({"name", "key", "scopes", "user"});
    const table_reader from{table, "a key", file_, fields};
    model::api_key key;
    key.name = from.text("name");
    key.digest = digest_of(from.text("key"));
    key.scopes = from.texts("scopes");
    key.user = from.text_or("user", "");
    add(from, std::move(key));
  }

  void read_user(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>(
      {"id", "name", "licence", "extension", "email", "role", "time_zone"});
    const table_reader from{table, "a user", file_, fields};
    model::user user;
    user.id = from.text("id");
    user.name = from.text_or("name", user.id);
    user.licence = one_of<model::licence>(from, "licence", "standard");
    user.extension = from.text_or("extension", "");
    user.email = from.text_or("email", "");
    user.role = one_of<model::role>(from, "role", "agent");
    user.time_zone = from.text_or("time_zone", "");
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

  void read_business_hours(const toml::table& table) {
    const table_reader from{table, "business hours", file_, hours_keys()};
    add(from, read_hours(from, file_));
  }

  void read_action(const toml::table& table) {
    const table_reader from{table, "a data action", file_, data_action_keys()};
    add(from, read_data_action(from));
  }

  void read_team_inbox(const toml::table& table) {
    const table_reader from{table, "an inbox", file_, inbox_keys()};
    add(from, read_inbox(from, file_));
  }

  void read_variants(const toml::table& table) {
    const table_reader from{table, "an inbox", file_, inbox_keys()};
    auto& inbox = *std::ranges::find(owner_.inboxes, from.text("team"), &model::inbox::team);
    inbox.auto_replies = read_auto_replies(from, file_);
    if (const auto fault = routing::entry_fault_of(owner_, inbox))
      refuse_entry(from, *fault);
  }

  void read_one_rule(const toml::table& table) {
    const table_reader from{table, "a rule", file_, rule_keys()};
    add(from, read_rule(from, file_));
  }

  void read_one_webhook(const toml::table& table) {
    const table_reader from{table, "a webhook", file_, webhook_keys()};
    add(from, read_webhook(from));
  }

  void read_message_template(const toml::table& table) {
    const table_reader from{table, "a template", file_, template_keys()};
    add(from, read_template(from, file_));
  }

  void read_link(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>(
      {"id", "format", "account_sid", "auth_token", "api_base", "public_url", "unknown_outcome",
       "connections_max"});
    const table_reader from{table, "a link", file_, fields};
    model::link link;
    link.id = from.text("id");
    link.format = one_of<model::link_format>(from, "format", "");
    link.account_sid = from.text("account_sid");
    link.auth_token = from.text("auth_token");
    link.api_base = from.text("api_base");
    link.public_url = from.text("public_url");
    link.unknown_outcome = one_of<model::unknown_outcome_policy>(from, "unknown_outcome", "hold");
    link.connections_max = from.integer("connections_max", 0, 10'000).value_or(0);
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

  void read_settings() {
    owner_.name = from_.text_or("name", owner_.id);
    owner_.time_zone = from_.text_or("time_zone", owner_.time_zone);
    owner_.default_inbox = from_.text_or("default_inbox", "");
    owner_.close_after_s
      = from_.integer("close_after_s", 1, model::seconds_max).value_or(owner_.close_after_s);
    owner_.inactive_after_s
      = from_.integer("inactive_after_s", 0, model::seconds_max).value_or(owner_.inactive_after_s);
    owner_.business_hours = from_.text_or("default_business_hours", "");
    owner_.data_action = from_.text_or("default_data_action", "");
    owner_.outbound_data_action = from_.text_or("outbound_data_action", "");
    owner_.hide_contact_numbers = from_.flag_or("hide_contact_numbers", false);
    owner_.consent = read_consent(from_, file_);
    owner_.prices = read_prices(from_, file_);
    auto fault = model::fault_of_settings(owner_, owner_);
    if (!fault)
      fault = routing::deeper_fault_of(owner_);
    if (fault)
      refuse_setting(*fault);
  }

  [[noreturn]] void refuse_setting(const model::entry_fault& fault) const {
    const auto key = setting_key(fault.member);
    if (fault.part.empty())
      from_.refuse(key, fault.why);
    from_.refuse(key, fault.element, fault.part, fault.why);
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
