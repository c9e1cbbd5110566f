#include "src/cli/organization_reader.hpp"

#include "parley/model/address.hpp"
#include "src/cli/toml_file.hpp"

#include <openssl/evp.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace parley::cli {

namespace {

using names = std::vector<std::string_view>;

constexpr std::int64_t century_s = 3'153'600'000;
constexpr double rate_max = 10'000;
constexpr std::size_t slug_characters_max = 64;

/// A word of a fixed vocabulary and what it stands for.
template <class T>
struct word {
  std::string_view text;
  T value;
};

constexpr auto licences = std::to_array<word<model::licence>>({
  {"standard", model::licence::standard},
  {"pro", model::licence::pro},
  {"pro_cx", model::licence::pro_cx},
});
constexpr auto strategies = std::to_array<word<model::assignment_strategy>>({
  {"everyone", model::assignment_strategy::everyone},
});
constexpr auto outbound_policies = std::to_array<word<model::outbound_policy>>({
  {"forbidden", model::outbound_policy::forbidden},
  {"allowed", model::outbound_policy::allowed},
  {"allowed_copy_team", model::outbound_policy::allowed_copy_team},
});
constexpr auto formats = std::to_array<word<model::link_format>>({
  {"twilio", model::link_format::twilio},
  {"whatsapp", model::link_format::whatsapp},
  {"http", model::link_format::http},
});
constexpr auto unknown_outcomes = std::to_array<word<model::unknown_outcome_policy>>({
  {"hold", model::unknown_outcome_policy::hold},
  {"resend", model::unknown_outcome_policy::resend},
});
constexpr auto channels = std::to_array<std::string_view>({"sms", "mms", "whatsapp"});

bool contains(const auto& all, std::string_view wanted) {
  return std::ranges::find(all, wanted) != std::ranges::end(all);
}

template <class T, std::size_t N>
T one_of(const table_reader& from, std::string_view key, const std::array<word<T>, N>& words,
         std::string_view otherwise) {
  const auto text = from.text_or(key, otherwise);
  const auto found = std::ranges::find(words, text, &word<T>::text);
  if (found == words.end()) {
    names known;
    for (const auto& each : words)
      known.push_back(each.text);
    from.refuse(key, fmt::format("must be one of {}, not `{}`", fmt::join(known, ", "), text));
  }
  return found->value;
}

/// A slug: 1 to 64 of a–z, 0–9, dot, underscore and hyphen, beginning with a letter or a digit.
std::string slug(const table_reader& from, std::string_view key) {
  const auto lower = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  auto text = from.text(key);
  const bool good = text.size() <= slug_characters_max && lower(text.front())
                    && std::ranges::all_of(
                      text, [&](char c) { return lower(c) || c == '.' || c == '_' || c == '-'; });
  if (!good)
    from.refuse(key, fmt::format("must be 1 to 64 of a-z, 0-9, `.`, `_` and `-`, not `{}`", text));
  return text;
}

template <class T>
void refuse_twice(const table_reader& from, std::string_view key, const std::vector<T>& all,
                  std::string T::*member, const std::string& value) {
  if (std::ranges::find(all, value, member) != all.end())
    from.refuse(key, fmt::format("`{}` is taken in this organization", value));
}

/// Names that are not among the ids of `all` are refused.
template <class T>
void refuse_dangling(const table_reader& from, std::string_view key,
                     const std::vector<std::string>& used, const std::vector<T>& all,
                     std::string T::*member, std::string_view kind) {
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (std::ranges::find(all, used[i], member) == all.end())
      from.refuse(key, i, fmt::format("names the {} `{}`, which there is not", kind, used[i]));
  }
}

template <class T>
void refuse_dangling(const table_reader& from, std::string_view key, const std::string& used,
                     const std::vector<T>& all, std::string T::*member, std::string_view kind) {
  if (!used.empty() && std::ranges::find(all, used, member) == all.end())
    from.refuse(key, fmt::format("names the {} `{}`, which there is not", kind, used));
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

/// An absolute http or https URL that paths are put behind.
std::string base_url(const table_reader& from, std::string_view key, std::string url) {
  const auto refuse
    = [&](std::string_view why) { from.refuse(key, fmt::format("{}, not `{}`", why, url)); };
  const std::string_view text{url};
  const auto scheme = text.starts_with("https://") ? 8U : text.starts_with("http://") ? 7U : 0U;
  if (scheme == 0 || text.size() == scheme || text[scheme] == '/')
    refuse("must be an absolute http or https URL");
  if (text.ends_with('/'))
    refuse("must not end with `/`: paths are put behind it");
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; })
      || text.find_first_of("?#@\\\"<>") != std::string_view::npos)
    refuse("must be a scheme, a host and a path only");
  return url;
}

model::sha256_digest digest_of(std::string_view text) {
  model::sha256_digest digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error{"OpenSSL cannot compute a SHA-256"};
  return digest;
}

/// `*`, or `resource:read` and `resource:write`.
bool is_scope(std::string_view text) {
  const auto colon = text.find(':');
  if (text == "*")
    return true;
  if (colon == 0 || colon == std::string_view::npos)
    return false;
  const auto verb = text.substr(colon + 1);
  return (verb == "read" || verb == "write")
         && std::ranges::all_of(text.substr(0, colon),
                                [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

/// Reads the tables of one organisation, in an order in which what is referred to comes first.
class organization_reader {
public:
  organization_reader(const toml::table& table, const std::string& file)
    : file_(file), from_(table, "an organization", file, known) {}

  model::organization read() {
    owner_.id = slug(from_, "id");
    owner_.name = from_.text_or("name", owner_.id);
    owner_.time_zone = time_zone(from_);
    owner_.close_after_s
      = from_.integer("close_after_s", 1, century_s).value_or(owner_.close_after_s);
    owner_.inactive_after_s
      = from_.integer("inactive_after_s", 0, century_s).value_or(owner_.inactive_after_s);
    each("key", &organization_reader::read_key);
    each("user", &organization_reader::read_user);
    each("team", &organization_reader::read_team);
    each("inbox", &organization_reader::read_inbox);
    each("link", &organization_reader::read_link);
    each("number", &organization_reader::read_number);
    each("caller_id_list", &organization_reader::read_caller_id_list);
    owner_.default_inbox = from_.text_or("default_inbox", "");
    refuse_dangling(from_, "default_inbox", owner_.default_inbox, owner_.inboxes,
                    &model::inbox::team, "inbox");
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

  void read_key(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>({"name", "key", "scopes"});
    const table_reader from{table, "a key", file_, fields};
    model::api_key key;
    key.name = from.text("name");
    refuse_twice(from, "name", owner_.keys, &model::api_key::name, key.name);
    key.digest = digest_of(from.text("key"));
    key.scopes = from.texts("scopes");
    if (key.scopes.empty())
      from.refuse("scopes", "must name at least one scope; \"*\" is all of them");
    for (std::size_t i = 0; i < key.scopes.size(); ++i) {
      if (!is_scope(key.scopes[i]))
        from.refuse(
          "scopes", i,
          fmt::format("must be \"*\" or such as messages:write, not `{}`", key.scopes[i]));
    }
    if (std::ranges::find(owner_.keys, key.digest, &model::api_key::digest) != owner_.keys.end())
      from.refuse("key", "is the same as another key's");
    owner_.keys.push_back(std::move(key));
  }

  void read_user(const toml::table& table) {
    static constexpr auto fields
      = std::to_array<std::string_view>({"id", "name", "licence", "extension", "email"});
    const table_reader from{table, "a user", file_, fields};
    model::user user;
    user.id = slug(from, "id");
    refuse_twice(from, "id", owner_.users, &model::user::id, user.id);
    user.name = from.text_or("name", user.id);
    user.licence = one_of(from, "licence", licences, "standard");
    user.extension = from.text_or("extension", "");
    user.email = from.text_or("email", "");
    owner_.users.push_back(std::move(user));
  }

  void read_team(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>({"id", "members"});
    const table_reader from{table, "a team", file_, fields};
    model::team team;
    team.id = slug(from, "id");
    refuse_twice(from, "id", owner_.teams, &model::team::id, team.id);
    team.members = from.texts("members");
    refuse_dangling(from, "members", team.members, owner_.users, &model::user::id, "user");
    owner_.teams.push_back(std::move(team));
  }

  void read_inbox(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>(
      {"team", "strategy", "outbound", "auto_reply", "close_after_s", "inactive_after_s",
       "claim_expiry_s"});
    const table_reader from{table, "an inbox", file_, fields};
    model::inbox inbox;
    inbox.team = slug(from, "team");
    refuse_twice(from, "team", owner_.inboxes, &model::inbox::team, inbox.team);
    refuse_dangling(from, "team", inbox.team, owner_.teams, &model::team::id, "team");
    inbox.strategy = one_of(from, "strategy", strategies, "everyone");
    inbox.outbound = one_of(from, "outbound", outbound_policies, "forbidden");
    inbox.auto_reply = from.text_or("auto_reply", "");
    inbox.close_after_s = from.integer("close_after_s", 1, century_s);
    inbox.inactive_after_s = from.integer("inactive_after_s", 0, century_s);
    inbox.claim_expiry_s = from.integer("claim_expiry_s", 0, century_s).value_or(0);
    owner_.inboxes.push_back(std::move(inbox));
  }

  void read_link(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>(
      {"id", "format", "account_sid", "auth_token", "api_base", "public_url", "unknown_outcome"});
    const table_reader from{table, "a link", file_, fields};
    model::link link;
    link.id = slug(from, "id");
    refuse_twice(from, "id", owner_.links, &model::link::id, link.id);
    link.format = one_of(from, "format", formats, "");
    link.account_sid = from.text("account_sid");
    if (link.format == model::link_format::twilio && !is_account_sid(link.account_sid))
      from.refuse("account_sid",
                  fmt::format("must be AC and 32 hexadecimal digits, not `{}`", link.account_sid));
    link.auth_token = from.text("auth_token");
    link.api_base = base_url(from, "api_base", from.text("api_base"));
    link.public_url = base_url(from, "public_url", from.text("public_url"));
    link.unknown_outcome = one_of(from, "unknown_outcome", unknown_outcomes, "hold");
    owner_.links.push_back(std::move(link));
  }

  static bool is_account_sid(std::string_view text) {
    return text.size() == 34 && text.starts_with("AC")
           && text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
  }

  void read_number(const toml::table& table) {
    static constexpr auto fields
      = std::to_array<std::string_view>({"address", "channels", "link", "user", "inbox", "rate"});
    const table_reader from{table, "a number", file_, fields};
    model::number number;
    number.identifier = from.text("address");
    if (!model::address::parse("sms:" + number.identifier))
      from.refuse("address", fmt::format("must be + and 7 to 15 digits, or a short code of 3 to 8 "
                                         "digits, not `{}`",
                                         number.identifier));
    refuse_twice(from, "address", owner_.numbers, &model::number::identifier, number.identifier);
    number.channels = from.texts("channels");
    if (number.channels.empty())
      from.refuse("channels", "must name at least one channel");
    for (std::size_t i = 0; i < number.channels.size(); ++i) {
      if (!contains(channels, number.channels[i]))
        from.refuse(
          "channels", i,
          fmt::format("must be of {}, not `{}`", fmt::join(channels, ", "), number.channels[i]));
    }
    number.link = from.text("link");
    refuse_dangling(from, "link", number.link, owner_.links, &model::link::id, "link");
    number.user = from.text_or("user", "");
    refuse_dangling(from, "user", number.user, owner_.users, &model::user::id, "user");
    number.inbox = from.text_or("inbox", "");
    refuse_dangling(from, "inbox", number.inbox, owner_.inboxes, &model::inbox::team, "inbox");
    if (!number.user.empty() && !number.inbox.empty())
      from.refuse("inbox", "excludes `user`: a number belongs to one of them");
    number.rate_segments_per_s = from.number("rate").value_or(number.rate_segments_per_s);
    if (!(number.rate_segments_per_s > 0) || number.rate_segments_per_s > rate_max)
      from.refuse("rate",
                  fmt::format("must be more than 0 and at most {} segments a second", rate_max));
    owner_.numbers.push_back(std::move(number));
  }

  void read_caller_id_list(const toml::table& table) {
    static constexpr auto fields = std::to_array<std::string_view>({"id", "numbers", "users"});
    const table_reader from{table, "a caller id list", file_, fields};
    model::caller_id_list list;
    list.id = slug(from, "id");
    refuse_twice(from, "id", owner_.caller_id_lists, &model::caller_id_list::id, list.id);
    list.numbers = from.texts("numbers");
    refuse_dangling(from, "numbers", list.numbers, owner_.numbers, &model::number::identifier,
                    "number");
    list.users = from.texts("users");
    refuse_dangling(from, "users", list.users, owner_.users, &model::user::id, "user");
    owner_.caller_id_lists.push_back(std::move(list));
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
