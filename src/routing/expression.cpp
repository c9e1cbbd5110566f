#include "src/routing/expression.hpp"

#include <cstdint>
#include <utility>

#include "parley/routing/expression.hpp"
#include "parley/text/utf8.hpp"

namespace parley::routing {

namespace {

/// Of one compiled expression with the states that RE2 remembers while it matches; beyond it RE2
/// refuses to compile, or forgets states.
constexpr std::int64_t memory_bytes_max = 256 << 10;

}  // namespace

std::variant<std::unique_ptr<const re2::RE2>, std::string>
compile_expression(std::string_view expression) {
  if (expression.size() > expression_bytes_max)
    return "the expression is longer than " + std::to_string(expression_bytes_max) + " bytes";
  if (!text::is_clean_utf8(expression))
    return std::string{"the expression is not UTF-8, or has a NUL"};
  re2::RE2::Options options{re2::RE2::Quiet};
  options.set_max_mem(memory_bytes_max);
  auto compiled = std::make_unique<re2::RE2>(
    re2::StringPiece{expression.data(), expression.size()}, options);
  if (!compiled->ok())
    return compiled->error();
  return std::unique_ptr<const re2::RE2>{std::move(compiled)};
}

std::optional<std::string> expression_fault(std::string_view expression) {
  auto compiled = compile_expression(expression);
  if (auto* fault = std::get_if<std::string>(&compiled))
    return std::move(*fault);
  return std::nullopt;
}

}  // namespace parley::routing
