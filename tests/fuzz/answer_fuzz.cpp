// libFuzzer: what a data action's endpoint answers. The first byte chooses the question.

#include "parley/actions/answer.hpp"
#include "parley/model/limits.hpp"
#include "parley/text/utf8.hpp"
#include "tests/actions/asked.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

namespace {

using namespace parley;

void require(bool holds) {
  if (!holds)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view body{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto asked = data[0] % 2 == 0 ? actions::inbound() : actions::outbound();
  const auto decoded = actions::decode_answer(body, asked, actions::demo());
  if (const auto* fault = std::get_if<actions::faulty_answer>(&decoded)) {
    require(!fault->why.empty() && text::is_clean_utf8(fault->why));
    return 0;
  }
  // What is obeyed keeps every promise that the rooms above rely on.
  const auto& got = std::get<actions::decoded_answer>(decoded).answer;
  for (const auto* users : {&got.add, &got.remove})
    for (const auto& user : *users)
      require(actions::demo().find_user(user) != nullptr);
  require(got.replies.size() <= actions::replies_max);
  for (const auto& reply : got.replies)
    require(text::is_clean_utf8(reply.what->body) && reply.segments >= 1
            && reply.what->files.size() <= model::files_max);
  require(got.labels.size() <= model::labels_max);
  require(got.attributes.size() <= model::attributes_max);
  return 0;
}
