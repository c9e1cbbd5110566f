#include "src/ingress/api/media.hpp"

#include "parley/files/acceptance.hpp"
#include "parley/files/mms_countries.hpp"
#include "parley/routing/conditions.hpp"
#include "src/ingress/problem.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace parley::ingress {

namespace {

/// The record's type is what the content was found to be when it came in, so it says twice the
/// same: whether this channel takes it, by type, name and size.
void look_up(const api_context& context, const api_call& call, model::channel over,
             model::media& file) {
  const auto record = context.files.find(file.file);
  // Another organisation's file is as good as none (I11).
  if (!record || record->organization != call.caller.owner->index)
    throw refusal{model::errc::file_not_found, "there is no file `" + file.file.text() + "`"};
  const auto content = [&](std::uint64_t offset, std::size_t count) {
    const auto left = record->bytes - std::min(offset, record->bytes);
    const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(count, left));
    return context.files.open(*record)->read(offset, there);
  };
  const files::verdict verdict{{.channel = over,
                                .name = record->name,
                                .declared = record->content_type,
                                .found = record->content_type,
                                .bytes = record->bytes,
                                .content = content}};
  if (const auto& no = verdict.refusal())
    throw refusal{no->code, "`" + file.file.text() + "`: " + no->detail};
  file.content_type = record->content_type;
}

void look_all_up(const api_context& context, const api_call& call, model::channel over,
                 std::vector<model::media>& files) {
  for (auto& file : files)
    if (file.file.has_value())
      look_up(context, call, over, file);
}

void require_mms(const api_context& context, const api_call& call, const model::pair& between) {
  const auto number
    = call.directory->find_number(between.organization, between.ours.identifier);
  if (number
      && std::ranges::find(number->number->channels, "mms") == number->number->channels.end())
    throw refusal{model::errc::number_not_allowed,
                  "`" + between.ours.identifier + "` does not carry mms"};
  for (const auto& party : between.theirs.members())
    if (const auto country = routing::country_of(party); !context.mms.takes(country))
      throw refusal{model::errc::mms_unavailable, "MMS is not sent to " + country};
}

}  // namespace

void require_media(const api_context& context, const api_call& call, const model::pair& between,
                   std::vector<model::media>& files) {
  if (files.empty())
    return;
  if (between.theirs.kind == model::channel::sms)
    require_mms(context, call, between);
  look_all_up(context, call, between.theirs.kind, files);
}

void require_note_media(const api_context& context, const api_call& call,
                        std::vector<model::media>& files) {
  look_all_up(context, call, model::channel::chat, files);
}

}  // namespace parley::ingress
