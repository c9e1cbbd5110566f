#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace parley::store {

/// What a file needs to be durable, and to be there whole or not at all. Each throws `store_error`,
/// which names the file.

/// Makes a file that must not exist; readable by this user only. Returns its descriptor.
[[nodiscard]] int create_file(const std::filesystem::path& path);
void write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path);
void flush_file(int descriptor, const std::filesystem::path& path);
/// Makes the names in a directory durable.
void flush_directory(const std::filesystem::path& path);
/// Makes a directory below one that exists, durably, unless it is there.
void make_directory(const std::filesystem::path& path);
/// Gives a flushed file its name, durably, in place of what may have had that name.
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);
/// The whole of a small file; nothing when there is none.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path,
                                                   std::size_t bytes_max);

}  // namespace parley::store
