#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "parley/http/server.hpp"
#include "parley/model/answer.hpp"
#include "parley/model/error.hpp"

namespace parley::ingress {

/// Why a request of an application is not carried out. Thrown where the request is read, and turned
/// into a problem document in one place.
class refusal : public std::exception {
public:
  refusal(model::errc code, std::string detail) : code_(code), detail_(std::move(detail)) {}

  [[nodiscard]] model::errc code() const noexcept { return code_; }
  /// What is wrong and where; may be empty.
  [[nodiscard]] const std::string& detail() const noexcept { return detail_; }
  [[nodiscard]] const char* what() const noexcept override { return detail_.c_str(); }

private:
  model::errc code_;
  std::string detail_;
};

/// A problem document (RFC 9457) with the stable `code`. Codes that are worth another try carry
/// `retry_after` and the header of that name.
[[nodiscard]] model::answer problem(model::errc code, std::string_view detail,
                                    std::uint32_t retry_after_s);

/// The same, for HTTP's own refusals whose status has no code of its own (408, 431).
[[nodiscard]] model::answer problem_with_status(int status, model::errc code,
                                                std::string_view detail);

/// An answer as the server wants it. A 401 names the scheme that would be accepted.
[[nodiscard]] http::response to_response(model::answer what);

}  // namespace parley::ingress
