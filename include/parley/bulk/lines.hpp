#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "parley/bulk/splitter.hpp"
#include "parley/model/address.hpp"
#include "parley/model/bulk.hpp"
#include "parley/model/bulk_lines.hpp"
#include "parley/model/directory.hpp"
#include "parley/text/placeholders.hpp"

namespace parley::bulk {

/// The text that a job sends, and what is put into it: the placeholders of its own text, or the
/// variables of a message template, whose buttons can have some that are in no text.
struct job_text {
  std::string body;                ///< With `{{name}}`; empty: each line has its own.
  std::vector<std::string> names;  ///< Of the variables, in the order of a line's values.
};

/// Of what a job was asked for. Names of a template are kept in `made_from->variables`, with commas
/// between them.
[[nodiscard]] job_text text_of(const model::bulk_parameters& what);

/// The text for one recipient: the line's own, or the job's with the line's values.
[[nodiscard]] std::string text_for(const job_text& text, const model::bulk_entry& line);
/// The values by their names.
[[nodiscard]] std::vector<text::variable> variables_for(const job_text& text,
                                                        const model::bulk_entry& line);

/// The values as Twilio's ContentVariables: a JSON object of texts by name.
[[nodiscard]] std::string variables_json(const std::vector<text::variable>& values);

/// A line that may be sent, as far as the line itself can tell.
struct accepted_line {
  model::bulk_entry entry;
  model::address to;
  std::uint32_t segments = 1;
};

/// Nothing: the line is blank, or names the columns.
using line_verdict = std::variant<std::monostate, accepted_line, model::bulk_refusal>;

/// Reads the lines of one upload, in order, and says of each whether it can be sent (mission 8): an
/// address of the job's channel, a value for every variable, a text of at most 1,600 characters.
/// Everything from outside is hostile: what cannot be read is refused by its number, and the next
/// line is read. One thread at a time.
class line_reader {
public:
  /// @param entry of the template that is sent, or null.
  /// @param json_depth_max nesting of a JSON line.
  line_reader(body_format format, const model::bulk_parameters& what,
              const model::message_template* entry, std::size_t json_depth_max);
  ~line_reader();
  line_reader(line_reader&&) noexcept;
  line_reader& operator=(line_reader&&) noexcept;

  /// The next line; counts it.
  [[nodiscard]] line_verdict read(const raw_line& line);
  /// How many there were, blank ones too.
  [[nodiscard]] std::uint64_t lines() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace parley::bulk
