#include "parley/cli/provisioning.hpp"

#include "parley/cli/input_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace parley::cli {
namespace {

using ::testing::ElementsAre;

/// A template, each key once. Tests replace one part and name the line.
constexpr std::string_view file = R"([[organization]]
id = "demo"

[[organization.template]]
id = "reminder"
# Meta's name and language.
name = "appointment_reminder"
language = "de_AT"
category = "utility"
carrier_id = "HX0123456789abcdef0123456789abcdef"


[[organization.template.component]]
# Shown first.
type = "header"
text = "Hallo {{name}}"

[[organization.template.component]]
type = "body"
text = "Bis {{day}}!"
)";

std::string replaced(std::string_view from, std::string_view old, std::string_view now) {
  std::string text{from};
  const auto at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return at == std::string::npos ? text : text.replace(at, old.size(), now);
}

std::string refusal_of(const std::vector<model::organization>& stored, std::string_view text) {
  try {
    (void)provision(stored, text, "directory.toml");
  } catch (const input_error& no) {
    return no.what();
  }
  return "it was not refused";
}

TEST(provisioned_template, is_read_with_its_components) {
  using enum model::component_type;
  const auto owner = provision({}, file, "f").front();
  EXPECT_THAT(owner.templates,
              ElementsAre(model::message_template{
                "reminder", "appointment_reminder", "de_AT", model::template_category::utility,
                model::template_state::draft, "HX0123456789abcdef0123456789abcdef",
                {{header, "Hallo {{name}}"}, {body, "Bis {{day}}!"}}}));
  const auto approved = replaced(file, "category = ", "state = \"approved\"\ncategory = ");
  EXPECT_EQ(provision({owner}, approved, "f").front().templates.front().state,
            model::template_state::approved);
}

TEST(provisioned_template, is_refused_with_the_line_of_what_is_wrong) {
  const auto refusal = [](std::string_view old, std::string_view now) {
    return refusal_of({}, replaced(file, old, now));
  };
  EXPECT_EQ(refusal("Hallo {{name}}", "Hallo {{name"),
            "directory.toml:16: `component.text` of a template has `{{` without `}}`, at character "
            "7");
  EXPECT_EQ(refusal("type = \"header\"", "type = \"title\""),
            "directory.toml:15: `type` of a component must be one of header, body, footer, button, "
            "not `title`");
  EXPECT_EQ(refusal("category = \"utility\"", "category = \"spam\""),
            "directory.toml:9: `category` of a template must be one of marketing, utility, "
            "authentication, not `spam`");
  EXPECT_EQ(refusal("language = \"de_AT\"", "language = \"de-AT\""),
            "directory.toml:8: `language` of a template must be a language such as de or de_AT, "
            "not `de-AT`");
}

TEST(provisioned_template, may_clash_with_one_that_only_the_store_has) {
  auto stored = provision({}, file, "f");
  stored.front().templates.front().id = "older";
  EXPECT_EQ(refusal_of(stored, file),
            "directory.toml:4: `name` of a template is that of the template `older`, which is of "
            "the same language");
}

}  // namespace
}  // namespace parley::cli
