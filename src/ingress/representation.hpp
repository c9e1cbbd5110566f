#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/conversation.hpp"
#include "parley/model/event.hpp"
#include "parley/model/message.hpp"
#include "src/ingress/file_urls.hpp"
#include "src/ingress/json_writer.hpp"
#include "src/ingress/masking.hpp"

namespace parley::ingress {

/// What is shown of a message's delivery to one recipient.
struct shown_delivery {
  std::string_view to{};         ///< The recipient, of a group; empty: the pair's other end.
  model::delivery_state state = model::delivery_state::queued;
  std::int32_t error_code = 0;
  std::string_view provider_id{};  ///< The carrier's; empty until it answered.
  model::timestamp updated_at{};
};

/// Everything that a message's JSON is made of. Views and references live for the call only.
struct shown_message {
  model::message_id id;
  model::conversation_id conversation;
  std::uint64_t index = 0;
  model::direction direction = model::direction::inbound;
  const model::author& author;
  const model::content& what;
  std::span<const std::string> mentions{};
  std::span<const std::string> recipients{};  ///< Of a group or a chat.
  std::uint32_t segments = 1;
  model::timestamp created_at{};
  model::timestamp send_at{};    ///< Zero: at once.
  model::timestamp edited_at{};  ///< Zero: it is as it was accepted.
  std::int64_t validity_ms = 0;  ///< 0: as configured.
  const model::pair& between;
  std::span<const shown_delivery> deliveries{};  ///< One a recipient; none among users.
};

/// The message resource, for those who are shown customers' numbers or not. Its files that are in
/// the store get fresh URLs.
void write_message(json_writer& json, const shown_message& what, audience who,
                   const file_urls& urls);

/// A message as its event tells it, with what is known of its deliveries.
[[nodiscard]] shown_message shown(const model::event& event, const model::message_added& added,
                                  const model::pair& between,
                                  std::span<const shown_delivery> deliveries);

/// The deliveries of a message that has just been added.
[[nodiscard]] std::vector<shown_delivery> fresh_deliveries(const model::message_added& added,
                                                           model::timestamp at);

/// The conversation resource. `organization` is the directory's id.
void write_conversation(json_writer& json, const model::conversation_state& state,
                        std::string_view organization, audience who);

/// `one_to_group` when several users may take part: several do, or it belongs to a team's inbox.
/// `chat` is among users, `group_sms` with several outside parties.
[[nodiscard]] std::string_view kind_of(const model::pair& between, const model::route& route,
                                       std::size_t users) noexcept;

/// The members `number`, null for a chat, and `peers`, the outside parties, of which a chat has
/// none.
void write_ends(json_writer& json, const model::pair& between, audience who);

/// The member `media`, an array. Files that are in the store get fresh URLs.
void write_files(json_writer& json, const std::vector<model::media>& files,
                 const file_urls& urls);

/// The member `attributes`, an object.
void write_attributes(json_writer& json, const std::vector<model::attribute>& attributes);

/// RFC 3339, or empty for a time that is not set.
[[nodiscard]] std::string time_or_nothing(model::timestamp at);

/// How many lines of a bulk job are in each state; those that are in none are left out.
void write_bulk_counts(json_writer& json, const model::bulk_counts& counts);

/// The members of a change of consent, inside an object that the caller begins and ends.
void write_consent(json_writer& json, const model::conversation_id& conversation,
                   const model::consent_changed& changed, audience who);

}  // namespace parley::ingress
