#pragma once

#include <string_view>

#include "parley/http/server.hpp"
#include "parley/model/directory.hpp"
#include "src/ingress/api/call.hpp"

namespace parley::ingress {

/// One method of one path, and who serves it.
struct route {
  http::method verb = http::method::get;
  std::string_view path;  ///< `{}` stands for one part.
  std::string_view scope;
  /// The least role that a key's user needs besides the key's scope. Where somebody in that role
  /// sees or does less than an admin, whoever serves the route says so.
  model::role role = model::role::owner;
  api_function serve = nullptr;
};

}  // namespace parley::ingress
