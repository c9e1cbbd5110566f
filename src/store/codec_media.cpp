#include "src/store/codec_parts.hpp"

namespace parley::store {

namespace {

constexpr std::size_t linked_fields = 2;  ///< URL and type.
constexpr std::size_t own_fields = 3;     ///< And which of the store's files it is.

}  // namespace

void pack_media(packer& out, const model::media& file) {
  const bool own = file.file.has_value();
  out.array(own ? own_fields : linked_fields).text(file.url).text(file.content_type);
  if (own)
    out.id(file.file);
}

model::media unpack_media(unpacker& in) {
  const auto fields = in.array(linked_fields);
  model::media file;
  file.url = in.text();
  file.content_type = in.text();
  const bool own = fields >= own_fields;
  if (own)
    file.file = model::file_id{in.id()};
  in.skip(fields - (own ? own_fields : linked_fields));
  return file;
}

}  // namespace parley::store
