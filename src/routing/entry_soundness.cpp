#include "parley/routing/entry_soundness.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "parley/routing/expression.hpp"
#include "parley/routing/time_zone.hpp"
#include "parley/text/placeholders.hpp"

namespace parley::routing {

namespace {

using fault = std::optional<model::entry_fault>;

/// UTC needs no database: it is what an organisation has that says nothing.
fault zone_fault(const std::string& zone) {
  if (zone == "UTC" || is_time_zone(zone))
    return std::nullopt;
  return model::entry_fault{
    "time_zone",
    "must be a name of the tz database, such as Europe/Berlin, not `" + zone + '`'};
}

/// The fault of an expression, as a sentence that goes on; empty when there is none.
std::string expression_sentence(const model::message_conditions& when) {
  if (when.body_matches.empty())
    return {};
  const auto why = expression_fault(when.body_matches);
  return why ? "is no regular expression that can be used: " + *why : std::string{};
}

/// What is wrong with the braces of a component, as a sentence that goes on; else empty.
std::string braces_sentence(const model::template_component& component) {
  const auto found = text::placeholders_of(component.text);
  if (const auto* no = std::get_if<text::placeholder_fault>(&found))
    return no->why + ", at character " + std::to_string(no->character);
  if (component.type == model::component_type::footer
      && !std::get<std::vector<std::string>>(found).empty())
    return "has a variable, which a footer must not";
  return {};
}

}  // namespace

fault deeper_fault_of(const model::user& entry) {
  return entry.time_zone.empty() ? std::nullopt : zone_fault(entry.time_zone);
}

fault deeper_fault_of(const model::inbox& entry) {
  for (std::size_t i = 0; i < entry.auto_replies.size(); ++i)
    if (auto why = expression_sentence(entry.auto_replies[i].when); !why.empty())
      return model::entry_fault{"auto_replies", std::move(why), i, model::errc::malformed,
                                "when.body_matches"};
  return std::nullopt;
}

fault deeper_fault_of(const model::business_hours& entry) { return zone_fault(entry.time_zone); }

fault deeper_fault_of(const model::rule& entry) {
  auto why = expression_sentence(entry.when);
  if (why.empty())
    return std::nullopt;
  return model::entry_fault{"when", std::move(why), {}, model::errc::malformed, "body_matches"};
}

fault deeper_fault_of(const model::message_template& entry) {
  for (std::size_t i = 0; i < entry.components.size(); ++i)
    if (auto why = braces_sentence(entry.components[i]); !why.empty())
      return model::entry_fault{"components", std::move(why), i, model::errc::malformed, "text"};
  return std::nullopt;
}

fault deeper_fault_of(const model::organization& entry) { return zone_fault(entry.time_zone); }

}  // namespace parley::routing
