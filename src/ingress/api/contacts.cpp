#include "src/ingress/api/contacts.hpp"

#include "actors/contact_book.hpp"
#include "parley/model/limits.hpp"
#include "parley/text/csv.hpp"
#include "parley/text/utf8.hpp"
#include "src/ingress/api/contact_changes.hpp"
#include "src/ingress/api/contact_entries.hpp"
#include "src/ingress/api/contact_search.hpp"
#include "src/ingress/log.hpp"
#include "src/ingress/media_type.hpp"
#include "src/ingress/query.hpp"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace parley::ingress {

namespace {

constexpr std::string_view reads = "contacts:read";
constexpr std::string_view writes = "contacts:write";
constexpr std::size_t csv_fields_max = 6 + model::contact_attributes_max;

model::contact_id id_of(const api_call& call) {
  const auto id = model::contact_id::parse(call.id);
  if (!id)
    throw refusal{model::errc::not_found, "there is no such contact"};
  return *id;
}

object_reader read_body(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  require_json(call);
  return object_reader{call.body, context.json_depth_max};
}

model::answer shown(int status, const model::contact& who, audience numbers) {
  model::answer made;
  made.status = status;
  json_writer json{made.body};
  write_contact(json, who, numbers);
  return made;
}

// -- an upload's rows -----------------------------------------------------------------------------

[[noreturn]] void too_many_rows() {
  throw refusal{model::errc::malformed, "at most 1,000 contacts are taken at once"};
}

template <class Read>
uploaded_contact read_row(Read&& read) {
  try {
    return read();
  } catch (const refusal& no) {
    return no;
  }
}

std::vector<uploaded_contact> read_json_rows(const api_context& context, const api_call& call) {
  const auto body = parse_json(call.body, context.json_depth_max);
  if (!body.is_array())
    throw refusal{model::errc::malformed, "the body must be an array of contacts"};
  if (body.get_array().size() > model::bulk_contacts_max)
    too_many_rows();
  std::vector<uploaded_contact> rows;
  for (const auto& row : body.get_array())
    rows.push_back(read_row([&] {
      if (!row.is_object())
        throw refusal{model::errc::malformed, "a contact must be a JSON object"};
      return read_contact_row(object_reader{row});
    }));
  return rows;
}

std::vector<uploaded_contact> read_ndjson_rows(const api_context& context, const api_call& call) {
  std::vector<uploaded_contact> rows;
  for (std::string_view left = call.body; !left.empty();) {
    auto line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), line.size() + 1));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.empty())
      continue;
    if (rows.size() == model::bulk_contacts_max)
      too_many_rows();
    rows.push_back(
      read_row([&] { return read_contact_row(object_reader{line, context.json_depth_max}); }));
  }
  return rows;
}

std::vector<uploaded_contact> read_csv_rows(const api_call& call) {
  const auto document = text::read_csv(
    call.body, {.fields_max = csv_fields_max, .rows_max = model::bulk_contacts_max + 1});
  if (!document.fault.empty())
    throw refusal{model::errc::malformed, document.fault};
  if (document.rows.empty())
    throw refusal{model::errc::malformed, "the first line must name the columns"};
  const auto& header = document.rows.front().fields;
  require_contact_header(header);
  std::vector<uploaded_contact> rows;
  for (std::size_t i = 1; i < document.rows.size(); ++i)
    rows.push_back(read_row([&] { return read_contact_row(header, document.rows[i].fields); }));
  return rows;
}

std::vector<uploaded_contact> read_rows(const api_context& context, const api_call& call) {
  if (is_media_type(call.content_type, "application/json"))
    return read_json_rows(context, call);
  if (is_media_type(call.content_type, "application/x-ndjson"))
    return read_ndjson_rows(context, call);
  if (is_media_type(call.content_type, "text/csv"))
    return read_csv_rows(call);
  throw refusal{model::errc::unsupported_media,
                "the body must be application/json, application/x-ndjson or text/csv"};
}

// -- the calls ------------------------------------------------------------------------------------

std::optional<model::answer> list_contacts(const api_context& context, const api_call& call) {
  const auto query = read_contact_query(call.query);
  require_may_search(call.who, query);
  const auto page = search_contacts(context.reader, call.caller.owner->index, query);
  model::answer made;
  json_writer json{made.body};
  json.begin_object().key("items").begin_array();
  for (const auto& who : page.items)
    write_contact(json, who, call.who.numbers);
  json.end_array().key("next").text_or_null(page.next).end_object();
  return made;
}

std::optional<model::answer> get_contact(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  return shown(200, require_contact(context, call), call.who.numbers);
}

std::optional<model::answer> post_contact(const api_context& context, const api_call& call) {
  const auto given = read_contact(read_body(context, call));
  model::contact who;
  who.created_at = who.updated_at = model::wall_clock();
  who.id = model::thread_ids().next_as<model::contact_id>(who.created_at);
  apply(who, given, contact_update::replace);
  submit_contact_change(
    context, call,
    [who = std::move(who), numbers = call.who.numbers,
     organization = call.caller.owner->index](auto& now) {
      put_contact(now, organization, who);
      return shown(201, who, numbers);
    });
  return std::nullopt;
}

std::optional<model::answer> patch_contact(const api_context& context, const api_call& call) {
  submit_contact_change(
    context, call,
    [id = id_of(call), given = read_contact(read_body(context, call)), at = model::wall_clock(),
     numbers = call.who.numbers, organization = call.caller.owner->index](auto& now) {
      auto who = require_contact(now, organization, id);
      apply(who, given, contact_update::replace);
      who.updated_at = at;
      put_contact(now, organization, who);
      return shown(200, who, numbers);
    });
  return std::nullopt;
}

std::optional<model::answer> delete_contact(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  submit_contact_change(
    context, call,
    [id = id_of(call), organization = call.caller.owner->index](auto& now) {
      now.remove(organization, require_contact(now, organization, id).id);
      model::answer made;
      made.status = 204;
      return made;
    });
  return std::nullopt;
}

std::optional<model::answer> post_contacts(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  submit_contact_change(
    context, call,
    [rows = read_rows(context, call), at = model::wall_clock(),
     organization = call.caller.owner->index](auto& now) {
      return upload_contacts(now, organization, rows, at);
    });
  return std::nullopt;
}

std::optional<model::answer> post_merge(const api_context& context, const api_call& call) {
  const auto in = read_body(context, call);
  in.allow_only({"from"}, {});
  const auto from = model::contact_id::parse(in.name("from"));
  if (!from)
    throw refusal{model::errc::malformed, "`from` must be the id of a contact"};
  submit_contact_change(
    context, call,
    [into = id_of(call), from = *from, at = model::wall_clock(),
     numbers = call.who.numbers, organization = call.caller.owner->index](auto& now) {
      return shown(200, merge_contacts(now, organization, into, from, at), numbers);
    });
  return std::nullopt;
}

std::optional<model::answer> post_addresses(const api_context& context, const api_call& call) {
  const auto in = read_body(context, call);
  in.allow_only({"add", "move", "remove"}, {});
  address_change what{.add = read_contact_addresses(in, "add"),
                      .remove = read_contact_addresses(in, "remove")};
  if (const auto* move = in.find("move")) {
    if (!move->is_bool())
      throw refusal{model::errc::malformed, "`move` must be true or false"};
    what.move = move->get_bool();
  }
  submit_contact_change(
    context, call,
    [id = id_of(call), what = std::move(what), at = model::wall_clock(),
     numbers = call.who.numbers, organization = call.caller.owner->index](auto& now) {
      return shown(200, change_addresses(now, organization, id, what, at), numbers);
    });
  return std::nullopt;
}

using model::role;

constexpr auto routes = std::to_array<route>({
  {http::method::get, "/v1/contacts", reads, role::read_only, list_contacts},
  {http::method::post, "/v1/contacts", writes, role::agent, post_contact},
  {http::method::post, "/v1/contacts/bulk", writes, role::admin, post_contacts},
  {http::method::get, "/v1/contacts/{}", reads, role::read_only, get_contact},
  {http::method::patch, "/v1/contacts/{}", writes, role::agent, patch_contact},
  {http::method::del, "/v1/contacts/{}", writes, role::admin, delete_contact},
  {http::method::post, "/v1/contacts/{}/merge", writes, role::agent, post_merge},
  {http::method::post, "/v1/contacts/{}/addresses", writes, role::agent, post_addresses},
  {http::method::get, "/v1/contacts/{}/export", reads, role::admin, export_contact},
  {http::method::post, "/v1/contacts/{}/erase", writes, role::admin, erase_contact},
});

}  // namespace

std::span<const route> contact_routes() noexcept {
  return routes;
}

model::contact require_contact(const api_context& context, const api_call& call) {
  auto found = context.reader.find_contact(call.caller.owner->index, id_of(call));
  if (!found)
    throw refusal{model::errc::not_found, "there is no such contact"};
  return std::move(*found);
}

void submit_contact_change(const api_context& context, const api_call& call,
                           contact_function what) {
  auto asked = std::make_shared<actors::contact_change>();
  asked->answer_to = {call.where.lane, call.where.slot, call.where.generation};
  asked->make = [what = std::move(what), retry_after_s = context.retry_after_s](
                  actors::pending_contacts& now) {
    try {
      actors::pending_contacts layer{now};
      auto made = what(layer);
      now.take_over(layer);
      return made;
    } catch (const refusal& no) {
      return problem(no.code(), no.detail(), retry_after_s);
    } catch (const std::exception& fault) {
      log().error("api: a change of contacts failed, cause=\"{}\"", fault.what());
      return problem(model::errc::internal, {}, 0);
    }
  };
  if (const auto refused = context.admitted.try_admit())
    throw refusal{*refused, {}};
  caf::anon_send(context.contact_book, actors::contact_change_ptr{std::move(asked)});
}

}  // namespace parley::ingress
