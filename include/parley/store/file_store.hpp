#pragma once

#include "parley/files/file.hpp"
#include "parley/files/signed_url.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parley::store {

/// A file on its way in. Has a temporary name; whoever lets go of it before the store has kept it
/// leaves nothing behind, and a start removes what a crash left. Used by one thread at a time.
class upload {
public:
  ~upload();
  upload(const upload&) = delete;
  upload& operator=(const upload&) = delete;

  /// Appends. Throws `store_error`.
  void write(std::string_view bytes);
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  /// What has been written from `offset` on: `count` bytes, fewer at the end. Throws `store_error`.
  [[nodiscard]] std::string read(std::uint64_t offset, std::size_t count) const;
  /// The media type that the content so far has, by its magic bytes (libmagic). Throws
  /// `store_error`.
  [[nodiscard]] std::string content_type() const;

private:
  friend class file_store;
  struct impl;
  explicit upload(std::unique_ptr<impl> inside);

  std::unique_ptr<impl> impl_;
};

/// A kept file, open for reading. Its content never changes, so any thread may read.
class file_content {
public:
  ~file_content();
  file_content(const file_content&) = delete;
  file_content& operator=(const file_content&) = delete;

  /// `count` bytes from `offset`. Throws `store_error` when they are not all there.
  [[nodiscard]] std::string read(std::uint64_t offset, std::size_t count) const;

private:
  friend class file_store;
  explicit file_content(int descriptor) noexcept : descriptor_(descriptor) {}

  const int descriptor_;
};

/// The files that organisations uploaded, below `files/` in the data directory:
///
/// * `content/<organisation>/ab/cdef…`: content by its SHA-256, so the same content twice is one
///   file; one tree an organisation, so nothing is shared between two (I11);
/// * `records/<id>`: one small sealed file for each upload, with its name and type;
/// * `incoming/`: what is on its way; emptied at the start;
/// * `secret`: what URLs are signed with, from the system's random numbers.
///
/// Everything is written under a temporary name, flushed, renamed, and its directory flushed, so it
/// is there whole or not at all, and `keep` returns when it is durable (I1). It is not in LMDB:
/// `parley backup` does not copy it, any copy of the directory does.
///
/// Any thread, concurrently.
class file_store {
public:
  /// Makes what is missing, and removes what a crash left. One process a directory: the
  /// environment's lock sees to that. Throws `store_error`.
  explicit file_store(const std::filesystem::path& data_directory);

  [[nodiscard]] const files::url_secret& secret() const noexcept { return secret_; }

  /// Begins an upload. Throws `store_error`.
  [[nodiscard]] std::unique_ptr<upload> begin();
  /// Makes an upload a file: fills in the record's size and digest, and returns it once content and
  /// record are durable. Throws `store_error`; then there is no record.
  [[nodiscard]] files::file_record keep(upload& what, files::file_record record);

  /// The record of a file, if there is one. Throws `store_error`.
  [[nodiscard]] std::optional<files::file_record> find(const files::file_id& id) const;
  /// The content of a record. Throws `store_error`.
  [[nodiscard]] std::shared_ptr<const file_content> open(const files::file_record& record) const;

private:
  [[nodiscard]] std::filesystem::path fresh_name();
  [[nodiscard]] std::filesystem::path content_of(const files::file_record& record) const;
  void write_whole(const std::filesystem::path& target, std::string_view bytes);
  [[nodiscard]] files::url_secret load_or_make_secret();

  std::filesystem::path root_;
  files::url_secret secret_{};
};

}  // namespace parley::store
