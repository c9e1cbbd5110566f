#include "parley/actions/answer.hpp"

#include "parley/model/limits.hpp"
#include "parley/text/utf8.hpp"
#include "tests/actions/asked.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace parley::actions {
namespace {

const std::vector<std::string> sound{
  R"({"participants":{"add":["bob"],"remove":["alice"]},"labels":["vip","x"]})",
  R"({"team":"support","strategy":"everyone","priority":"high","close":true})",
  R"({"replies":["Hello",{"body":"there","media":["https://a.example/b"]}]})",
  R"({"attributes":{"order":"17","old":null}})",
  R"({"refuse":{"reason":"no"},"from":"+15550100003"})",
};

/// What is obeyed keeps every bound; what is not has a sentence.
void check(const std::string& body, const question& asked) {
  const auto decoded = decode_answer(body, asked, demo());
  if (const auto* fault = std::get_if<faulty_answer>(&decoded)) {
    RC_ASSERT(!fault->why.empty());
    RC_ASSERT(text::is_clean_utf8(fault->why));
    return;
  }
  const auto& got = std::get<decoded_answer>(decoded).answer;
  for (const auto* users : {&got.add, &got.remove})
    for (const auto& user : *users)
      RC_ASSERT(demo().find_user(user) != nullptr);
  RC_ASSERT(got.replies.size() <= replies_max);
  for (const auto& reply : got.replies) {
    RC_ASSERT(text::is_clean_utf8(reply.what->body));
    RC_ASSERT(!reply.what->body.empty() || !reply.what->files.empty());
  }
  RC_ASSERT(got.labels.size() <= model::labels_max);
  RC_ASSERT(got.attributes.size() <= model::attributes_max);
}

RC_GTEST_PROP(garbage, never_harms, (const std::string& body)) {
  check(body, inbound());
  check(body, outbound());
}

RC_GTEST_PROP(garbage, near_an_answer_never_harms, ()) {
  auto body = *rc::gen::elementOf(sound);
  const auto changes = *rc::gen::container<std::vector<std::pair<std::size_t, char>>>(
    rc::gen::pair(rc::gen::inRange<std::size_t>(0, body.size()),
                  rc::gen::oneOf(rc::gen::arbitrary<char>(),
                                 rc::gen::elementOf(std::string{"{}[]\",:0ntf\\"}))));
  for (const auto& [at, byte] : changes)
    body[at] = byte;
  check(body, inbound());
  check(body, outbound());
}

}  // namespace
}  // namespace parley::actions
