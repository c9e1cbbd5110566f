// libFuzzer: the JSON bodies that an application posts. The first byte chooses the request.

#include "parley/model/limits.hpp"
#include "parley/text/utf8.hpp"
#include "src/ingress/api/requests.hpp"
#include "src/ingress/problem.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace parley;

constexpr std::size_t depth_max = 16;

void require(bool holds) {
  if (!holds)
    std::abort();
}

/// What is accepted keeps every promise that the rooms below rely on.
void check_send(std::string_view json) {
  const auto send = ingress::parse_send(json, depth_max);
  require(!send.author.id.empty());
  require(!send.body.empty() || !send.files.empty());
  require(text::is_clean_utf8(send.body));
  require(send.files.size() <= model::files_max);
  require(send.segments >= 1);
  for (const auto& file : send.files)
    require(ingress::is_file_url(file.url));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view json{reinterpret_cast<const char*>(data) + 1, size - 1};
  try {
    switch (data[0] % 3) {
      case 0:
        check_send(json);
        break;
      case 1:
        (void)ingress::parse_close(json, depth_max);
        break;
      default:
        (void)ingress::parse_read(json, depth_max);
    }
  } catch (const ingress::refusal&) {
    return 0;
  }
  return 0;
}
