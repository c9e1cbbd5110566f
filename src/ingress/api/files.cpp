#include "parley/store/file_store.hpp"
#include "src/ingress/api/call.hpp"
#include "src/ingress/file_urls.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/viewer.hpp"

namespace parley::ingress {

std::optional<model::answer> get_file(const api_context& context, const api_call& call) {
  const query_parameters none{call.query, {}};
  const auto id = files::file_id::parse(call.id);
  const auto file = id ? context.files.find(*id) : std::nullopt;
  // Another organisation's file is as good as none (I11).
  const bool ours = file && file->organization == call.caller.owner->index;
  // Which conversation a file is of is not known: an agent has what it uploaded itself, and the
  // URLs in the messages that it may see.
  if (!ours || !(sees_everything(call.who) || file->uploader == call.who.user->id))
    throw refusal{model::errc::not_found, "there is no such file"};
  model::answer made;
  json_writer json{made.body};
  write_file(json, *file, context.urls, model::wall_clock());
  return made;
}

}  // namespace parley::ingress
