#pragma once

#include "parley/model/ids.hpp"
#include "parley/model/time.hpp"

#include <msgpack.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace parley::store {

/// Where `msgpack::packer` writes: behind what a string already holds, so that one buffer serves
/// every append of a thread and nothing is allocated once it has grown.
struct string_sink {
  std::string& out;

  void write(const char* bytes, std::size_t count) { out.append(bytes, count); }
};

/// Writes the house's few types; every struct is an array, so a later version can add at its end.
class packer {
public:
  explicit packer(std::string& out) noexcept : sink_{out}, pack_(sink_) {}

  packer& array(std::size_t fields) {
    pack_.pack_array(static_cast<std::uint32_t>(fields));
    return *this;
  }
  packer& number(std::uint64_t value) {
    pack_.pack_uint64(value);
    return *this;
  }
  packer& signed_number(std::int64_t value) {
    pack_.pack_int64(value);
    return *this;
  }
  packer& real(double value) {
    pack_.pack_double(value);
    return *this;
  }
  packer& flag(bool value) {
    value ? pack_.pack_true() : pack_.pack_false();
    return *this;
  }
  packer& nothing() {
    pack_.pack_nil();
    return *this;
  }
  packer& text(std::string_view value) {
    pack_.pack_str(static_cast<std::uint32_t>(value.size()));
    pack_.pack_str_body(value.data(), static_cast<std::uint32_t>(value.size()));
    return *this;
  }
  packer& binary(const void* bytes, std::size_t count) {
    pack_.pack_bin(static_cast<std::uint32_t>(count));
    pack_.pack_bin_body(static_cast<const char*>(bytes), static_cast<std::uint32_t>(count));
    return *this;
  }
  /// No id is nil: one byte in place of eighteen.
  packer& id(const model::id128& value) {
    return value.has_value() ? binary(value.bytes.data(), value.bytes.size()) : nothing();
  }
  packer& time(model::timestamp value) { return signed_number(value.time_since_epoch().count()); }
  template <class Enum>
  packer& choice(Enum value) {
    return number(static_cast<std::uint64_t>(value));
  }

private:
  string_sink sink_;
  msgpack::packer<string_sink> pack_;
};

}  // namespace parley::store
