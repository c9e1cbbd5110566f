#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/conversation.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/file_urls.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/masking.hpp"

namespace parley::ingress {

/// Which messages of a conversation: indexes `first` to `last`, both included; none when `last <
/// first`.
struct history_range {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
};

/// A page of `GET …/messages`.
struct history_query {
  std::uint64_t after = 0;
  std::uint64_t before = 0;  ///< 0: not given; else the page ends before this index.
  std::size_t limit = 0;
  std::uint64_t hidden_up_to = 0;  ///< Messages up to this index are not shown to whoever asks.
};

/// Reads `after`, `before`, `limit` and `cursor`. Throws `refusal` (malformed).
[[nodiscard]] history_query read_history_query(std::string_view query);

/// The indexes of that page in a conversation with `last_index` messages. Indexes have no gaps.
[[nodiscard]] history_range range_of(const history_query& query, std::uint64_t last_index) noexcept;

/// The cursor of the page after it, in the direction of the query; empty at the end.
[[nodiscard]] std::string next_of(const history_query& query, const history_range& range,
                                  std::uint64_t last_index);

/// What became of a message on its way to one recipient.
struct item_delivery {
  std::string to;  ///< The recipient, of a group; empty: the pair's other end.
  model::delivery_state state = model::delivery_state::queued;
  std::int32_t error_code = 0;
  std::string provider_id;
  model::timestamp updated_at{};
};

/// A message with what became of it.
struct history_item {
  model::event event;  ///< Its body is a `message_added`.
  std::vector<item_delivery> deliveries;
};

/// The message resource.
void write_history_item(json_writer& json, const history_item& item, const model::pair& between,
                        audience who, const file_urls& urls);

/// Reads these messages of a conversation, in ascending order of index.
///
/// History is a chain that is walked backwards. The walk enters at the nearest mark above the page,
/// or at the head of the chain. A delivery can change long after its message, above the mark: when
/// a message of the page is neither among the state's recent deliveries nor finally settled within
/// the walk, the page is read again from the pair's head, which sees everything. Cost: a page of
/// inbound messages reads at most one stride of marks besides itself; one with old outbound
/// messages reads, at worst, all events of the pair after it.
[[nodiscard]] std::vector<history_item> read_history(const store::reader& reader,
                                                     const model::conversation_state& state,
                                                     const history_range& range);

}  // namespace parley::ingress
