#include "src/cli/template_table.hpp"

#include <array>

#include "src/cli/toml_words.hpp"

namespace parley::cli {

namespace {

constexpr auto fields = std::to_array<std::string_view>(
  {"id", "name", "language", "category", "state", "carrier_id", "component"});
constexpr auto component_fields = std::to_array<std::string_view>({"type", "text"});

}  // namespace

std::span<const std::string_view> template_keys() noexcept { return fields; }

model::message_template read_template(const table_reader& from, const std::string& file) {
  model::message_template made;
  made.id = from.text("id");
  made.name = from.text("name");
  made.language = from.text("language");
  made.category = one_of<model::template_category>(from, "category", "");
  made.state = one_of<model::template_state>(from, "state", "draft");
  made.carrier_id = from.text_or("carrier_id", "");
  for (const auto* table : from.tables("component")) {
    const table_reader one{*table, "a component", file, component_fields};
    auto& component = made.components.emplace_back();
    component.type = one_of<model::component_type>(one, "type", "");
    component.text = one.text("text");
  }
  return made;
}

}  // namespace parley::cli
