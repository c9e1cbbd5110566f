#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "parley/files/acceptance.hpp"
#include "parley/files/file.hpp"
#include "parley/model/time.hpp"
#include "parley/store/file_store.hpp"
#include "parley/store/reader.hpp"

namespace parley::actors {

/// Whether the message with this record still has its content: it was not redacted, and can be
/// read.
[[nodiscard]] bool has_content(const store::reader& reader, std::uint64_t message_seq);

/// A file on its way from a carrier to the disk. Used by one thread at a time: the client's, which
/// waits for the disk, and so has nothing else to do.
class incoming_media {
public:
  /// Both outlive it.
  incoming_media(store::file_store& kept, const store::reader& reader)
    : kept_(kept), reader_(reader) {}

  /// Takes a piece; false when the disk does not.
  [[nodiscard]] bool take(std::string_view bytes) noexcept;

  /// What became of it.
  struct outcome {
    std::optional<files::file_record> kept;  ///< Durable.
    std::optional<files::refused> refused;   ///< It is not of a kind that is kept.
    bool unwanted = false;                   ///< Its message was redacted meanwhile.
    std::string fault;                       ///< The disk's, when none of the others is so.
  };

  /// All of it has come: judges it by its content and keeps it.
  /// @param message_seq the message's event, which is looked at once more before anything is kept.
  [[nodiscard]] outcome finish(std::uint32_t organization, std::uint64_t message_seq) noexcept;

private:
  [[nodiscard]] outcome keep(std::uint32_t organization, std::uint64_t message_seq);

  store::file_store& kept_;
  const store::reader& reader_;
  std::unique_ptr<store::upload> file_;
  std::string fault_;
};

}  // namespace parley::actors
