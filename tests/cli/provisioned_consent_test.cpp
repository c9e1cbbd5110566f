#include "parley/cli/input_error.hpp"
#include "parley/cli/provisioning.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace parley::cli {
namespace {

using ::testing::ElementsAre;

/// A webhook and settings of consent, each key once. Tests replace one part and name the line.
constexpr std::string_view file = R"([[organization]]
id = "demo"

[[organization.webhook]]
id = "events"
url = "https://crm.example.com/events"
secret = "sixteen-or-more-characters"
types = ["delivery.updated"]
enabled = false

[organization.consent]
reads_keywords = false
scope = "organization"
intent = "mark"
intent_phrases = ["leave me"]

[[organization.consent.keywords]]
language = "de"
country = "AT"
opt_out = ["Stopp"]
opt_in = ["Los"]
opt_in_again = ["Ja"]
help = ["Hilfe"]
opt_out_text = "Schade."
opt_in_text = "Gut."
help_text = "So geht es."
)";

std::string refusal_after(std::string_view old, std::string_view now) {
  std::string text{file};
  const auto at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  try {
    std::ignore = provision({}, text.replace(at, old.size(), now), "f");
  } catch (const input_error& no) {
    return no.what();
  }
  return "nothing";
}

TEST(provisioned_consent, reads_every_key) {
  const auto owner = provision({}, file, "f").front();
  EXPECT_THAT(owner.webhooks, ElementsAre(model::webhook{"events", "https://crm.example.com/events",
                                                         "sixteen-or-more-characters",
                                                         {"delivery.updated"}, false}));
  EXPECT_EQ(owner.consent,
            (model::consent_settings{
              false, model::consent_scope::organization, model::intent_policy::mark,
              {"leave me"},
              {{"de", "AT", {"Stopp"}, {"Los"}, {"Ja"}, {"Hilfe"}, "Schade.", "Gut.",
                "So geht es."}}}));
}

TEST(provisioned_consent, what_is_not_said_is_built_in) {
  const auto owner = provision({}, "[[organization]]\nid = \"demo\"\n", "f").front();
  EXPECT_EQ(owner.consent, model::consent_settings{});
}

TEST(provisioned_consent, a_webhook_is_enabled_for_all_and_joins_those_of_the_store) {
  const auto stored = provision({}, file, "f");
  const auto owner = provision(stored, R"([[organization]]
id = "demo"

[[organization.webhook]]
id = "ledger"
url = "https://ledger.example.com"
secret = "sixteen-or-more-characters"
)", "f").front();
  EXPECT_THAT(owner.webhooks,
              ElementsAre(stored.front().webhooks.front(),
                          model::webhook{"ledger", "https://ledger.example.com",
                                         "sixteen-or-more-characters", {}, true}));
}

TEST(provisioned_consent, a_file_applied_twice_changes_nothing) {
  const auto once = provision({}, file, "f");
  EXPECT_EQ(provision(once, file, "f"), once);
}

TEST(provisioned_consent, names_the_line_of_what_cannot_be) {
  EXPECT_EQ(refusal_after("\"delivery.updated\"", "\"delivery\""),
            "f:8: `types` of a webhook must be an event type such as "
            "conversation.message.created, not `delivery`");
  EXPECT_EQ(refusal_after("\"delivery.updated\"", "\"bulk.progress\", \"bulk.progress\""),
            "f:8: `types` of a webhook names `bulk.progress` twice");
  EXPECT_EQ(refusal_after("\"sixteen-or-more-characters\"", "\"short\""),
            "f:7: `secret` of a webhook must be 16 to 512 bytes");
  EXPECT_EQ(refusal_after("scope = \"organization\"", "scope = \"planet\""),
            "f:13: `scope` of consent must be one of number, organization, not `planet`");
  EXPECT_THAT(refusal_after("language = \"de\"", "language = \"german\""),
              testing::HasSubstr("`consent.keywords[0].language` of an organization must be a "
                                 "language such as de or de-AT, not `german`"));
}

}  // namespace
}  // namespace parley::cli
