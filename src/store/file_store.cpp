#include "parley/store/file_store.hpp"

#include "parley/store/environment.hpp"
#include "src/store/durable_file.hpp"
#include "src/store/environment_impl.hpp"
#include "src/store/magic_type.hpp"
#include "src/store/packing.hpp"
#include "src/store/sealed.hpp"
#include "src/store/unpacking.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace parley::store {

namespace {

constexpr std::size_t record_bytes_max = 4096;
constexpr std::size_t record_fields_min = 6;  // Earlier versions did not know who had uploaded it.
constexpr std::size_t record_fields = 7;
constexpr std::string_view secret_key = "secret";

struct digest_closer {
  void operator()(EVP_MD_CTX* open) const noexcept { EVP_MD_CTX_free(open); }
};

std::array<std::uint8_t, 32> random_bytes() {
  std::array<std::uint8_t, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw store_error{"the system has no random numbers"};
  return bytes;
}

std::string encode(const files::file_record& record) {
  std::string bytes;
  packer pack{bytes};
  pack.array(record_fields).number(record.organization).text(record.name);
  pack.text(record.content_type);
  pack.number(record.bytes).binary(record.sha256.data(), record.sha256.size());
  pack.time(record.created_at).text(record.uploader);
  return bytes;
}

files::file_record decode(const files::file_id& id, std::string_view bytes) {
  unpacker in{bytes, "file record"};
  const auto fields = in.array(record_fields_min);
  files::file_record record;
  record.id = id;
  record.organization = in.number_as<std::uint32_t>(0xffffffff);
  record.name = in.text();
  record.content_type = in.text();
  record.bytes = in.number();
  const auto digest = in.binary();
  if (digest.size() != record.sha256.size())
    in.fail("has a digest of another length");
  std::ranges::copy(digest, reinterpret_cast<char*>(record.sha256.data()));
  record.created_at = in.time();
  if (fields >= record_fields)
    record.uploader = in.text();
  in.skip(fields - (fields >= record_fields ? record_fields : record_fields_min));
  in.finish();
  return record;
}

std::string sealed(std::string_view key, std::string_view value) {
  std::string bytes(seal_bytes + value.size(), '\0');
  seal_into(bytes.data(), key, value);
  return bytes;
}

/// Throws `store_error` when the bytes are not all there.
std::string read_exactly(int descriptor, std::uint64_t offset, std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const auto got = ::pread(descriptor, bytes.data() + filled, count - filled,
                             static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      throw store_error{"a file's content ends too early, or cannot be read"};
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

// -- an upload ------------------------------------------------------------------------------------

struct upload::impl {
  explicit impl(std::filesystem::path where)
    : path(std::move(where)), file(create_file(path)), digest(EVP_MD_CTX_new()) {
    if (digest == nullptr || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1)
      throw store_error{"SHA-256 failed"};
  }

  std::filesystem::path path;
  file_descriptor file;
  std::unique_ptr<EVP_MD_CTX, digest_closer> digest;
  std::uint64_t bytes = 0;
  bool named = false;  // It is a file now, and stays.
};

upload::upload(std::unique_ptr<impl> inside) : impl_(std::move(inside)) {}

upload::~upload() {
  // What cannot be removed now is removed at the next start.
  if (!impl_->named)
    ::unlink(impl_->path.c_str());
}

void upload::write(std::string_view bytes) {
  write_all(impl_->file.number(), bytes, impl_->path);
  if (EVP_DigestUpdate(impl_->digest.get(), bytes.data(), bytes.size()) != 1)
    throw store_error{"SHA-256 failed"};
  impl_->bytes += bytes.size();
}

std::uint64_t upload::bytes() const noexcept {
  return impl_->bytes;
}

std::string upload::read(std::uint64_t offset, std::size_t count) const {
  const auto left = impl_->bytes - std::min(offset, impl_->bytes);
  return read_exactly(impl_->file.number(), offset,
                      static_cast<std::size_t>(std::min<std::uint64_t>(count, left)));
}

std::string upload::content_type() const {
  return magic_type(impl_->file.number());
}

// -- a file's content -----------------------------------------------------------------------------

file_content::~file_content() {
  ::close(descriptor_);
}

std::string file_content::read(std::uint64_t offset, std::size_t count) const {
  return read_exactly(descriptor_, offset, count);
}

// -- the store ------------------------------------------------------------------------------------

file_store::file_store(const std::filesystem::path& data_directory)
  : root_(data_directory / "files") {
  for (const auto& path : {root_, root_ / "content", root_ / "records", root_ / "incoming"})
    make_directory(path);
  std::error_code fault;
  for (const auto& left : std::filesystem::directory_iterator{root_ / "incoming", fault})
    std::filesystem::remove(left.path(), fault);
  secret_ = load_or_make_secret();
}

std::filesystem::path file_store::fresh_name() {
  return root_ / "incoming" / files::to_hex(random_bytes());
}

std::unique_ptr<upload> file_store::begin() {
  return std::unique_ptr<upload>{new upload{std::make_unique<upload::impl>(fresh_name())}};
}

files::file_record file_store::keep(upload& what, files::file_record record) {
  auto& inside = *what.impl_;
  unsigned int length = 0;
  if (EVP_DigestFinal_ex(inside.digest.get(), record.sha256.data(), &length) != 1
      || length != record.sha256.size())
    throw store_error{"SHA-256 failed"};
  record.bytes = inside.bytes;
  flush_file(inside.file.number(), inside.path);
  const auto target = content_of(record);
  make_directory(target.parent_path().parent_path());
  make_directory(target.parent_path());
  // In place of the same content, if it is there: nobody sees a difference.
  rename_durably(inside.path, target);
  inside.named = true;
  const auto key = record.id.text();
  write_whole(root_ / "records" / key, sealed(key, encode(record)));
  return record;
}

std::optional<files::file_record> file_store::find(const files::file_id& id) const {
  const auto key = id.text();
  const auto bytes = read_file(root_ / "records" / key, record_bytes_max);
  if (!bytes)
    return std::nullopt;
  return decode(id, unseal("files/records", key, *bytes));
}

std::shared_ptr<const file_content> file_store::open(const files::file_record& record) const {
  const auto path = content_of(record);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    throw store_error{path.string() + ": cannot be opened"};
  return std::shared_ptr<const file_content>{new file_content{descriptor}};
}

std::filesystem::path file_store::content_of(const files::file_record& record) const {
  const auto digest = files::to_hex(record.sha256);
  return root_ / "content" / std::to_string(record.organization) / digest.substr(0, 2)
         / digest.substr(2);
}

void file_store::write_whole(const std::filesystem::path& target, std::string_view bytes) {
  upload whole{std::make_unique<upload::impl>(fresh_name())};
  whole.write(bytes);
  flush_file(whole.impl_->file.number(), whole.impl_->path);
  rename_durably(whole.impl_->path, target);
  whole.impl_->named = true;
}

files::url_secret file_store::load_or_make_secret() {
  const auto path = root_ / std::string{secret_key};
  auto bytes = read_file(path, record_bytes_max);
  if (!bytes) {
    const auto made = random_bytes();
    bytes = sealed(secret_key, {reinterpret_cast<const char*>(made.data()), made.size()});
    write_whole(path, *bytes);
  }
  const auto kept = unseal("files", secret_key, *bytes);
  files::url_secret secret{};
  if (kept.size() != secret.size())
    throw store_error{path.string() + ": is not a secret"};
  std::ranges::copy(kept, reinterpret_cast<char*>(secret.data()));
  return secret;
}

}  // namespace parley::store
