#include "src/store/magic_type.hpp"

#include "parley/store/environment.hpp"

#include <magic.h>
#include <unistd.h>

#include <memory>
#include <type_traits>

namespace parley::store {

namespace {

struct closer {
  void operator()(magic_t open) const noexcept { magic_close(open); }
};
using handle = std::unique_ptr<std::remove_pointer_t<magic_t>, closer>;

/// No look into archives, devices or other files: the content is a stranger's.
handle open_magic() {
  handle made{magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF)};
  if (made == nullptr || magic_load(made.get(), nullptr) != 0)
    throw store_error{"libmagic's database of types cannot be loaded; is libmagic-mgc installed?"};
  return made;
}

}  // namespace

std::string magic_type(int descriptor) {
  thread_local const handle magic = open_magic();
  // libmagic reads from where the descriptor stands and leaves it somewhere else.
  const auto end = ::lseek(descriptor, 0, SEEK_CUR);
  ::lseek(descriptor, 0, SEEK_SET);
  const char* found = magic_descriptor(magic.get(), descriptor);
  const std::string type = found == nullptr ? "application/octet-stream" : found;
  ::lseek(descriptor, end, SEEK_SET);
  return type;
}

}  // namespace parley::store
