#include "src/ingress/idempotency.hpp"

#include "src/ingress/api/templates.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace parley::ingress {
namespace {

model::id128 digest_of(model::content what) {
  model::send_message send;
  send.author = {model::author::kind::user, "alice"};
  send.what = std::make_shared<const model::content>(std::move(what));
  return request_digest(send, "sms:+15550100001");
}

model::id128 digest_of(std::string id, std::vector<text::variable> variables) {
  return digest_of(content_asked_for({std::move(id), std::move(variables)}));
}

TEST(request_digest, tells_templates_and_their_variables_apart) {
  const auto first = digest_of("t", {{"1", "Ann"}, {"2", "Bob"}});
  EXPECT_EQ(first, digest_of("t", {{"1", "Ann"}, {"2", "Bob"}}));
  EXPECT_NE(first, digest_of("u", {{"1", "Ann"}, {"2", "Bob"}}));
  EXPECT_NE(first, digest_of("t", {{"1", "Ann"}}));
  EXPECT_NE(first, digest_of("t", {{"1", "Bob"}, {"2", "Ann"}}));
  EXPECT_NE(first, digest_of("t", {{"1", "Ann\",\"2\":\"Bob"}}));
  EXPECT_NE(digest_of("t", {}), digest_of(model::content{"t", {}, {}, {}}));
}

}  // namespace
}  // namespace parley::ingress
