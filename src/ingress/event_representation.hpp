#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "parley/model/directory.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/file_urls.hpp"
#include "src/ingress/masking.hpp"

namespace parley::ingress {

/// One event as the outside sees it. Whoever follows the journal shares the text.
struct shown_event {
  std::size_t type = 0;  ///< In `event_types`.
  model::event_id id;
  std::shared_ptr<const std::string> json;
};

/// For whom an event is put into words, and what that takes.
struct wording {
  audience who = audience::clear;  ///< Whether they are shown customers' numbers.
  const file_urls& urls;           ///< For fresh URLs of files.
  /// What the message of a `media_settled` or `message_edited` says now; null: it is not known.
  const model::content* about = nullptr;
};

/// What a record of the journal looks like from outside: `{seq, id, type, created_at, organization,
/// data}`. None for kinds that are not shown;
/// two for a conversation that nobody is responsible for, `conversation.created` and
/// `number.unrouted`, with one `seq` and different ids.
///
/// `data` of `conversation.message.created` is the message; of `delivery.updated` `{conversation,
/// message, index, state, error, provider_id, to, attempts}`; of the other `conversation.*` types
/// what the event itself tells: `conversation`, `channel`, `number`, `peers`, `state` and what
/// changed.
[[nodiscard]] std::vector<shown_event> show(const store::record& record,
                                            const model::directory& directory,
                                            const wording& how);

}  // namespace parley::ingress
