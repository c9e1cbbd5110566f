#include "parley/routing/entry_soundness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace parley::routing {
namespace {

using ::testing::HasSubstr;
using model::component_type;

model::entry_fault fault_with(component_type type, std::string text) {
  model::message_template entry;
  entry.components = {{component_type::button, "Call"}, {type, std::move(text)}};
  return deeper_fault_of(entry).value_or(model::entry_fault{"", "sound"});
}

TEST(template_soundness, variables_stand_in_every_component_but_the_footer) {
  for (const auto type : {component_type::header, component_type::body, component_type::button})
    EXPECT_EQ(fault_with(type, "Hi {{1}}").place(), "");
  EXPECT_EQ(fault_with(component_type::footer, "Demo {x}").place(), "");
  const auto fault = fault_with(component_type::footer, "Demo {{1}}");
  EXPECT_EQ(fault.place(), "components[1].text");
  EXPECT_THAT(fault.why, HasSubstr("footer"));
}

TEST(template_soundness, braces_that_cannot_be_read_are_refused_with_their_place) {
  const auto fault = fault_with(component_type::body, "Grüße {{name");
  EXPECT_EQ(fault.place(), "components[1].text");
  EXPECT_EQ(fault.why, "has `{{` without `}}`, at character 7");
  EXPECT_EQ(fault_with(component_type::footer, "{{").place(), "components[1].text");
}

}  // namespace
}  // namespace parley::routing
