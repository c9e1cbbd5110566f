#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/address.hpp"
#include "parley/model/command.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/message.hpp"
#include "parley/model/time.hpp"
#include "parley/text/placeholders.hpp"

namespace parley::ingress {

/// The member `template` of a send: which one, and what its variables are to be.
struct template_request {
  std::string id;
  std::vector<text::variable> variables;  ///< In order of their names, each once.
};

/// Body of `POST …/messages`, checked as far as it can be without looking anything up.
struct send_request {
  model::author author;
  std::string body;
  std::vector<model::media> files;
  std::uint32_t segments = 1;
  bool note = false;  ///< Among the participants only.
  std::optional<template_request> made_from{};  ///< In place of `body` and `files`.
  model::timestamp send_at{};     ///< Zero: at once.
  std::int64_t validity_ms = 0;   ///< 0: as configured.
};

/// Body of `POST /v1/conversations` and of `POST /v1/messages`.
struct start_request {
  model::address from;
  std::vector<model::address> to;  ///< Several: a group. All of the channel of `from`, each once.
  std::string subject;
  send_request first;
  bool says_something = false;  ///< There is a text, a file or a template.
};

/// Body of `PATCH /v1/messages/{id}`: at least one of the two is there.
struct edit_request {
  std::optional<std::string> body;
  std::uint32_t segments = 1;  ///< Of `body`.
  model::timestamp send_at{};  ///< Zero: as it is.
};

/// Body of `POST /v1/messages/{id}/resolve`.
struct resolve_request {
  model::resolution as = model::resolution::failed;
  std::optional<model::address> to;  ///< The party of a group.
};

/// Body of `POST …/claim`, `…/release`, `…/close` and `…/participants`.
struct user_request {
  std::string user;  ///< Empty: the application.
};

/// Body of `POST …/transfer`: exactly one of `to_user` and `to_team` is set.
struct transfer_request {
  std::string by;  ///< Empty: the application.
  std::string to_user;
  std::string to_team;
};

/// Body of `POST …/snooze`.
struct snooze_request {
  std::string user;  ///< Empty: the application.
  model::timestamp until{};  ///< Zero: snoozed no longer.
};

/// Body of `POST …/priority`.
struct priority_request {
  std::string user;  ///< Empty: the application.
  model::priority priority = model::priority::normal;
};

/// Body of `POST …/labels`.
struct labels_request {
  std::vector<std::string> add;
  std::vector<std::string> remove;
};

/// Body of `POST …/read`.
struct read_request {
  std::string user;
  std::uint64_t index = 0;  ///< 0: everything there is.
};

/// These read untrusted JSON, nested at most `depth_max` deep. They throw `refusal`: malformed,
/// naming the member; `body_required`; `body_too_long`. An absent body is a `parse_user` without a
/// user, unless it is `required`.
[[nodiscard]] send_request parse_send(std::string_view json, std::size_t depth_max);
[[nodiscard]] start_request parse_start_conversation(std::string_view json, std::size_t depth_max);
[[nodiscard]] start_request parse_start_message(std::string_view json, std::size_t depth_max);
[[nodiscard]] edit_request parse_edit(std::string_view json, std::size_t depth_max);
[[nodiscard]] resolve_request parse_resolve(std::string_view json, std::size_t depth_max);
[[nodiscard]] user_request parse_user(std::string_view json, std::size_t depth_max, bool required);
[[nodiscard]] transfer_request parse_transfer(std::string_view json, std::size_t depth_max);
[[nodiscard]] snooze_request parse_snooze(std::string_view json, std::size_t depth_max);
[[nodiscard]] priority_request parse_priority(std::string_view json, std::size_t depth_max);
[[nodiscard]] labels_request parse_labels(std::string_view json, std::size_t depth_max);
[[nodiscard]] read_request parse_read(std::string_view json, std::size_t depth_max);

/// Whether a file's URL is absolute `http` or `https` with a host, printable ASCII, and not too
/// long.
[[nodiscard]] bool is_file_url(std::string_view url) noexcept;

}  // namespace parley::ingress
