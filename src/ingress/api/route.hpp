#pragma once

#include <string_view>

#include "parley/http/server.hpp"
#include "src/ingress/api/call.hpp"

namespace parley::ingress {

/// One method of one path, and who serves it.
struct route {
  http::method verb = http::method::get;
  std::string_view path;  ///< `{}` stands for one part.
  std::string_view scope;
  api_function serve = nullptr;
};

}  // namespace parley::ingress
