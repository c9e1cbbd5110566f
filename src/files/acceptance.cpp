#include "parley/files/acceptance.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace parley::files {

namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t chat_bytes_max = 20 * mib;
constexpr std::uint64_t whatsapp_bytes_max = 16 * mib;
constexpr std::uint64_t image_bytes_max = 5 * mib;  // WhatsApp and MMS.
constexpr std::uint64_t mms_other_bytes_max = 500 * kib;

/// A type of file, with the other names and the extensions that go by it.
struct file_kind {
  std::string_view type;
  std::string_view aliases;     ///< Separated by blanks, as libmagic and clients write them.
  std::string_view extensions;  ///< Separated by blanks; the first is what a file is given.
  bool whatsapp;
};

/// What chat and MMS take is every row, what WhatsApp takes is marked. What would run when it is
/// opened, scripts and markup included, is in no row.
constexpr auto kinds = std::to_array<file_kind>({
  {"image/jpeg", "image/jpg image/pjpeg", "jpg jpeg", true},
  {"image/png", "", "png", true},
  {"image/gif", "", "gif", false},
  {"image/webp", "", "webp", false},
  {"image/bmp", "image/x-ms-bmp", "bmp", false},
  {"image/tiff", "", "tiff tif", false},
  {"image/heic", "image/heif", "heic heif", false},
  {"audio/amr", "audio/x-amr audio/amr-wb", "amr", true},
  {"video/3gpp", "audio/3gpp video/3gpp2 audio/3gpp2", "3gp 3gpp 3g2", true},
  {"audio/aac", "audio/x-hx-aac-adts audio/x-aac audio/aacp", "aac", true},
  {"audio/mpeg", "audio/mp3 audio/x-mp3", "mp3 mpga", true},
  {"video/mpeg", "video/x-mpeg", "mpeg mpg", true},
  {"video/mp4", "audio/mp4 audio/x-m4a video/x-m4v", "mp4 m4a m4v", true},
  {"video/quicktime", "", "mov", false},
  {"video/webm", "audio/webm", "webm", false},
  {"audio/ogg", "video/ogg application/ogg", "ogg oga ogv opus", false},
  {"audio/wav", "audio/x-wav audio/wave", "wav", false},
  {"audio/flac", "audio/x-flac", "flac", false},
  {"application/pdf", "", "pdf", true},
  {"application/msword", "application/cdfv2 application/x-ole-storage", "doc", true},
  {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "", "docx", true},
  {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "", "pptx", true},
  {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "", "xlsx", true},
  {"application/vnd.oasis.opendocument.text", "", "odt", false},
  {"application/vnd.oasis.opendocument.spreadsheet", "", "ods", false},
  {"application/vnd.oasis.opendocument.presentation", "", "odp", false},
  {"text/vcard", "text/x-vcard text/directory", "vcf", true},
  {"text/plain", "", "txt text log md", false},
  {"text/csv", "", "csv", false},
  {"application/json", "", "json", false},
  {"application/zip", "application/x-zip-compressed", "zip", false},
});

std::string lower(std::string_view text) {
  std::string small{text};
  for (char& byte : small)
    if (byte >= 'A' && byte <= 'Z')
      byte = static_cast<char>(byte - 'A' + 'a');
  return small;
}

bool lists(std::string_view list, std::string_view wanted) noexcept {
  while (!list.empty()) {
    const auto word = list.substr(0, list.find(' '));
    if (word == wanted)
      return true;
    list.remove_prefix(std::min(list.size(), word.size() + 1));
  }
  return false;
}

/// A type without its parameters, in lower case.
std::string plain_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' '))
    type.remove_suffix(1);
  return lower(type);
}

const file_kind* kind_of_type(std::string_view type) {
  const auto wanted = plain_type(type);
  const auto* found = std::ranges::find_if(
    kinds, [&](const file_kind& one) { return one.type == wanted || lists(one.aliases, wanted); });
  return found == kinds.end() ? nullptr : found;
}

const file_kind* kind_of_extension(std::string_view extension) {
  const auto* found = std::ranges::find_if(
    kinds, [&](const file_kind& one) { return lists(one.extensions, extension); });
  return found == kinds.end() ? nullptr : found;
}

/// Without the dot, in lower case; empty when the name has none.
std::string extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string{} : lower(name.substr(dot + 1));
}

bool is_text(const file_kind& kind) noexcept {
  return kind.type.starts_with("text/") || kind.type == "application/json";
}

/// Texts have no magic bytes worth the name: which of them it is, the extension says.
const file_kind* kind_of(const candidate& file) {
  const auto* found = kind_of_type(file.found);
  if (found == nullptr || found->type != "text/plain")
    return found;
  const auto* named = kind_of_extension(extension_of(file.name));
  return named != nullptr && is_text(*named) ? named : found;
}

std::uint64_t bytes_max(model::channel over, const file_kind& kind) noexcept {
  const bool image = kind.type.starts_with("image/");
  switch (over) {
    case model::channel::chat:
      return chat_bytes_max;
    case model::channel::whatsapp:
      return image ? image_bytes_max : whatsapp_bytes_max;
    case model::channel::sms:
      return image ? image_bytes_max : mms_other_bytes_max;
  }
  return 0;
}

refused wrong_type(std::string detail) {
  return {model::errc::file_type_refused, std::move(detail)};
}

/// What is wrong with it, given what it is.
std::optional<refused> complaint(const candidate& file, const file_kind& kind) {
  if (file.channel == model::channel::whatsapp && !kind.whatsapp)
    return wrong_type("WhatsApp takes no " + std::string{kind.type});
  if (!file.name.empty() && !lists(kind.extensions, extension_of(file.name)))
    return wrong_type("the content is " + std::string{kind.type} + " and the name must end in ."
                      + std::string{kind.extensions.substr(0, kind.extensions.find(' '))});
  const auto declared = plain_type(file.declared);
  const auto* claimed = kind_of_type(declared);
  if (!declared.empty() && declared != "application/octet-stream" && claimed != &kind)
    return wrong_type("the content is " + std::string{kind.type} + " and `Content-Type` says "
                      + (claimed == nullptr ? "otherwise" : std::string{claimed->type}));
  if (const auto most = bytes_max(file.channel, kind); file.bytes > most)
    return refused{model::errc::file_too_large,
                   "the channel takes " + std::string{kind.type} + " of up to "
                     + std::to_string(most) + " bytes"};
  if (file.channel == model::channel::whatsapp && kind.type == "video/mp4" && file.content
      && judge_mp4(file.content, file.bytes) != mp4_content::h264_and_aac)
    return wrong_type("WhatsApp takes MP4 with H.264 and AAC only");
  return std::nullopt;
}

}  // namespace

std::uint64_t bytes_max(model::channel over) noexcept {
  switch (over) {
    case model::channel::chat:
      return chat_bytes_max;
    case model::channel::whatsapp:
      return whatsapp_bytes_max;
    case model::channel::sms:
      return image_bytes_max;
  }
  return 0;
}

verdict::verdict(const candidate& file) {
  const auto* kind = kind_of(file);
  if (kind == nullptr) {
    refusal_ = wrong_type("the content is of a type that is not taken");
    return;
  }
  refusal_ = complaint(file, *kind);
  file_.content_type = kind->type;
  file_.name = file.name;
  if (file_.name.empty())
    file_.name = "file." + std::string{kind->extensions.substr(0, kind->extensions.find(' '))};
}

}  // namespace parley::files
