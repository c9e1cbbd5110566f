// libFuzzer: the JSON bodies that an application posts. The first byte chooses the request.

#include "parley/model/limits.hpp"
#include "parley/text/utf8.hpp"
#include "src/ingress/api/directory_entries.hpp"
#include "src/ingress/api/requests.hpp"
#include "src/ingress/problem.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace parley;

constexpr std::size_t depth_max = 16;
/// First bytes from here on are for the directory's entries.
constexpr std::uint8_t directory_from = 0xc0;

void require(bool holds) {
  if (!holds)
    std::abort();
}

/// What is accepted keeps every promise that the rooms below rely on.
void check_send(std::string_view json) {
  const auto send = ingress::parse_send(json, depth_max);
  require(!send.author.id.empty());
  require(!send.body.empty() || !send.files.empty() || send.made_from);
  if (send.made_from) {
    require(send.body.empty() && send.files.empty() && !send.note && !send.made_from->id.empty());
    for (const auto& one : send.made_from->variables)
      require(text::is_variable_name(one.name) && text::is_clean_utf8(one.value));
  }
  require(text::is_clean_utf8(send.body));
  require(send.files.size() <= model::files_max);
  require(send.segments >= 1);
  for (const auto& file : send.files)
    require(file.file.has_value() ? file.url.empty() : ingress::is_file_url(file.url));
}

void check_start(const ingress::start_request& start) {
  require(!start.first.author.id.empty());
  require(model::address::parse(start.from.text()) == start.from);
  require(!start.to.empty());
  for (const auto& to : start.to) {
    require(to.kind == start.from.kind);
    require(model::address::parse(to.text()) == to);
  }
  require(std::ranges::adjacent_find(start.to) == start.to.end());
  require(text::is_clean_utf8(start.first.body));
  require(start.subject.size() <= model::subject_bytes_max);
}

void check_transfer(std::string_view json) {
  const auto transfer = ingress::parse_transfer(json, depth_max);
  require(transfer.to_user.empty() != transfer.to_team.empty());
}

void check_labels(std::string_view json) {
  const auto labels = ingress::parse_labels(json, depth_max);
  require(labels.add.size() <= model::labels_max && labels.remove.size() <= model::labels_max);
}

template <class T>
void check_entry(std::string_view json) {
  T entry;
  ingress::read_members(ingress::object_reader{json, depth_max}, entry);
  std::string shown;
  ingress::json_writer out{shown};
  out.begin_object();
  ingress::write_members(out, entry);
  out.end_object();
  require(text::is_clean_utf8(shown));
}

void check_entries(std::uint8_t kind, std::string_view json) {
  switch ((kind - directory_from) % 13) {
    case 0:
      return check_entry<model::user>(json);
    case 1:
      return check_entry<model::team>(json);
    case 2:
      return check_entry<model::inbox>(json);
    case 3:
      return check_entry<model::link>(json);
    case 4:
      return check_entry<model::number>(json);
    case 5:
      return check_entry<model::caller_id_list>(json);
    case 6:
      return check_entry<model::api_key>(json);
    case 7:
      return check_entry<model::business_hours>(json);
    case 8:
      return check_entry<model::rule>(json);
    case 9:
      return check_entry<model::data_action>(json);
    case 10:
      return check_entry<model::message_template>(json);
    case 11:
      return check_entry<model::organization>(json);
    default:
      return check_entry<model::webhook>(json);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view json{reinterpret_cast<const char*>(data) + 1, size - 1};
  try {
    if (data[0] >= directory_from) {
      check_entries(data[0], json);
      return 0;
    }
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
