#pragma once

#include <optional>
#include <string>

#include "parley/routing/conditions.hpp"
#include "parley/text/folding.hpp"

namespace parley::routing {

class message_facts {
public:
  explicit message_facts(const sample& message) : said(message) {}

  const sample& said;

  [[nodiscard]] const std::string& folded_body() const {
    if (!folded_)
      folded_ = text::fold(said.body);
    return *folded_;
  }

  [[nodiscard]] const std::string& keyword() const {
    if (!keyword_)
      keyword_ = text::fold_keyword(said.body);
    return *keyword_;
  }

  [[nodiscard]] const std::string& country() const {
    if (!country_)
      country_ = country_of({said.channel, std::string{said.sender}});
    return *country_;
  }

private:
  mutable std::optional<std::string> folded_;
  mutable std::optional<std::string> keyword_;
  mutable std::optional<std::string> country_;
};

}  // namespace parley::routing
