#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"
#include "parley/model/event.hpp"

namespace parley::model {

/// A word of a fixed vocabulary and what it stands for.
template <class T>
struct word {
  std::string_view text;
  T value;
};

/// The words of `T` as the provisioning file and the API write them.
template <class T>
inline constexpr auto words = std::array<word<T>, 0>{};

template <>
inline constexpr auto words<licence> = std::to_array<word<licence>>(
  {{"standard", licence::standard}, {"pro", licence::pro}, {"pro_cx", licence::pro_cx}});
template <>
inline constexpr auto words<role> = std::to_array<word<role>>({{"owner", role::owner},
                                                               {"admin", role::admin},
                                                               {"agent", role::agent},
                                                               {"read_only", role::read_only}});
template <>
inline constexpr auto words<assignment_strategy> = std::to_array<word<assignment_strategy>>(
  {{"everyone", assignment_strategy::everyone},
   {"random_one", assignment_strategy::random_one},
   {"round_robin", assignment_strategy::round_robin},
   {"least_busy", assignment_strategy::least_busy}});
template <>
inline constexpr auto words<history_policy> = std::to_array<word<history_policy>>(
  {{"all", history_policy::all}, {"from_join", history_policy::from_join}});
template <>
inline constexpr auto words<hours_condition> = std::to_array<word<hours_condition>>(
  {{"any", hours_condition::any},
   {"inside", hours_condition::inside},
   {"outside", hours_condition::outside}});
template <>
inline constexpr auto words<action_trigger> = std::to_array<word<action_trigger>>(
  {{"conversation_opened", action_trigger::conversation_opened},
   {"every_message", action_trigger::every_message},
   {"outbound", action_trigger::outbound}});
template <>
inline constexpr auto words<presence> = std::to_array<word<presence>>(
  {{"offline", presence::offline}, {"busy", presence::busy}, {"available", presence::available}});
template <>
inline constexpr auto words<question_outcome> = std::to_array<word<question_outcome>>(
  {{"answered", question_outcome::answered},
   {"failed", question_outcome::failed},
   {"timed_out", question_outcome::timed_out}});
template <>
inline constexpr auto words<media_fault> = std::to_array<word<media_fault>>(
  {{"file_too_large", media_fault::too_large},
   {"file_type_refused", media_fault::type_refused},
   {"fetch_refused", media_fault::refused},
   {"fetch_failed", media_fault::unreachable}});
template <>
inline constexpr auto words<priority> = std::to_array<word<priority>>({{"low", priority::low},
                                                                       {"normal", priority::normal},
                                                                       {"high", priority::high},
                                                                       {"urgent",
                                                                        priority::urgent}});
template <>
inline constexpr auto words<template_category> = std::to_array<word<template_category>>(
  {{"marketing", template_category::marketing},
   {"utility", template_category::utility},
   {"authentication", template_category::authentication}});
template <>
inline constexpr auto words<template_state> = std::to_array<word<template_state>>(
  {{"draft", template_state::draft},
   {"pending", template_state::pending},
   {"approved", template_state::approved},
   {"rejected", template_state::rejected},
   {"paused", template_state::paused}});
template <>
inline constexpr auto words<component_type> = std::to_array<word<component_type>>(
  {{"header", component_type::header},
   {"body", component_type::body},
   {"footer", component_type::footer},
   {"button", component_type::button}});
template <>
inline constexpr auto words<consent_scope> = std::to_array<word<consent_scope>>(
  {{"number", consent_scope::number}, {"organization", consent_scope::organization}});
template <>
inline constexpr auto words<intent_policy> = std::to_array<word<intent_policy>>(
  {{"off", intent_policy::off},
   {"mark", intent_policy::mark},
   {"opt_out", intent_policy::opt_out}});
template <>
inline constexpr auto words<consent_state> = std::to_array<word<consent_state>>(
  {{"opted_in", consent_state::opted_in}, {"opted_out", consent_state::opted_out}});
template <>
inline constexpr auto words<consent_source> = std::to_array<word<consent_source>>(
  {{"keyword", consent_source::keyword},
   {"carrier", consent_source::carrier},
   {"intent", consent_source::intent},
   {"api", consent_source::api}});
template <>
inline constexpr auto words<outbound_policy> = std::to_array<word<outbound_policy>>(
  {{"forbidden", outbound_policy::forbidden},
   {"allowed", outbound_policy::allowed},
   {"allowed_copy_team", outbound_policy::allowed_copy_team}});
template <>
inline constexpr auto words<link_format> = std::to_array<word<link_format>>(
  {{"twilio", link_format::twilio},
   {"whatsapp", link_format::whatsapp},
   {"http", link_format::http}});
template <>
inline constexpr auto words<unknown_outcome_policy> = std::to_array<word<unknown_outcome_policy>>(
  {{"hold", unknown_outcome_policy::hold}, {"resend", unknown_outcome_policy::resend}});

/// What the word stands for, or nothing.
template <class T>
[[nodiscard]] std::optional<T> value_of(std::string_view text) noexcept {
  const auto found = std::ranges::find(words<T>, text, &word<T>::text);
  return found == words<T>.end() ? std::nullopt : std::optional{found->value};
}

/// The word for a value.
template <class T>
[[nodiscard]] std::string_view word_for(T value) noexcept {
  const auto found = std::ranges::find(words<T>, value, &word<T>::value);
  return found == words<T>.end() ? std::string_view{} : found->text;
}

/// Every word of `T`, for a sentence.
template <class T>
[[nodiscard]] std::string all_words() {
  std::string all;
  for (const auto& one : words<T>)
    (all += all.empty() ? "" : ", ") += one.text;
  return all;
}

}  // namespace parley::model
