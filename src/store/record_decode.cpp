#include "src/store/record_decode.hpp"

#include "parley/store/codec.hpp"
#include "src/store/record_format.hpp"
#include "src/store/sealed.hpp"

namespace parley::store {

record decode_record(std::uint64_t seq, std::string_view bytes) {
  const auto view = open_record(seq, bytes);
  try {
    return {.seq = seq,
            .prev = view.prev,
            .organization = view.organization,
            .pair_key = std::string{view.pair_key},
            .event = decode_event(view.body)};
  } catch (const corruption_error& cause) {
    throw corruption_error{"journal: record " + std::to_string(seq) + ": " + cause.what()};
  }
}

model::conversation_state decode_state_of(std::string_view table, std::string_view key,
                                          std::string_view encoded) {
  try {
    return decode_state(encoded);
  } catch (const corruption_error& cause) {
    throw corruption_error{std::string{table} + ": the row " + printable(key) + ": "
                           + cause.what()};
  }
}

}  // namespace parley::store
