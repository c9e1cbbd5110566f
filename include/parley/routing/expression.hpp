#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace parley::routing {

/// Bytes of one expression.
inline constexpr std::size_t expression_bytes_max = 512;

/// Why a rule's `body_matches` cannot be used, in words for whoever wrote it; empty when RE2
/// compiles it within its bound of memory (mission 4.7). Such an expression takes time linear in
/// the text, whatever it is. Never throws for what the expression says, logs nothing; any thread.
[[nodiscard]] std::optional<std::string> expression_fault(std::string_view expression);

}  // namespace parley::routing
