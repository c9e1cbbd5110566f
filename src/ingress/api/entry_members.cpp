#include "src/ingress/api/entry_members.hpp"

#include <utility>

namespace parley::ingress {

void refuse_member(std::string_view member, const std::string& why) {
  throw refusal{model::errc::malformed, '`' + std::string{member} + "` " + why};
}

void read_id(const object_reader& in, std::string_view member, std::string& id) {
  auto given = in.text(member, member_bytes_max);
  if (id.empty()) {
    if (given.empty())
      refuse_member(member, "is needed");
    id = std::move(given);
  } else if (in.given(member) && given != id) {
    refuse_member(member, "is what the resource is called by and stays `" + id + '`');
  }
}

void read_text(const object_reader& in, std::string_view member, std::string& text) {
  if (in.given(member))
    text = in.text_or_null(member, member_bytes_max);
}

void read_texts(const object_reader& in, std::string_view member,
                std::vector<std::string>& texts) {
  if (in.given(member))
    texts = in.texts(member, member_elements_max, member_bytes_max);
}

void read_seconds(const object_reader& in, std::string_view member,
                  std::optional<std::int64_t>& seconds) {
  if (in.given(member))
    seconds = in.integer(member);
}

void read_number(const object_reader& in, std::string_view member, std::int64_t& number) {
  if (in.given(member))
    number = in.integer(member).value_or(0);
}

void read_flag(const object_reader& in, std::string_view member, bool& flag) {
  const auto* given = in.find(member);
  if (given == nullptr)
    return;
  if (!given->is_bool())
    refuse_member(member, "must be true or false");
  flag = given->get_bool();
}

void write_texts(json_writer& json, std::string_view member,
                 const std::vector<std::string>& texts) {
  json.key(member).begin_array();
  for (const auto& text : texts)
    json.text(text);
  json.end_array();
}

void write_seconds(json_writer& json, std::string_view member,
                   const std::optional<std::int64_t>& seconds) {
  json.key(member);
  if (seconds)
    json.number(*seconds);
  else
    json.null();
}

}  // namespace parley::ingress
