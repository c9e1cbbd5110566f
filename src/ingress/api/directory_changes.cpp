#include "src/ingress/api/directory_changes.hpp"

#include "src/ingress/api/reach.hpp"

#include <cstdint>

namespace parley::ingress {

namespace {

/// What came of one row.
struct row_result {
  std::string id;  ///< As far as it could be read.
  std::string code;
  std::string detail;
};

row_result add_user(model::organization& owner, const boost::json::value& row,
                    std::size_t entries_max, model::role mine) {
  row_result made;
  model::user user;
  try {
    if (!row.is_object())
      throw refusal{model::errc::malformed, "a user must be a JSON object"};
    const object_reader in{row};
    read_members(in, user);
    require_presence(in, model::presence::offline);
    require_reach(mine, owner, user);
    add_entry(owner, {}, user, entries_max);
  } catch (const refusal& no) {
    made.code = model::traits(no.code()).name;
    made.detail = no.detail();
  }
  made.id = user.id;
  return made;
}

void write_row(json_writer& json, std::uint64_t row, const row_result& result) {
  json.begin_object().key("row").number(row).key("id").text_or_null(result.id);
  json.key("status").text(result.code.empty() ? "created" : "refused");
  if (!result.code.empty())
    json.key("code").text(result.code).key("detail").text(result.detail);
  json.end_object();
}

}  // namespace

void require_none(const std::optional<model::entry_fault>& fault) {
  if (fault)
    throw refusal{fault->code, '`' + fault->place() + "` " + fault->why};
}

void change_settings(model::organization& owner, const object_reader& in) {
  model::organization changed;  // Without the entries, which may be many.
  changed.id = owner.id;
  model::put_settings(changed, owner);
  read_members(in, changed);
  require_none(model::fault_of_settings(owner, changed));
  require_none(routing::deeper_fault_of(changed));
  model::put_settings(owner, changed);
}

void require_unique(const std::vector<model::organization>& all, const model::organization& owner,
                    const model::link& entry) {
  for (const auto& other : all)
    if (other.index != owner.index && find_entry<model::link>(other, entry.id) != nullptr)
      throw refusal{model::errc::already_exists,
                    "the link id `" + entry.id + "` is taken: callbacks name only the link, so "
                                                 "choose another one"};
}

void require_unique(const std::vector<model::organization>& all, const model::organization& owner,
                    const model::api_key& entry) {
  for (const auto& other : all)
    if (other.index != owner.index
        && std::ranges::find(other.keys, entry.digest, &model::api_key::digest)
             != other.keys.end())
      throw refusal{model::errc::already_exists, "`key` cannot be used: choose another one"};
}

void require_room(const model::organization& owner, std::size_t entries_max) {
  const auto entries = owner.users.size() + owner.teams.size() + owner.inboxes.size()
                       + owner.links.size() + owner.numbers.size()
                       + owner.caller_id_lists.size() + owner.keys.size()
                       + owner.hours.size() + owner.rules.size() + owner.data_actions.size()
                       + owner.templates.size() + owner.webhooks.size();
  if (entries >= entries_max)
    throw refusal{model::errc::too_many,
                  "the directory has " + std::to_string(entries) + " entries and takes no more"};
}

actors::change_outcome add_users(model::organization& owner,
                                 const std::vector<boost::json::value>& rows,
                                 std::size_t entries_max, model::role mine) {
  std::vector<row_result> results;
  results.reserve(rows.size());
  for (const auto& row : rows)
    results.push_back(add_user(owner, row, entries_max, mine));
  const auto refused = static_cast<std::uint64_t>(
    std::ranges::count_if(results, [](const row_result& one) { return !one.code.empty(); }));
  const auto created = results.size() - refused;
  actors::change_outcome made;
  made.changed = created > 0;
  json_writer json{made.answer.body};
  json.begin_object().key("created").number(std::uint64_t{created});
  json.key("refused").number(refused).key("items").begin_array();
  for (std::size_t i = 0; i < results.size(); ++i)
    write_row(json, i + 1, results[i]);
  json.end_array().end_object();
  return made;
}

}  // namespace parley::ingress
