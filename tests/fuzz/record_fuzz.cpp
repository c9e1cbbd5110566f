#include "parley/store/codec.hpp"
#include "parley/store/environment.hpp"
#include "src/store/contact_codec.hpp"
#include "src/store/directory_codec.hpp"
#include "src/store/keys.hpp"
#include "src/store/record_decode.hpp"
#include "src/store/record_format.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// Whatever the bytes of a store are, decoding refuses them with `corruption_error` or gives
// something that encodes to what decodes to the same again. The first byte chooses the decoder.

namespace {

using namespace parley;

template <class Decode>
void comes_back(Decode decode, std::string_view bytes) {
  std::string once;
  store::encode(decode(bytes), once);
  std::string twice;
  store::encode(decode(once), twice);
  if (once != twice)
    std::abort();
}

/// A record whose checksum is right, so that what is behind it is reached.
void record_comes_back(std::string bytes) {
  constexpr std::uint64_t seq = 42;
  if (bytes.size() < store::record_header_bytes)
    return;
  store::seal_record(bytes.data(), bytes.size(), seq);
  static_cast<void>(store::decode_record(seq, bytes));
}

model::contact contact_of_some_key(std::string_view bytes) {
  static const auto key = store::contact_key(1, {});
  return store::decode_contact(key, bytes);
}

void open_values(std::string_view bytes) {
  switch (bytes.empty() ? 0 : bytes.front() & 3) {
    case 0:
      static_cast<void>(store::open_place(bytes));
      break;
    case 1:
      static_cast<void>(store::open_outbox(bytes));
      break;
    case 2:
      if (bytes.size() % 2 == 0)
        static_cast<void>(store::open_outbox(bytes));  // Of one delivery.
      else
        static_cast<void>(store::open_snapshot(bytes));
      break;
    default:
      static_cast<void>(store::open_journal_meta(bytes));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  try {
    switch (data[0] % 6) {
      case 0:
        comes_back(store::decode_event, bytes);
        break;
      case 1:
        comes_back(store::decode_state, bytes);
        break;
      case 2:
        comes_back(store::decode_organization, bytes);
        break;
      case 3:
        record_comes_back(std::string{bytes});
        break;
      case 4:
        open_values(bytes);
        break;
      default:
        comes_back(contact_of_some_key, bytes);
    }
  } catch (const store::corruption_error&) {
    return 0;
  }
  return 0;
}
