#include "actors/incoming_media.hpp"

#include <exception>
#include <utility>
#include <variant>

#include "actors/log.hpp"
#include "parley/model/event.hpp"

namespace parley::actors {

bool has_content(const store::reader& reader, std::uint64_t message_seq) {
  try {
    const auto record = reader.at(message_seq);
    const auto* added = record ? std::get_if<model::message_added>(&record->event.body) : nullptr;
    return added != nullptr && !added->what->redacted;
  } catch (const store::corruption_error& damage) {
    log().error("fetcher: a message cannot be read, cause=\"{}\"", damage.what());
    return false;
  }
}

bool incoming_media::take(std::string_view bytes) noexcept {
  try {
    if (file_ == nullptr)
      file_ = kept_.begin();
    file_->write(bytes);
    return true;
  } catch (const std::exception& fault) {
    fault_ = fault.what();
    log().error("fetcher: a file cannot be written, cause=\"{}\"", fault_);
    return false;
  }
}

incoming_media::outcome incoming_media::finish(std::uint32_t organization,
                                               std::uint64_t message_seq) noexcept {
  try {
    return keep(organization, message_seq);
  } catch (const std::exception& fault) {
    log().error("fetcher: a file cannot be kept, cause=\"{}\"", fault.what());
    return {.kept = std::nullopt, .refused = std::nullopt, .fault = fault.what()};
  }
}

incoming_media::outcome incoming_media::keep(std::uint32_t organization,
                                             std::uint64_t message_seq) {
  outcome made;
  if (file_ == nullptr) {
    made.refused = files::refused{model::errc::file_type_refused, "the file is empty"};
    return made;
  }
  // What the carrier calls it counts for nothing: only what it is.
  const auto found = file_->content_type();
  const files::verdict verdict{{.channel = model::channel::chat,
                                .name = {},
                                .declared = {},
                                .found = found,
                                .bytes = file_->bytes()}};
  made.refused = verdict.refusal();
  made.unwanted = !made.refused && !has_content(reader_, message_seq);
  if (made.refused || made.unwanted)
    return made;
  const auto now = model::wall_clock();
  files::file_record record;
  record.id = model::thread_ids().next_as<files::file_id>(now);
  record.organization = organization;
  record.name = verdict.file().name;
  record.content_type = verdict.file().content_type;
  record.created_at = now;
  made.kept = kept_.keep(*file_, std::move(record));
  return made;
}

}  // namespace parley::actors
