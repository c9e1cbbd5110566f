#include "parley/text/folding.hpp"

#include <cstdint>
#include <stdexcept>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace parley::text {

namespace {

using character_class = bool (*)(UChar32);

bool is_blank(UChar32 c) { return u_isUWhiteSpace(c) != 0; }
bool is_edge(UChar32 c) { return is_blank(c) || u_ispunct(c) != 0; }

/// Without what is of that class at both ends.
icu::UnicodeString trimmed(const icu::UnicodeString& text, character_class is_of) {
  std::int32_t begin = 0;
  std::int32_t end = text.length();
  while (begin < end && is_of(text.char32At(begin)))
    begin = text.moveIndex32(begin, 1);
  while (begin < end && is_of(text.char32At(text.moveIndex32(end, -1))))
    end = text.moveIndex32(end, -1);
  return {text, begin, end - begin};
}

icu::UnicodeString folded(std::string_view utf8) {
  const icu::StringPiece bytes{utf8.data(), static_cast<std::int32_t>(utf8.size())};
  UErrorCode fault = U_ZERO_ERROR;
  const auto* folding = icu::Normalizer2::getNFKCCasefoldInstance(fault);
  icu::UnicodeString out;
  if (U_SUCCESS(fault))
    folding->normalize(icu::UnicodeString::fromUTF8(bytes), out, fault);
  if (U_FAILURE(fault))
    throw std::runtime_error{std::string{"ICU cannot fold: "} + u_errorName(fault)};
  return out;
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

}  // namespace

std::string fold(std::string_view utf8) { return to_utf8(folded(utf8)); }

std::string fold_keyword(std::string_view utf8) {
  const auto text = folded(utf8);
  const auto word = trimmed(text, is_edge);
  return to_utf8(word.isEmpty() ? trimmed(text, is_blank) : word);
}

}  // namespace parley::text
