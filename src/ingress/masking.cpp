#include "src/ingress/masking.hpp"

#include <algorithm>
#include <cstddef>

namespace parley::ingress {

namespace {

constexpr std::size_t characters_shown = 2;

}  // namespace

model::address shown_address(const model::address& outside, audience who) {
  auto shown = outside;
  if (who == audience::clear || outside.kind == model::channel::chat || outside.is_group())
    return shown;
  auto& text = shown.identifier;
  const std::size_t first = text.starts_with('+') ? 1 : 0;
  const auto last = std::max(first, text.size() - std::min(text.size(), characters_shown));
  std::fill(text.begin() + static_cast<std::ptrdiff_t>(first),
            text.begin() + static_cast<std::ptrdiff_t>(last), '*');
  return shown;
}

std::string shown_recipient(const std::string& address, audience who) {
  const auto parsed = model::address::parse(address);
  return parsed ? shown_address(*parsed, who).text() : address;
}

std::string shown_author_id(const model::author& author, audience who) {
  if (who == audience::clear || author.type != model::author::kind::contact)
    return author.id;
  const auto colon = author.id.find(':');
  const auto kind = author.id.starts_with("whatsapp:") ? model::channel::whatsapp
                                                       : model::channel::sms;
  return shown_address({kind, author.id.substr(colon == std::string::npos ? 0 : colon + 1)}, who)
    .text();
}

}  // namespace parley::ingress
