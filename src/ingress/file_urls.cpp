#include "src/ingress/file_urls.hpp"

namespace parley::ingress {

void write_file(json_writer& json, const files::file_record& file, const file_urls& urls,
                model::timestamp now) {
  json.begin_object().key("id").text(file.id.text()).key("name").text(file.name);
  json.key("content_type").text(file.content_type).key("bytes").number(file.bytes);
  json.key("sha256").text(files::to_hex(file.sha256));
  json.key("url").text(files::fresh_url(urls, file.id, now));
  json.key("expires_at").text(model::to_rfc3339(files::end_of_url(urls, now))).end_object();
}

}  // namespace parley::ingress
