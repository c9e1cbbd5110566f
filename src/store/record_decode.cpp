#include "src/store/record_decode.hpp"

#include "parley/store/codec.hpp"
#include "src/store/record_format.hpp"
#include "src/store/sealed.hpp"

#include <memory>
#include <utility>
#include <variant>

namespace parley::store {

record decode_record(std::uint64_t seq, std::string_view bytes) {
  const auto view = open_record(seq, bytes);
  try {
    return {.seq = seq,
            .prev = view.prev,
            .organization = view.organization,
            .pair_key = std::string{view.pair_key},
            .event = decode_event(view.body)};
  } catch (const corruption_error& cause) {
    throw corruption_error{"journal: record " + std::to_string(seq) + ": " + cause.what()};
  }
}

namespace {

/// The record of a message with what `change` makes of it, sealed anew. Empty when it is damaged,
/// no message's, or `change` says that it is not to be changed.
template <class Change>
std::string changed_message(std::uint64_t seq, std::string_view bytes, Change&& change) {
  record found;
  try {
    found = decode_record(seq, bytes);
  } catch (const corruption_error&) {
    return {};
  }
  auto* added = std::get_if<model::message_added>(&found.event.body);
  if (added == nullptr)
    return {};
  if (!change(*added))
    return {};
  std::string out;
  append_record_head(out, found.prev, found.organization, found.pair_key);
  encode(found.event, out);
  seal_record(out.data(), out.size(), seq);
  return out;
}

/// The same for a change of its content alone; null: not to be changed.
template <class Change>
std::string changed_record(std::uint64_t seq, std::string_view bytes, Change&& change) {
  return changed_message(seq, bytes, [&](model::message_added& added) {
    auto after = change(*added.what);
    if (after == nullptr)
      return false;
    added.what = std::move(after);
    return true;
  });
}

}  // namespace

std::string redacted_record(std::uint64_t seq, std::string_view bytes) {
  return changed_record(seq, bytes, [](const model::content& before) {
    // The carrier's id stays: without it a repeated callback or report would find nothing.
    auto nothing = std::make_shared<model::content>();
    nothing->provider_id = before.provider_id;
    nothing->redacted = true;
    // Which template it was says nothing of anybody; what was put into it does.
    nothing->made_from = before.made_from;
    if (nothing->made_from)
      nothing->made_from->variables.clear();
    return nothing;
  });
}

std::string settled_record(std::uint64_t seq, std::string_view bytes,
                           const std::vector<model::media>& files) {
  return changed_record(seq, bytes, [&](const model::content& before) {
    if (before.redacted || before.files.size() != files.size())
      return std::shared_ptr<model::content>{};
    auto after = std::make_shared<model::content>(before);
    after->files = files;
    return after;
  });
}

std::string edited_record(std::string_view bytes, const edited_message& edited) {
  return changed_message(edited.seq, bytes, [&](model::message_added& added) {
    if (added.what->redacted)
      return false;
    const auto segments = segments_of(added);
    added.edited = edited.as;
    if (edited.what != nullptr)
      added.what = edited.what;
    else
      added.edited.segments = segments;
    return true;
  });
}

model::conversation_state decode_state_of(std::string_view table, std::string_view key,
                                          std::string_view encoded) {
  try {
    return decode_state(encoded);
  } catch (const corruption_error& cause) {
    throw corruption_error{std::string{table} + ": the row " + printable(key) + ": "
                           + cause.what()};
  }
}

}  // namespace parley::store
