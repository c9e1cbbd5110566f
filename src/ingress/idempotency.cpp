#include "src/ingress/idempotency.hpp"

#include "src/ingress/auth.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>

namespace parley::ingress {

namespace {

/// Each part with its length before it, so that no two lists of parts have the same bytes.
void append_part(std::string& bytes, std::string_view part) {
  bytes += std::to_string(part.size());
  bytes += ':';
  bytes += part;
}

model::id128 digest_of(std::string_view bytes) {
  const auto full = sha256(bytes);
  model::id128 first;
  std::copy_n(full.begin(), first.bytes.size(), first.bytes.begin());
  return first;
}

}  // namespace

model::id128 idempotency_digest(std::string_view organization, std::string_view api_key_name,
                                std::string_view idempotency_key) {
  std::string bytes;
  for (const auto part : {organization, api_key_name, idempotency_key})
    append_part(bytes, part);
  return digest_of(bytes);
}

model::id128 request_digest(const model::send_message& what) {
  return request_digest(what, what.conversation.text());
}

model::id128 request_digest(const model::send_message& what, std::string_view place) {
  std::string bytes;
  append_part(bytes, place);
  append_part(bytes, to_string(what.author.type));
  append_part(bytes, what.author.id);
  append_part(bytes, what.note ? "note" : "");
  append_part(bytes, what.what->body);
  for (const auto& file : what.what->files) {
    append_part(bytes, file.url);
    append_part(bytes, file.content_type);
    if (file.file.has_value())
      append_part(bytes, file.file.text());
  }
  // Not the text that a template makes, which may be another one by the time of the repetition.
  if (const auto& made_from = what.what->made_from) {
    append_part(bytes, made_from->id);
    append_part(bytes, made_from->variables);
  }
  // Only where they say something, so that the requests of before keep their digests.
  if (what.send_at != model::timestamp{})
    append_part(bytes, "send_at " + model::to_rfc3339(what.send_at));
  if (what.validity_ms != 0)
    append_part(bytes, "validity_ms " + std::to_string(what.validity_ms));
  return digest_of(bytes);
}

}  // namespace parley::ingress
