#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/query.hpp"
#include "src/ingress/viewer.hpp"

namespace parley::ingress {

/// An address in a query; without a channel it matches every channel.
struct address_filter {
  std::optional<model::channel> kind;
  std::string identifier;

  [[nodiscard]] bool matches(const model::address& what) const noexcept;
};

/// What `GET /v1/conversations` asks for. What is not set does not filter.
struct conversation_query {
  std::optional<model::conversation_phase> phase;
  std::optional<address_filter> number;
  std::optional<address_filter> address;
  std::optional<model::contact_id> contact;
  std::string user;
  std::string team;
  std::string label;
  std::optional<bool> unrouted;
  bool unknown = false;  ///< Only those with a delivery of which nobody knows whether it left.
  std::size_t limit = 0;
  std::string cursor;
};

struct conversation_page {
  std::vector<model::conversation_state> items;  ///< Newest first.
  std::string next;                              ///< Empty at the end.
};

/// A parameter that is an address, if it is given. Throws `refusal` (malformed) naming it.
[[nodiscard]] std::optional<address_filter>
read_address_filter(const query_parameters& parameters, std::string_view name);

/// Throws `refusal` (malformed) naming the parameter.
[[nodiscard]] conversation_query read_conversation_query(std::string_view query);

/// Throws `refusal`: forbidden when it asks for a customer's number that is masked for whoever
/// asks, which would be a way to find it out; role_required when it asks for unrouted ones and does
/// not see them.
void require_may_list(const viewer& who, const conversation_query& query);

/// Reads one page of an organisation's conversations, of those that whoever asks may see.
///
/// With an address, or a contact and so its addresses, it looks at the pairs of those and the
/// organisation's numbers, and walks back along each one's earlier conversations. Else it merges
/// the narrowest listings, which share one order and so one cursor, and leaves out what does not
/// match: at most `scan_lines_max` lines a call, so a page can be short, or empty, and still have a
/// next one.
[[nodiscard]] conversation_page list_conversations(const store::reader& reader,
                                                   const viewer& who,
                                                   const conversation_query& query);

/// The pairs of an organisation's numbers, as the directory has them, and these addresses, which
/// need not all exist; then the groups that the addresses are in.
[[nodiscard]] std::vector<model::pair> pairs_with(const store::reader& reader,
                                                  const model::organization& owner,
                                                  const std::vector<model::address>& theirs);

}  // namespace parley::ingress
