#include "src/ingress/problem.hpp"

#include "src/ingress/json_writer.hpp"

#include <utility>

namespace parley::ingress {

namespace {

model::answer make(int status, model::errc code, std::string_view detail,
                   std::uint32_t retry_after_s) {
  const auto& known = model::traits(code);
  model::answer made;
  made.status = status;
  made.content_type = "application/problem+json";
  made.retry_after_s = retry_after_s;
  json_writer json{made.body};
  json.begin_object().key("type").text("about:blank").key("title").text(known.title);
  json.key("status").number(std::int64_t{status}).key("code").text(known.name);
  if (!detail.empty())
    json.key("detail").text(detail);
  if (retry_after_s != 0)
    json.key("retry_after").number(std::uint64_t{retry_after_s});
  json.end_object();
  return made;
}

}  // namespace

model::answer problem(model::errc code, std::string_view detail, std::uint32_t retry_after_s) {
  const auto& known = model::traits(code);
  return make(known.http_status, code, detail, known.retryable ? retry_after_s : 0);
}

model::answer problem_with_status(int status, model::errc code, std::string_view detail) {
  return make(status, code, detail, 0);
}

http::response to_response(model::answer what) {
  http::response made;
  made.status = what.status;
  made.content_type = what.content_type;
  made.body = std::move(what.body);
  if (what.retry_after_s != 0)
    made.headers.emplace_back("Retry-After", std::to_string(what.retry_after_s));
  if (what.status == 401)
    made.headers.emplace_back("WWW-Authenticate", "Bearer");
  return made;
}

}  // namespace parley::ingress
