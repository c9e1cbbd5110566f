#include "parley/store/environment.hpp"
#include "parley/store/file_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace parley::store {

namespace {

namespace fs = std::filesystem;

class a_file_store : public ::testing::Test {
protected:
  a_file_store() {
    auto name = (fs::temp_directory_path() / "parley-files-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error{"mkdtemp"};
    data = name;
  }
  ~a_file_store() override {
    std::error_code ignored;  // A directory that stays behind is not the test's subject.
    fs::remove_all(data, ignored);
  }

  static files::file_record record_of(std::uint8_t id, std::uint32_t organization = 1) {
    files::file_record record;
    record.id.bytes[15] = id;
    record.organization = organization;
    record.name = "Ümlaut.txt";
    record.content_type = "text/plain";
    record.created_at = model::timestamp{std::chrono::milliseconds{1'700'000'000'123}};
    return record;
  }

  static files::file_record keep(file_store& store, std::string_view content,
                                 files::file_record record) {
    const auto coming = store.begin();
    coming->write(content.substr(0, content.size() / 2));
    coming->write(content.substr(content.size() / 2));
    return store.keep(*coming, std::move(record));
  }

  std::vector<fs::path> files_below(const fs::path& where) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator{data / "files" / where})
      if (entry.is_regular_file())
        found.push_back(entry.path());
    return found;
  }

  fs::path data;
};

TEST_F(a_file_store, gives_back_what_it_kept_also_after_a_restart) {
  const std::string content = "first half, second half";
  files::file_record kept;
  {
    file_store store{data};
    kept = keep(store, content, record_of(1));
  }
  EXPECT_EQ(kept.bytes, content.size());
  EXPECT_EQ(files::to_hex(kept.sha256),
            "8b4756ee8369020609b69fad9fc7e13db5500dbfd410b70e50a4d2a03e37c7bc");
  const file_store store{data};
  const auto found = store.find(kept.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, kept);
  const auto open = store.open(*found);
  EXPECT_EQ(open->read(0, content.size()), content);
  EXPECT_EQ(open->read(6, 4), "half");
  EXPECT_THROW((void)open->read(20, 4), store_error);
  EXPECT_FALSE(store.find(record_of(2).id));
}

TEST_F(a_file_store, keeps_the_same_content_once_for_each_organisation) {
  file_store store{data};
  const auto one = keep(store, "same", record_of(1));
  const auto two = keep(store, "same", record_of(2));
  EXPECT_EQ(files_below("content").size(), 1U);
  EXPECT_EQ(files_below("records").size(), 2U);
  keep(store, "same", record_of(3, 7));
  EXPECT_EQ(files_below("content").size(), 2U);
  EXPECT_EQ(store.open(one)->read(0, 4), "same");
  EXPECT_EQ(store.open(two)->read(0, 4), "same");
}

TEST_F(a_file_store, is_left_nothing_by_a_broken_upload) {
  file_store store{data};
  {
    const auto coming = store.begin();
    coming->write("half of");
    EXPECT_EQ(files_below("incoming").size(), 1U);
  }
  EXPECT_TRUE(files_below("incoming").empty());
  EXPECT_TRUE(files_below("content").empty());
}

TEST_F(a_file_store, removes_at_its_start_what_a_crash_left) {
  { const file_store store{data}; }
  std::ofstream{data / "files" / "incoming" / "left"} << "half of";
  const file_store store{data};
  EXPECT_TRUE(files_below("incoming").empty());
}

TEST_F(a_file_store, has_a_secret_of_its_own_that_stays) {
  files::url_secret first{};
  {
    const file_store store{data};
    first = store.secret();
  }
  EXPECT_NE(first, files::url_secret{});
  EXPECT_EQ(file_store{data}.secret(), first);
  const auto mode = fs::status(data / "files" / "secret").permissions();
  EXPECT_EQ(mode, fs::perms::owner_read | fs::perms::owner_write);
  const auto elsewhere = data / "elsewhere";
  fs::create_directory(elsewhere);
  EXPECT_NE(file_store{elsewhere}.secret(), first);
}

TEST_F(a_file_store, notices_a_damaged_or_exchanged_record) {
  file_store store{data};
  const auto one = keep(store, "one", record_of(1));
  const auto two = keep(store, "two", record_of(2));
  const auto place
    = [&](const files::file_record& of) { return data / "files" / "records" / of.id.text(); };
  fs::copy_file(place(one), place(two), fs::copy_options::overwrite_existing);
  EXPECT_THROW((void)store.find(two.id), corruption_error);
  fs::resize_file(place(one), 20);
  EXPECT_THROW((void)store.find(one.id), corruption_error);
}

TEST_F(a_file_store, tells_the_type_from_the_content) {
  file_store store{data};
  const auto type_of = [&](std::string_view content) {
    const auto coming = store.begin();
    coming->write(content);
    const auto type = coming->content_type();
    coming->write("more");  // Looking does not move where it is written.
    EXPECT_EQ(coming->content_type(), type);
    return type;
  };
  using namespace std::string_view_literals;
  EXPECT_EQ(type_of("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "application/pdf");
  EXPECT_EQ(type_of("\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"sv), "image/jpeg");
  EXPECT_EQ(type_of("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0"sv), "image/png");
  EXPECT_EQ(type_of("just words\n"), "text/plain");
  EXPECT_EQ(type_of("#!/bin/sh\necho\n"), "text/x-shellscript");
  EXPECT_EQ(type_of("\0\1\2\3"sv), "application/octet-stream");
}

}  // namespace

}  // namespace parley::store
