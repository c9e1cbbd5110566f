#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <re2/re2.h>

namespace parley::routing {

/// The expression, ready for any number of matches on any thread, or why there is none.
[[nodiscard]] std::variant<std::unique_ptr<const re2::RE2>, std::string>
compile_expression(std::string_view expression);

}  // namespace parley::routing
