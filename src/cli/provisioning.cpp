#include "parley/cli/provisioning.hpp"

#include "parley/cli/input_error.hpp"
#include "parley/model/directory_rules.hpp"
#include "src/cli/organization_reader.hpp"
#include "src/cli/toml_file.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_set>
#include <utility>

namespace parley::cli {

namespace {

/// Where one organisation of the file stands, for what is only seen when all are there.
struct read_one {
  model::organization owner;
  const toml::table* table;
};

/// The line of entry `i` of `[[organization.<kind>]]`.
std::string place_of(const toml::table& organization, std::string_view kind, std::size_t i,
                     const std::string& file) {
  return place(file, organization.get_as<toml::array>(kind)->get(i)->source());
}

template <class T>
bool names(const std::vector<T>& all, std::string_view id) {
  return std::ranges::find(all, id, model::entry_kind<T>::id) != all.end();
}

/// Ids of links and API keys find their organisation, so no two organisations may have the same.
class taken {
public:
  /// Adds what `owner` has and `file`, which may be null, does not name.
  void add(const model::organization& owner, const model::organization* file = nullptr) {
    for (const auto& link : owner.links)
      if (file == nullptr || !names(file->links, link.id))
        links_.try_emplace(link.id, owner.id);
    for (const auto& key : owner.keys)
      if (file == nullptr || !names(file->keys, key.name))
        keys_.try_emplace(key.digest, owner.id);
  }

  void check(const read_one& fresh, const std::string& file) const {
    const auto& owner = fresh.owner;
    for (std::size_t i = 0; i < owner.links.size(); ++i) {
      if (const auto other = links_.find(owner.links[i].id); other != links_.end())
        throw input_error{fmt::format("{}: the link `{}` is taken by organization `{}`; callbacks "
                                      "name only the link, so choose another id",
                                      place_of(*fresh.table, "link", i, file), owner.links[i].id,
                                      other->second)};
    }
    for (std::size_t i = 0; i < owner.keys.size(); ++i) {
      if (const auto other = keys_.find(owner.keys[i].digest); other != keys_.end())
        throw input_error{fmt::format("{}: the key `{}` is the same as one of organization `{}`",
                                      place_of(*fresh.table, "key", i, file), owner.keys[i].name,
                                      other->second)};
    }
  }

private:
  std::map<std::string, std::string, std::less<>> links_;
  std::map<model::sha256_digest, std::string> keys_;
};

/// Puts what the file says in place of what is stored under the same id, or behind it.
template <class T>
void put_all(model::organization& stored, model::organization& fresh) {
  using kind = model::entry_kind<T>;
  auto& all = stored.*kind::all;
  for (auto& one : fresh.*kind::all) {
    const auto known = std::ranges::find(all, one.*kind::id, kind::id);
    if (known == all.end())
      all.push_back(std::move(one));
    else
      *known = std::move(one);
  }
}

/// The organisation as the file and, for what the file does not name, the store have it.
model::organization merged(model::organization stored, model::organization fresh) {
  put_all<model::user>(stored, fresh);
  put_all<model::team>(stored, fresh);
  put_all<model::inbox>(stored, fresh);
  put_all<model::link>(stored, fresh);
  put_all<model::number>(stored, fresh);
  put_all<model::caller_id_list>(stored, fresh);
  put_all<model::api_key>(stored, fresh);
  put_all<model::business_hours>(stored, fresh);
  put_all<model::rule>(stored, fresh);
  put_all<model::data_action>(stored, fresh);
  put_all<model::message_template>(stored, fresh);
  put_all<model::webhook>(stored, fresh);
  model::put_settings(stored, fresh);
  return stored;
}

/// What the file says can clash with what only the store has: then the file's line is named.
template <class T>
void check_all(const model::organization& owner, const read_one& fresh, std::string_view table,
               const std::string& file) {
  const auto& all = fresh.owner.*model::entry_kind<T>::all;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (const auto fault = model::fault_of(owner, all[i]))
      throw input_error{fmt::format("{}: `{}` of a {} {}", place_of(*fresh.table, table, i, file),
                                    fault->place(), model::entry_kind<T>::noun, fault->why)};
}

/// Extensions are unique, and a template's name in its language; rules and webhooks are not too
/// many; who asks a data action relies on its trigger.
void check_clashes(const model::organization& owner, const read_one& fresh,
                   const std::string& file) {
  check_all<model::user>(owner, fresh, "user", file);
  check_all<model::rule>(owner, fresh, "rule", file);
  check_all<model::data_action>(owner, fresh, "data_action", file);
  check_all<model::message_template>(owner, fresh, "template", file);
  check_all<model::webhook>(owner, fresh, "webhook", file);
}

std::vector<read_one> read_all(const toml::table& document, const std::string& file) {
  static constexpr auto fields = std::to_array<std::string_view>({"organization"});
  const table_reader from{document, "a provisioning file", file, fields};
  std::vector<read_one> found;
  std::unordered_set<std::string> ids;
  for (const auto* table : from.tables("organization")) {
    found.push_back({read_organization(*table, file), table});
    const auto& id = found.back().owner.id;
    if (!ids.insert(id).second)
      throw input_error{fmt::format("{}: the organization `{}` is there twice",
                                    place(file, table->get("id")->source()), id)};
  }
  return found;
}

}  // namespace

std::vector<model::organization> provision(std::vector<model::organization> stored,
                                           std::string_view text, const std::string& file) {
  const auto document = parse_toml(text, file);
  const auto fresh = read_all(document, file);

  taken elsewhere;
  std::uint32_t last_index = 0;
  for (const auto& owner : stored) {
    last_index = std::max(last_index, owner.index);
    const auto named = std::ranges::find(
      fresh, owner.id, [](const read_one& one) -> const std::string& { return one.owner.id; });
    elsewhere.add(owner, named == fresh.end() ? nullptr : &named->owner);
  }
  for (const auto& one : fresh) {
    elsewhere.check(one, file);
    elsewhere.add(one.owner);
  }

  for (const auto& one : fresh) {
    const auto known = std::ranges::find(stored, one.owner.id, &model::organization::id);
    if (known != stored.end()) {
      *known = merged(std::move(*known), one.owner);
      check_clashes(*known, one, file);
    } else {
      stored.push_back(one.owner);
      stored.back().index = ++last_index;
    }
  }
  std::ranges::sort(stored, {}, &model::organization::index);
  return stored;
}

std::vector<std::string> not_yet_acting(const std::vector<model::organization>& organizations) {
  std::vector<std::string> sentences;
  for (const auto& owner : organizations) {
    for (const auto& link : owner.links) {
      if (link.format != model::link_format::twilio)
        sentences.push_back(fmt::format("organization {}, link {}: it is stored, but this version "
                                        "speaks only the format twilio",
                                        owner.id, link.id));
    }
  }
  return sentences;
}

}  // namespace parley::cli
