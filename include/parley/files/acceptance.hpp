#pragma once

#include "parley/files/mp4.hpp"
#include "parley/model/address.hpp"
#include "parley/model/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::files {

/// What is known about a file that somebody wants to send over a channel.
struct candidate {
  model::channel channel = model::channel::chat;
  std::string_view name;      ///< With its extension; empty when the sender gave none.
  std::string_view declared;  ///< The `Content-Type` of the upload; empty when there was none.
  std::string_view found;     ///< What the content's magic bytes say.
  std::uint64_t bytes = 0;
  /// For what the type alone does not say; empty: that is not looked at.
  content_reader content{};
};

/// What the file is taken as.
struct accepted {
  std::string_view content_type;  ///< Static storage.
  std::string name;
};

/// Why it is not taken.
struct refused {
  model::errc code{};  ///< `file_too_large` or `file_type_refused`.
  std::string detail;
};

/// The most bytes that any file of the channel may have (mission 2): what can be refused before the
/// content has been seen. `model::channel::sms` stands for MMS.
[[nodiscard]] std::uint64_t bytes_max(model::channel over) noexcept;

/// Mission 2, "Files": the types and sizes of each channel. The content decides what a file is; its
/// name and its declared type must not say otherwise. Throws what reading the content throws.
class verdict {
public:
  explicit verdict(const candidate& file);

  [[nodiscard]] const std::optional<refused>& refusal() const noexcept { return refusal_; }
  /// Only without a refusal.
  [[nodiscard]] const accepted& file() const noexcept { return file_; }

private:
  accepted file_;
  std::optional<refused> refusal_;
};

}  // namespace parley::files
