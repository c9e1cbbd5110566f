#pragma once

#include "parley/files/file.hpp"
#include "parley/files/signed_url.hpp"
#include "src/ingress/json_writer.hpp"

namespace parley::ingress {

using files::file_urls;

/// One file as applications see it, with a fresh URL.
void write_file(json_writer& json, const files::file_record& file, const file_urls& urls,
                model::timestamp now);

}  // namespace parley::ingress
