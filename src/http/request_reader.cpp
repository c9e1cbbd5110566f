#include "src/http/request_reader.hpp"

#include "src/http/wire.hpp"

#include <algorithm>
#include <cstring>

namespace parley::http {

namespace {

constexpr std::size_t capacity_first = 4096;
constexpr std::size_t capacity_kept_max = 16 * 1024;
constexpr std::size_t window_bytes = 16 * 1024;       // Beside the header, for unparsed bytes.
constexpr std::size_t body_window_bytes = 64 * 1024;  // The same while a large body arrives.
constexpr std::size_t space_bytes_min = 1024;
constexpr std::size_t body_reserve_bytes_max = 1024 * 1024;
constexpr std::size_t body_kept_bytes_max = 4096;

http::method to_method(beast::http::verb known) {
  using beast::http::verb;
  switch (known) {
    case verb::get:
      return method::get;
    case verb::post:
      return method::post;
    case verb::put:
      return method::put;
    case verb::patch:
      return method::patch;
    case verb::delete_:
      return method::del;
    case verb::head:
      return method::head;
    case verb::options:
      return method::options;
    default:
      return method::other;
  }
}

std::string_view view_of(beast::string_view text) {
  return {text.data(), text.size()};
}

/// Whether a comma-separated list has the element.
bool lists(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    auto item = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!item.empty() && blank(item.front()))
      item.remove_prefix(1);
    while (!item.empty() && blank(item.back()))
      item.remove_suffix(1);
    if (equal_ignoring_case(item, wanted))
      return true;
  }
  return false;
}

}  // namespace

std::string_view request::header(std::string_view name) const {
  if (fields_ == nullptr)
    return {};
  const auto& table = *static_cast<const header_table*>(fields_);
  for (const auto& field : table.fields)
    if (field.name_bytes == name.size() && equal_ignoring_case(table.name(field), name))
      return table.value(field);
  return {};
}

split_target split(std::string_view target) {
  if (!target.empty() && target.front() != '/') {
    const auto authority = target.find("://");
    if (authority != std::string_view::npos) {
      const auto path = target.find_first_of("/?", authority + 3);
      target = path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
    }
  }
  target = target.substr(0, target.find('#'));
  const auto mark = target.find('?');
  if (mark == std::string_view::npos)
    return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

// -- what Beast's parser reports ------------------------------------------------------------------

void request_reader::parser::on_request_impl(beast::http::verb known, text, text target, int number,
                                             error_code& ec) {
  verb = to_method(known);
  version = number;
  if (!reader.offset_of(view_of(target), target_at)) {
    ec = beast::http::error::bad_target;
    return;
  }
  target_bytes = static_cast<std::uint32_t>(target.size());
  // Known before the fields are read, so that a Content-Length beyond it is refused unread.
  const auto bytes_max = reader.owner_.body_bytes_max(verb, split(view_of(target)).path);
  streams = bytes_max == streamed_body;
  body_limit(bytes_max);
}

void request_reader::parser::on_response_impl(int, text, int, error_code& ec) {
  ec = beast::http::error::bad_method;
}

void request_reader::parser::on_field_impl(beast::http::field known, text name, text value,
                                           error_code& ec) {
  using beast::http::field;
  if (header_read)
    return;  // A trailer may not add to the header.
  header_table::field place;
  // Beast unfolds a folded value into memory of its own; RFC 9112 lets a server refuse those.
  if (!reader.offset_of(view_of(name), place.name_at)
      || !reader.offset_of(view_of(value), place.value_at)) {
    ec = beast::http::error::bad_obs_fold;
    return;
  }
  place.name_bytes = static_cast<std::uint32_t>(name.size());
  place.value_bytes = static_cast<std::uint32_t>(value.size());
  reader.headers_.fields.push_back(place);
  if (known == field::host) {
    if (has_host)
      ec = beast::http::error::bad_field;
    has_host = true;
  } else if (known == field::transfer_encoding) {
    has_transfer_encoding = true;
  } else if (known == field::expect) {
    expects_continue = version >= 11 && equal_ignoring_case(view_of(value), "100-continue");
  }
}

void request_reader::parser::on_header_impl(error_code& ec) {
  header_read = true;
  // A transfer coding that does not end in `chunked` leaves the body's length undefined: two
  // servers would see two different requests.
  if (has_transfer_encoding && !chunked())
    ec = beast::http::error::bad_transfer_encoding;
  else if (version >= 11 && !has_host)
    ec = beast::http::error::bad_field;
}

void request_reader::parser::on_body_init_impl(const boost::optional<std::uint64_t>& length,
                                               error_code&) {
  if (length && !streams)
    reader.body_.reserve(
      static_cast<std::size_t>(std::min<std::uint64_t>(*length, body_reserve_bytes_max)));
}

std::size_t request_reader::parser::on_body_impl(text bytes, error_code&) {
  reader.body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

void request_reader::parser::on_chunk_header_impl(std::uint64_t, text, error_code&) {}

std::size_t request_reader::parser::on_chunk_body_impl(std::uint64_t, text bytes, error_code&) {
  reader.body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

void request_reader::parser::on_finish_impl(error_code&) {}

// -- the reader -----------------------------------------------------------------------------------

request_reader::request_reader(std::size_t header_bytes_max, handler& owner)
  : header_bytes_max_(header_bytes_max), owner_(owner) {}

bool request_reader::offset_of(std::string_view view, std::uint32_t& at) const {
  const auto* base = data_.get() + begin_;
  if (view.empty()) {
    at = 0;
    return true;
  }
  if (std::less<>{}(view.data(), base)
      || std::less<>{}(data_.get() + end_, view.data() + view.size()))
    return false;
  at = static_cast<std::uint32_t>(view.data() - base);
  return true;
}

void request_reader::grow(std::size_t capacity) {
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (end_ > begin_)
    std::memcpy(larger.get(), data_.get() + begin_, end_ - begin_);
  data_ = std::move(larger);
  capacity_ = capacity;
  head_end_ -= std::min(head_end_, begin_);
  parsed_ -= begin_;
  end_ -= begin_;
  begin_ = 0;
}

/// Gives back what need not be kept: body bytes that were copied out, requests that were answered.
void request_reader::make_room() {
  const bool in_body = parser_ && parser_->header_read;
  if (in_body && parsed_ > head_end_) {
    std::memmove(data_.get() + head_end_, data_.get() + parsed_, end_ - parsed_);
    end_ -= parsed_ - head_end_;
    parsed_ = head_end_;
  }
  if (begin_ > 0 && capacity_ - end_ < space_bytes_min) {
    std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
    head_end_ -= std::min(head_end_, begin_);
    parsed_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
}

net::mutable_buffer request_reader::space() {
  if (!data_)
    grow(capacity_first);
  make_room();
  const bool in_body = parser_ && parser_->header_read;
  const bool large = in_body
                     && (body_.size() >= capacity_first
                         || parser_->content_length_remaining().value_or(0) > capacity_first);
  const auto wanted = large ? head_end_ - begin_ + body_window_bytes : capacity_;
  const auto capacity_max = header_bytes_max_ + std::max(window_bytes, body_window_bytes);
  if (wanted > capacity_)
    grow(std::min(wanted, capacity_max));
  else if (capacity_ - end_ < space_bytes_min && capacity_ < capacity_max)
    grow(std::min(capacity_ * 2, capacity_max));
  return {data_.get() + end_, capacity_ - end_};
}

request_reader::progress request_reader::fail(int status, std::string cause) {
  refusal_ = status;
  refusal_cause_ = std::move(cause);
  return progress::failed;
}

request_reader::progress request_reader::advance() {
  if (parser_ && parser_->is_done())
    return progress::complete;
  if (!parser_) {
    parser_.emplace(*this);
    parser_->eager(false);  // One piece a call, so that the end of the header is known.
    parser_->header_limit(static_cast<std::uint32_t>(header_bytes_max_));
    headers_.fields.clear();
  }
  while (parsed_ < end_) {
    error_code ec;
    const bool in_body = parser_->header_read;
    const auto used = parser_->put({data_.get() + parsed_, end_ - parsed_}, ec);
    parsed_ += used;
    if (!in_body && parser_->header_read)
      head_end_ = parsed_;
    // Beast's own limit counts only what it has not yet consumed, and it consumes field by field.
    if (!parser_->header_read && parsed_ - begin_ > header_bytes_max_)
      return fail(431, "the header is too large");
    if (ec == beast::http::error::need_more)
      break;
    if (ec == beast::http::error::header_limit)
      return fail(431, "the header is too large");
    if (ec == beast::http::error::body_limit)
      return fail(413, "the body is too large");
    if (ec)
      return fail(400, ec.message());
    if (parser_->is_done())
      return progress::complete;
    if (used == 0)
      break;
  }
  return progress::incomplete;
}

void request_reader::next() {
  parser_.reset();
  begin_ = parsed_;
  head_end_ = begin_;
  if (body_.capacity() > body_kept_bytes_max)
    std::string{}.swap(body_);
  body_.clear();
  if (begin_ != end_)
    return;
  begin_ = head_end_ = parsed_ = end_ = 0;
  if (capacity_ > capacity_kept_max) {
    data_.reset();
    capacity_ = 0;
  }
}

bool request_reader::take_expectation() {
  if (!parser_ || !parser_->header_read || !parser_->expects_continue)
    return false;
  parser_->expects_continue = false;
  // A client that already sends its body does not wait.
  return body_.empty();
}

std::string_view request_reader::target() const {
  return {data_.get() + begin_ + parser_->target_at, parser_->target_bytes};
}

const header_table& request_reader::headers() {
  headers_.base = data_.get() + begin_;
  return headers_;
}

bool request_reader::wants_websocket() const {
  if (!parser_->upgrade() || verb() != method::get || http_1_0())
    return false;
  const auto* base = data_.get() + begin_;
  return std::ranges::any_of(headers_.fields, [base](const header_table::field& field) {
    return equal_ignoring_case({base + field.name_at, field.name_bytes}, "upgrade")
           && lists({base + field.value_at, field.value_bytes}, "websocket");
  });
}

}  // namespace parley::http
