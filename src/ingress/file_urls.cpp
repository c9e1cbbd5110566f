#include "src/ingress/file_urls.hpp"

namespace parley::ingress {

void write_file(json_writer& json, const files::file_record& file, const file_urls& urls,
                model::timestamp now) {
  const auto expires = std::chrono::floor<std::chrono::seconds>(now) + urls.validity;
  const auto id = file.id.text();
  std::string url = urls.public_url;
  url += file_prefix;
  url += id + '?' + files::sign_url(urls.secret, file.id, expires);
  json.begin_object().key("id").text(id).key("name").text(file.name);
  json.key("content_type").text(file.content_type).key("bytes").number(file.bytes);
  json.key("sha256").text(files::to_hex(file.sha256)).key("url").text(url);
  json.key("expires_at").text(model::to_rfc3339(expires)).end_object();
}

}  // namespace parley::ingress
