#include "src/http/response_reader.hpp"

#include <cstring>

namespace parley::http {

namespace {

constexpr std::size_t header_bytes_max = 16 * 1024;  // Interim responses included.
constexpr std::size_t capacity = 2 * header_bytes_max;

}  // namespace

void response_reader::parser::on_request_impl(beast::http::verb, text, text, int, error_code&) {}

void response_reader::parser::on_response_impl(int code, text, int, error_code&) {
  status = code;
}

void response_reader::parser::on_field_impl(beast::http::field known, text, text value,
                                            error_code&) {
  if (known == beast::http::field::retry_after)
    retry_after.assign(value.data(), value.size());
  else if (known == beast::http::field::location)
    location.assign(value.data(), value.size());
}

void response_reader::parser::take(text bytes, error_code& ec) {
  if (sink == nullptr || status / 100 != 2)
    body.append(bytes.data(), bytes.size());
  else if (!(*sink)({bytes.data(), bytes.size()}))
    ec = net::error::operation_aborted;
}

void response_reader::parser::on_header_impl(error_code&) {}

void response_reader::parser::on_body_init_impl(const boost::optional<std::uint64_t>&,
                                                error_code&) {}

std::size_t response_reader::parser::on_body_impl(text bytes, error_code& ec) {
  take(bytes, ec);
  return bytes.size();
}

void response_reader::parser::on_chunk_header_impl(std::uint64_t, text, error_code&) {}

std::size_t response_reader::parser::on_chunk_body_impl(std::uint64_t, text bytes,
                                                        error_code& ec) {
  take(bytes, ec);
  return bytes.size();
}

void response_reader::parser::on_finish_impl(error_code&) {}

response_reader::response_reader(std::size_t response_bytes_max)
  : response_bytes_max_(response_bytes_max),
    data_(std::make_unique_for_overwrite<char[]>(capacity)) {}

void response_reader::begin(bool head, const body_sink* sink) {
  head_ = head;
  sink_ = sink;
  too_large_ = false;
  header_bytes_ = 0;
  begin_ = end_ = 0;
  restart();
}

void response_reader::restart() {
  parser_.emplace();
  parser_->eager(false);  // One piece a call, so that the header's bytes can be counted.
  parser_->header_limit(header_bytes_max);
  parser_->body_limit(response_bytes_max_);
  parser_->skip(head_);
  parser_->sink = sink_;
}

net::mutable_buffer response_reader::space() {
  if (begin_ > 0) {
    std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return {data_.get() + end_, capacity - end_};
}

response_reader::progress response_reader::received(std::size_t bytes) {
  end_ += bytes;
  while (begin_ < end_) {
    error_code ec;
    const bool in_header = !parser_->is_header_done();
    const auto used = parser_->put({data_.get() + begin_, end_ - begin_}, ec);
    begin_ += used;
    header_bytes_ += in_header ? used : 0;
    const bool stuck = ec == beast::http::error::need_more && begin_ == 0 && end_ == capacity;
    if (header_bytes_ > header_bytes_max || stuck) {
      cause_ = "the header of the response, or of a chunk, is too large";
      return progress::failed;
    }
    if (ec == beast::http::error::need_more)
      break;
    if (ec) {
      too_large_ = ec == beast::http::error::body_limit;
      cause_ = "the response cannot be read: " + ec.message();
      return progress::failed;
    }
    if (!parser_->is_done())
      continue;
    if (parser_->status >= 200 || parser_->status == 101)
      return progress::complete;
    restart();
  }
  return progress::incomplete;
}

response_reader::progress response_reader::ended() {
  error_code ec;
  if (!parser_->is_header_done() || begin_ != end_)
    ec = beast::http::error::partial_message;
  else
    parser_->put_eof(ec);
  if (!ec)
    return progress::complete;
  cause_ = "the connection ended before the response was complete";
  return progress::failed;
}

}  // namespace parley::http
