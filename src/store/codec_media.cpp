#include "src/store/codec_parts.hpp"

namespace parley::store {

namespace {

constexpr std::size_t linked_fields = 2;   ///< URL and type.
constexpr std::size_t settled_fields = 4;  ///< Which of the store's files it is, or why it is none.

}  // namespace

void pack_media(packer& out, const model::media& file) {
  const bool settled = file.file.has_value() || file.fault != model::media_fault::none;
  out.array(settled ? settled_fields : linked_fields).text(file.url).text(file.content_type);
  if (settled)
    out.id(file.file).choice(file.fault);
}

model::media unpack_media(unpacker& in) {
  const auto fields = in.array(linked_fields);
  model::media file;
  file.url = in.text();
  file.content_type = in.text();
  if (fields < settled_fields) {
    in.skip(fields - linked_fields);
    return file;
  }
  file.file = model::file_id{in.id()};
  file.fault = in.choice(model::media_fault::none, model::media_fault::unreachable);
  in.skip(fields - settled_fields);
  return file;
}

}  // namespace parley::store
