#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parley::cli {

/// Parses a document. Throws `input_error` with `file:line:` on a syntax error.
[[nodiscard]] toml::table parse_toml(std::string_view text, const std::string& file);

/// `file:line` of a key or a value.
[[nodiscard]] std::string place(const std::string& file, const toml::source_region& where);

/// One key and its value; both are the table's.
struct toml_entry {
  const toml::key* key;
  const toml::node* value;
};

/// A table's entries in the order of the file, so that the first mistake is the one that is named.
[[nodiscard]] std::vector<toml_entry> by_line(const toml::table& table);

/// Reads the values of one table, and refuses what does not belong there. Every refusal is an
/// `input_error` that begins with `file:line:`.
class table_reader {
public:
  /// Refuses keys that are not among `known`. The table and the file's name must outlive the
  /// reader. `what` names the kind of table in messages: `a user`.
  table_reader(const toml::table& table, std::string_view what, const std::string& file,
               std::span<const std::string_view> known);

  /// A string that must be there and not empty.
  [[nodiscard]] std::string text(std::string_view key) const;
  /// A string, or `otherwise` when the key is not there.
  [[nodiscard]] std::string text_or(std::string_view key, std::string_view otherwise) const;
  /// An integer of that range.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, std::int64_t min,
                                                    std::int64_t max) const;
  /// A number, with or without a decimal point.
  [[nodiscard]] std::optional<double> number(std::string_view key) const;
  /// An array of strings that are not empty and all different; empty when the key is not there.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  /// A truth value, or `otherwise` when the key is not there.
  [[nodiscard]] bool flag_or(std::string_view key, bool otherwise) const;
  /// The table `[…key]`, or null when the key is not there.
  [[nodiscard]] const toml::table* table(std::string_view key) const;
  /// The tables of `[[…key]]`, in order; empty when there are none.
  [[nodiscard]] std::vector<const toml::table*> tables(std::string_view key) const;

  /// Throws; the line is the key's value, or the table's when the key is not there.
  [[noreturn]] void refuse(std::string_view key, std::string_view why) const;
  /// Throws; the line is that of one element of an array.
  [[noreturn]] void refuse(std::string_view key, std::size_t element, std::string_view why) const;
  /// Throws; the line is that of a value within the key's table, or within an element of its array,
  /// which `part` leads to: `when.countries`. As far as it leads.
  [[noreturn]] void refuse(std::string_view key, std::optional<std::size_t> element,
                           std::string_view part, std::string_view why) const;

private:
  const toml::table& table_;
  std::string_view what_;
  const std::string& file_;
};

}  // namespace parley::cli
