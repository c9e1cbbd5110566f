#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "parley/actions/question.hpp"
#include "parley/model/command.hpp"
#include "parley/model/directory.hpp"

namespace parley::actions {

// Bounds of an answer. Fixed: they are part of the protocol (docs/data-actions.md).

/// Bytes of a whole answer.
inline constexpr std::size_t answer_bytes_max = 64 * 1024;
/// Nesting of its JSON.
inline constexpr std::size_t answer_depth_max = 8;
/// Texts that one answer sends.
inline constexpr std::size_t replies_max = 10;
/// Bytes of one label, as anywhere else.
inline constexpr std::size_t label_bytes_max = 64;
/// Bytes of an attribute's name and of its value.
inline constexpr std::size_t attribute_name_bytes_max = 64;
inline constexpr std::size_t attribute_value_bytes_max = 1024;
/// Bytes of the reason of a refusal.
inline constexpr std::size_t reason_bytes_max = 512;

/// What an endpoint has answered, checked and in the directory's terms.
struct decoded_answer {
  model::action_answer answer;  ///< Its replies have no ids yet.
  bool refuses = false;         ///< Of a conversation from inside: it must not be started.
  std::string reason;           ///< Why it refuses; may be empty.
  std::string from;             ///< Another number of ours to start it from; empty: as asked.
};

/// Why an answer is not obeyed.
struct faulty_answer {
  std::string why;  ///< A sentence for people that names the member.
};

/// Reads and checks an answer to `asked`. Everything from outside is hostile: sizes and depth are
/// bounded, only members that are known here pass, users, teams and numbers must be the
/// organisation's, licences reach as far as mission 2 wants them to, texts can be sent. An answer
/// is obeyed as a whole or not at all. An empty body says nothing, and so do members that are null,
/// false or empty. Pure; throws nothing but `std::bad_alloc`.
[[nodiscard]] std::variant<decoded_answer, faulty_answer>
decode_answer(std::string_view body, const question& asked, const model::organization& owner);

}  // namespace parley::actions
