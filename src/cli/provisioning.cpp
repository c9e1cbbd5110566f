#include "parley/cli/provisioning.hpp"

#include "parley/cli/input_error.hpp"
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

/// Ids of links and API keys find their organisation, so no two organisations may have the same.
class taken {
public:
  void add(const model::organization& owner) {
    for (const auto& link : owner.links)
      links_.try_emplace(link.id, owner.id);
    for (const auto& key : owner.keys)
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
  auto fresh = read_all(document, file);

  taken elsewhere;
  std::uint32_t last_index = 0;
  for (const auto& owner : stored) {
    last_index = std::max(last_index, owner.index);
    const bool replaced
      = std::ranges::any_of(fresh, [&](const read_one& one) { return one.owner.id == owner.id; });
    if (!replaced)
      elsewhere.add(owner);
  }
  for (const auto& one : fresh) {
    elsewhere.check(one, file);
    elsewhere.add(one.owner);
  }

  for (auto& [owner, table] : fresh) {
    const auto known = std::ranges::find(stored, owner.id, &model::organization::id);
    if (known != stored.end()) {
      owner.index = known->index;
      *known = std::move(owner);
    } else {
      owner.index = ++last_index;
      stored.push_back(std::move(owner));
    }
  }
  std::ranges::sort(stored, {}, &model::organization::index);
  return stored;
}

std::vector<std::string> not_yet_acting(const std::vector<model::organization>& organizations) {
  std::vector<std::string> sentences;
  for (const auto& owner : organizations) {
    for (const auto& inbox : owner.inboxes) {
      if (!inbox.auto_reply.empty())
        sentences.push_back(fmt::format("organization {}, inbox {}: auto_reply is stored, but this "
                                        "version sends no automatic replies",
                                        owner.id, inbox.team));
    }
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
