#include "src/ingress/api/contact_changes.hpp"

#include "parley/model/contact_rules.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/json_writer.hpp"

#include <optional>

namespace parley::ingress {

namespace {

/// What came of one row.
struct row_result {
  std::optional<model::contact_id> id;
  bool created = false;
  std::string code;
  std::string detail;
};

/// The contact that a row is about: by its id, else by the first address that somebody has. That
/// the row's other addresses are not another one's is seen when it is put.
std::optional<model::contact> find_uploaded(const actors::pending_contacts& now,
                                            std::uint32_t organization,
                                            const contact_members& given) {
  if (given.id)
    return require_contact(now, organization, *given.id);
  if (given.addresses)
    for (const auto& address : *given.addresses)
      if (const auto holder = now.holder_of(organization, address))
        return require_contact(now, organization, *holder);
  return std::nullopt;
}

void upload(actors::pending_contacts& now, std::uint32_t organization,
            const contact_members& given, model::timestamp at, row_result& result) {
  auto known = find_uploaded(now, organization, given);
  result.created = !known;
  if (!known) {
    known.emplace();
    known->id = model::thread_ids().next_as<model::contact_id>(at);
    known->created_at = at;
  } else {
    result.id = known->id;
  }
  apply(*known, given, contact_update::add);
  known->updated_at = at;
  put_contact(now, organization, *known);
  result.id = known->id;
}

row_result upload_row(actors::pending_contacts& now, std::uint32_t organization,
                      const uploaded_contact& row, model::timestamp at) {
  row_result result;
  try {
    if (const auto* unread = std::get_if<refusal>(&row))
      throw refusal{*unread};
    actors::pending_contacts layer{now};
    upload(layer, organization, std::get<contact_members>(row), at, result);
    now.take_over(layer);
  } catch (const refusal& no) {
    result.created = false;
    result.code = model::traits(no.code()).name;
    result.detail = no.detail();
  }
  return result;
}

void write_row(json_writer& json, std::uint64_t row, const row_result& result) {
  json.begin_object().key("row").number(row).key("id");
  json.text_or_null(result.id ? result.id->text() : std::string{});
  json.key("status");
  if (result.code.empty())
    json.text(result.created ? "created" : "updated");
  else
    json.text("refused").key("code").text(result.code).key("detail").text(result.detail);
  json.end_object();
}

}  // namespace

model::contact require_contact(const actors::pending_contacts& now, std::uint32_t organization,
                               const model::contact_id& id) {
  auto found = now.find(organization, id);
  if (!found)
    throw refusal{model::errc::not_found, "there is no contact `" + id.text() + "`"};
  return std::move(*found);
}

void put_contact(actors::pending_contacts& now, std::uint32_t organization,
                 const model::contact& who) {
  if (const auto fault = model::fault_of(who))
    throw refusal{fault->code, '`' + std::string{fault->member} + "` " + fault->why};
  for (const auto& address : who.addresses)
    if (const auto holder = now.holder_of(organization, address); holder && *holder != who.id)
      throw refusal{model::errc::address_taken,
                    '`' + address.text() + "` belongs to the contact `" + holder->text() + '`'};
  now.put(organization, who);
}

model::contact merge_contacts(actors::pending_contacts& now, std::uint32_t organization,
                              const model::contact_id& into, const model::contact_id& from,
                              model::timestamp at) {
  auto who = require_contact(now, organization, into);
  const auto other = require_contact(now, organization, from);
  if (into == from)
    throw refusal{model::errc::malformed, "`from` is the contact itself"};
  model::merge(who, other);
  who.updated_at = at;
  now.remove(organization, from);
  put_contact(now, organization, who);
  return who;
}

model::contact change_addresses(actors::pending_contacts& now, std::uint32_t organization,
                                const model::contact_id& id, const address_change& what,
                                model::timestamp at) {
  auto who = require_contact(now, organization, id);
  for (const auto& address : what.remove)
    model::remove_address(who, address);
  for (const auto& address : what.add) {
    model::add_address(who, address);
    const auto holder = now.holder_of(organization, address);
    if (!what.move || !holder || *holder == id)
      continue;
    auto other = require_contact(now, organization, *holder);
    model::remove_address(other, address);
    other.updated_at = at;
    now.put(organization, other);
  }
  who.updated_at = at;
  put_contact(now, organization, who);
  return who;
}

model::answer upload_contacts(actors::pending_contacts& now, std::uint32_t organization,
                              const std::vector<uploaded_contact>& rows, model::timestamp at) {
  std::vector<row_result> results;
  results.reserve(rows.size());
  std::uint64_t created = 0;
  std::uint64_t refused = 0;
  for (const auto& row : rows) {
    results.push_back(upload_row(now, organization, row, at));
    created += results.back().created ? 1U : 0U;
    refused += results.back().code.empty() ? 0U : 1U;
  }
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("created").number(created).key("updated");
  json.number(std::uint64_t{results.size()} - created - refused).key("refused").number(refused);
  json.key("items").begin_array();
  for (std::size_t i = 0; i < results.size(); ++i)
    write_row(json, i + 1, results[i]);
  json.end_array().end_object();
  return made;
}

}  // namespace parley::ingress
