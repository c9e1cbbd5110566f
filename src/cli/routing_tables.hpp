#pragma once

#include <toml++/toml.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/directory.hpp"
#include "src/cli/toml_file.hpp"

namespace parley::cli {

// The tables of an organisation that say where messages go, and when. Only types and words are
// checked here; the rules have the rest. Everything throws `input_error` that begins with
// `file:line:`.

/// The keys of each table, for its `table_reader`.
[[nodiscard]] std::span<const std::string_view> inbox_keys() noexcept;
[[nodiscard]] std::span<const std::string_view> hours_keys() noexcept;
[[nodiscard]] std::span<const std::string_view> rule_keys() noexcept;
[[nodiscard]] std::span<const std::string_view> data_action_keys() noexcept;
[[nodiscard]] std::span<const std::string_view> webhook_keys() noexcept;

/// Without its automatic replies by condition: those name numbers, which belong to inboxes.
[[nodiscard]] model::inbox read_inbox(const table_reader& from, const std::string& file);
/// `[[…inbox.auto_reply_variant]]`.
[[nodiscard]] std::vector<model::auto_reply_variant> read_auto_replies(const table_reader& from,
                                                                       const std::string& file);
[[nodiscard]] model::business_hours read_hours(const table_reader& from, const std::string& file);
[[nodiscard]] model::rule read_rule(const table_reader& from, const std::string& file);
[[nodiscard]] model::data_action read_data_action(const table_reader& from);
[[nodiscard]] model::webhook read_webhook(const table_reader& from);
/// `[organization.consent]`; as it is built in when that is not there.
[[nodiscard]] model::consent_settings read_consent(const table_reader& organization,
                                                   const std::string& file);
/// `[organization.prices]`; none when that is not there.
[[nodiscard]] model::price_settings read_prices(const table_reader& organization,
                                                const std::string& file);

}  // namespace parley::cli
