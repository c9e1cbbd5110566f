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

void check_start(const ingress::start_request& start) {
  require(!start.first.author.id.empty());
  require(start.from.kind == start.to.kind);
  require(model::address::parse(start.from.text()) == start.from);
  require(model::address::parse(start.to.text()) == start.to);
  require(text::is_clean_utf8(start.first.body));
}

void check_transfer(std::string_view json) {
  const auto transfer = ingress::parse_transfer(json, depth_max);
  require(transfer.to_user.empty() != transfer.to_team.empty());
}

void check_labels(std::string_view json) {
  const auto labels = ingress::parse_labels(json, depth_max);
  require(labels.add.size() <= model::labels_max && labels.remove.size() <= model::labels_max);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view json{reinterpret_cast<const char*>(data) + 1, size - 1};
  try {
    switch (data[0] % 8) {
      case 0:
        check_send(json);
        break;
      case 1:
        (void)ingress::parse_user(json, depth_max, data[0] % 16 < 8);
        break;
      case 2:
        check_start(ingress::parse_start_conversation(json, depth_max));
        break;
      case 3:
        check_start(ingress::parse_start_message(json, depth_max));
        break;
      case 4:
        check_transfer(json);
        break;
      case 5:
        (void)ingress::parse_snooze(json, depth_max);
        break;
      case 6:
        check_labels(json);
        break;
      default:
        (void)ingress::parse_read(json, depth_max);
    }
  } catch (const ingress::refusal&) {
    return 0;
  }
  return 0;
}
