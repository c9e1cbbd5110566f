#include "src/ingress/api/directory_entries.hpp"

#include "parley/model/directory_words.hpp"
#include "src/ingress/api/entry_members.hpp"

namespace parley::ingress {

namespace {

void read_component(const object_reader& in, model::template_component& component) {
  in.allow_only({"type", "text"}, {});
  if (!in.given("type"))
    refuse_member("type", "is needed");
  read_word(in, "type", component.type);
  read_text(in, "text", component.text);
}

}  // namespace

void read_members(const object_reader& in, model::message_template& entry) {
  in.allow_only({"id", "name", "language", "category", "state", "carrier_id", "components"}, {});
  // What it costs depends on it, so nobody is given one that he or she has not chosen.
  if (entry.id.empty() && !in.given("category"))
    refuse_member("category", "is needed");
  read_id(in, "id", entry.id);
  read_text(in, "name", entry.name);
  read_text(in, "language", entry.language);
  read_word(in, "category", entry.category);
  read_word(in, "state", entry.state);
  read_text(in, "carrier_id", entry.carrier_id);
  read_each(in, "components", entry.components, read_component);
}

void write_members(json_writer& json, const model::message_template& entry) {
  json.key("id").text(entry.id).key("name").text(entry.name);
  json.key("language").text(entry.language);
  json.key("category").text(model::word_for(entry.category));
  json.key("state").text(model::word_for(entry.state));
  json.key("carrier_id").text_or_null(entry.carrier_id);
  json.key("components").begin_array();
  for (const auto& component : entry.components) {
    json.begin_object().key("type").text(model::word_for(component.type));
    json.key("text").text(component.text).end_object();
  }
  json.end_array();
}

}  // namespace parley::ingress
