#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/message.hpp"

namespace parley::ingress {

/// Body of `POST …/messages`, checked as far as it can be without looking anything up.
struct send_request {
  model::author author;
  std::string body;
  std::vector<model::media> files;
  std::uint32_t segments = 1;
};

/// Body of `POST …/close`.
struct close_request {
  std::string user;  ///< Empty: closed by the application.
};

/// Body of `POST …/read`.
struct read_request {
  std::string user;
  std::uint64_t index = 0;  ///< 0: everything there is.
};

/// These read untrusted JSON, nested at most `depth_max` deep. They throw `refusal`: malformed,
/// naming the member; `body_required`; `body_too_long`.
[[nodiscard]] send_request parse_send(std::string_view json, std::size_t depth_max);
[[nodiscard]] close_request parse_close(std::string_view json, std::size_t depth_max);
[[nodiscard]] read_request parse_read(std::string_view json, std::size_t depth_max);

/// Whether a file's URL is absolute `http` or `https` with a host, printable ASCII, and not too
/// long.
[[nodiscard]] bool is_file_url(std::string_view url) noexcept;

}  // namespace parley::ingress
