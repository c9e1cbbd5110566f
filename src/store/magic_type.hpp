#pragma once

#include <string>

namespace parley::store {

/// The media type of an open file's content, as libmagic tells it: `image/png`,
/// `application/octet-stream` when it knows none. A handle a thread, made when first needed. Throws
/// `store_error`.
[[nodiscard]] std::string magic_type(int descriptor);

}  // namespace parley::store
