#include "parley/bulk/splitter.hpp"

#include <algorithm>

namespace parley::bulk {

std::size_t splitter::end_of_line(std::string_view bytes) noexcept {
  if (format_ == body_format::ndjson)
    return bytes.find('\n');
  std::size_t from = 0;
  for (;;) {
    const auto end = bytes.find('\n', from);
    const auto line = bytes.substr(from, end == std::string_view::npos ? end : end - from);
    if (std::ranges::count(line, '"') % 2 != 0)
      quoted_ = !quoted_;
    if (end == std::string_view::npos || !quoted_)
      return end;
    from = end + 1;
  }
}

void splitter::take(std::string_view bytes, const consumer& each) {
  while (!bytes.empty()) {
    const auto end_at = end_of_line(bytes);
    if (end_at == std::string_view::npos) {
      add(bytes);
      return;
    }
    end(bytes.substr(0, end_at), each);
    bytes.remove_prefix(end_at + 1);
  }
}

void splitter::finish(const consumer& each) {
  if (!begun_.empty() || too_long_)
    end({}, each);
}

void splitter::add(std::string_view bytes) {
  const auto room = line_bytes_max_ - begun_.size();
  too_long_ = too_long_ || bytes.size() > room;
  begun_.append(bytes.substr(0, room));
}

void splitter::end(std::string_view rest, const consumer& each) {
  quoted_ = false;
  raw_line line{rest, rest.size() > line_bytes_max_};
  if (line.too_long)
    line.text = rest.substr(0, line_bytes_max_);
  if (!begun_.empty() || too_long_) {
    add(rest);
    line = {begun_, too_long_};
  }
  if (line.text.ends_with('\r'))
    line.text.remove_suffix(1);
  each(line);
  begun_.clear();
  too_long_ = false;
}

}  // namespace parley::bulk
