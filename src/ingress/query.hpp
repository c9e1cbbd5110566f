#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::ingress {

/// A request's query, decoded. Every parameter must be known, well-formed and given once: a typing
/// error must not silently mean "no filter". All throw `refusal` (malformed) naming the parameter.
class query_parameters {
public:
  query_parameters(std::string_view query, std::initializer_list<std::string_view> known);

  [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
  /// A decimal number of `min` to `max`.
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name, std::uint64_t min,
                                                    std::uint64_t max) const;
  [[nodiscard]] std::optional<bool> flag(std::string_view name) const;
  /// `limit`, 1 to 1,000, by default 100.
  [[nodiscard]] std::size_t limit() const;

private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace parley::ingress
