#include "parley/files/acceptance.hpp"
#include "parley/files/file.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parley::files {

namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr auto chat = model::channel::chat;
constexpr auto whatsapp = model::channel::whatsapp;
constexpr auto mms = model::channel::sms;

struct acceptance_case {
  const char* title;
  candidate file;
  std::optional<model::errc> refusal;
  std::string_view taken_as;
};

class file_acceptance : public ::testing::TestWithParam<acceptance_case> {};

TEST_P(file_acceptance, follows_the_channels_limits) {
  const auto& [title, file, refusal, taken_as] = GetParam();
  const verdict given{file};
  ASSERT_EQ(given.refusal().has_value(), refusal.has_value());
  if (refusal) {
    EXPECT_EQ(given.refusal()->code, *refusal);
    EXPECT_FALSE(given.refusal()->detail.empty());
  } else {
    EXPECT_EQ(given.file().content_type, taken_as);
    EXPECT_FALSE(given.file().name.empty());
  }
}

constexpr auto large = model::errc::file_too_large;
constexpr auto type = model::errc::file_type_refused;
constexpr std::string_view docx
  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

INSTANTIATE_TEST_SUITE_P(
  sizes, file_acceptance,
  ::testing::Values(
    acceptance_case{
      "chat_20_mib", {chat, "a.pdf", "", "application/pdf", 20 * mib}, {}, "application/pdf"},
    acceptance_case{"chat_more", {chat, "a.pdf", "", "application/pdf", 20 * mib + 1}, large, ""},
    acceptance_case{
      "whatsapp_16_mib", {whatsapp, "a.mp4", "", "video/mp4", 16 * mib}, {}, "video/mp4"},
    acceptance_case{"whatsapp_more", {whatsapp, "a.mp4", "", "video/mp4", 16 * mib + 1}, large, ""},
    acceptance_case{
      "whatsapp_image", {whatsapp, "a.png", "", "image/png", 5 * mib}, {}, "image/png"},
    acceptance_case{
      "whatsapp_large_image", {whatsapp, "a.png", "", "image/png", 5 * mib + 1}, large, ""},
    acceptance_case{"mms_image", {mms, "a.jpg", "", "image/jpeg", 5 * mib}, {}, "image/jpeg"},
    acceptance_case{"mms_large_image", {mms, "a.jpg", "", "image/jpeg", 5 * mib + 1}, large, ""},
    acceptance_case{
      "mms_other", {mms, "a.pdf", "", "application/pdf", 500 * kib}, {}, "application/pdf"},
    acceptance_case{
      "mms_large_other", {mms, "a.pdf", "", "application/pdf", 500 * kib + 1}, large, ""}),
  [](const auto& given) { return std::string{given.param.title}; });

INSTANTIATE_TEST_SUITE_P(
  types, file_acceptance,
  ::testing::Values(
    acceptance_case{"chat_gif", {chat, "a.gif", "", "image/gif", 1}, {}, "image/gif"},
    acceptance_case{"whatsapp_gif", {whatsapp, "a.gif", "", "image/gif", 1}, type, ""},
    acceptance_case{"whatsapp_docx", {whatsapp, "a.docx", "", docx, 1}, {}, docx},
    acceptance_case{
      "whatsapp_vcard", {whatsapp, "a.vcf", "text/x-vcard", "text/vcard", 1}, {}, "text/vcard"},
    acceptance_case{"whatsapp_text", {whatsapp, "a.txt", "", "text/plain", 1}, type, ""},
    acceptance_case{
      "old_word", {whatsapp, "a.doc", "", "application/CDFV2", 1}, {}, "application/msword"},
    acceptance_case{"program", {chat, "a.png", "image/png", "application/x-dosexec", 1}, type, ""},
    acceptance_case{"script", {chat, "a.txt", "", "text/x-shellscript", 1}, type, ""},
    acceptance_case{"markup", {chat, "a.html", "text/html", "text/html", 1}, type, ""},
    acceptance_case{"unknown", {chat, "a.bin", "", "application/octet-stream", 1}, type, ""}),
  [](const auto& given) { return std::string{given.param.title}; });

INSTANTIATE_TEST_SUITE_P(
  names, file_acceptance,
  ::testing::Values(
    acceptance_case{
      "upper_case", {chat, "A.JPEG", "IMAGE/JPEG", "image/jpeg", 1}, {}, "image/jpeg"},
    acceptance_case{"no_name", {chat, "", "", "image/png", 1}, {}, "image/png"},
    acceptance_case{"no_extension", {chat, "picture", "", "image/png", 1}, type, ""},
    acceptance_case{"other_extension", {chat, "a.pdf", "", "image/png", 1}, type, ""},
    acceptance_case{"hidden_extension", {chat, "a.png.exe", "", "image/png", 1}, type, ""},
    acceptance_case{"only_an_extension", {chat, ".png", "", "image/png", 1}, type, ""},
    acceptance_case{
      "other_declaration", {chat, "a.png", "application/pdf", "image/png", 1}, type, ""},
    acceptance_case{"no_declaration",
                    {chat, "a.png", "application/octet-stream", "image/png", 1},
                    {},
                    "image/png"},
    acceptance_case{"parameters",
                    {chat, "a.txt", "text/plain; charset=utf-8", "text/plain", 1},
                    {},
                    "text/plain"},
    acceptance_case{"text_by_name", {chat, "a.csv", "text/csv", "text/plain", 1}, {}, "text/csv"},
    acceptance_case{"picture_by_name", {chat, "a.png", "image/png", "text/plain", 1}, type, ""}),
  [](const auto& given) { return std::string{given.param.title}; });

TEST(file_acceptance_without_a_name, gives_one_that_fits) {
  EXPECT_EQ(verdict({chat, "", "", "image/jpeg", 1}).file().name, "file.jpg");
}

TEST(file_name, is_a_name_and_no_path) {
  for (const char* good : {"a.png", "Übersicht 2026.pdf", "漢字.txt", "..a"})
    EXPECT_TRUE(is_file_name(good)) << good;
  for (const char* bad : {"", ".", "..", "a/b", "a\\b", "a\nb", "a\x7f", "\xff\xfe"})
    EXPECT_FALSE(is_file_name(bad)) << bad;
  EXPECT_TRUE(is_file_name(std::string(255, 'a')));
  EXPECT_FALSE(is_file_name(std::string(256, 'a')));
}

}  // namespace

}  // namespace parley::files
