#include "src/cli/toml_file.hpp"

#include "parley/cli/input_error.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace parley::cli {

toml::table parse_toml(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& fault) {
    // The parser's own message is one sentence; its position is not in it.
    throw input_error{fmt::format("{}: {}", place(file, fault.source()), fault.description())};
  }
}

std::string place(const std::string& file, const toml::source_region& where) {
  return fmt::format("{}:{}", file, where.begin.line);
}

std::vector<toml_entry> by_line(const toml::table& table) {
  std::vector<toml_entry> entries;
  entries.reserve(table.size());
  for (const auto& [key, value] : table)
    entries.push_back({&key, &value});
  std::ranges::sort(entries, {}, [](const toml_entry& entry) {
    const auto begin = entry.key->source().begin;
    return std::pair{begin.line, begin.column};
  });
  return entries;
}

table_reader::table_reader(const toml::table& table, std::string_view what, const std::string& file,
                           std::span<const std::string_view> known)
  : table_(table), what_(what), file_(file) {
  for (const auto& [key, value] : by_line(table)) {
    if (std::ranges::find(known, key->str()) == known.end())
      throw input_error{fmt::format("{}: {} has no `{}`; it has {}", place(file, key->source()),
                                    what, key->str(), fmt::join(known, ", "))};
  }
}

std::string table_reader::text(std::string_view key) const {
  const auto* node = table_.get(key);
  if (node == nullptr)
    refuse(key, "is missing");
  auto value = text_or(key, "");
  if (value.empty())
    refuse(key, "must not be empty");
  return value;
}

std::string table_reader::text_or(std::string_view key, std::string_view otherwise) const {
  const auto* node = table_.get(key);
  if (node == nullptr)
    return std::string{otherwise};
  auto value = node->value_exact<std::string>();
  if (!value)
    refuse(key, "must be a string");
  return *std::move(value);
}

std::optional<std::int64_t> table_reader::integer(std::string_view key, std::int64_t min,
                                                  std::int64_t max) const {
  const auto* node = table_.get(key);
  if (node == nullptr)
    return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (!value)
    refuse(key, "must be an integer");
  if (*value < min || *value > max)
    refuse(key, fmt::format("must be from {} to {}, not {}", min, max, *value));
  return value;
}

std::optional<double> table_reader::number(std::string_view key) const {
  const auto* node = table_.get(key);
  if (node == nullptr)
    return std::nullopt;
  if (!node->is_number())
    refuse(key, "must be a number");
  return node->value<double>();
}

std::vector<std::string> table_reader::texts(std::string_view key) const {
  const auto* node = table_.get(key);
  if (node == nullptr)
    return {};
  const auto* elements = node->as_array();
  if (elements == nullptr)
    refuse(key, "must be an array of strings");
  std::vector<std::string> found;
  for (std::size_t i = 0; i < elements->size(); ++i) {
    auto value = elements->get(i)->value_exact<std::string>();
    if (!value)
      refuse(key, i, "must be an array of strings");
    if (value->empty())
      refuse(key, i, "must not hold an empty string");
    if (std::ranges::find(found, *value) != found.end())
      refuse(key, i, fmt::format("names `{}` twice", *value));
    found.push_back(*std::move(value));
  }
  return found;
}

bool table_reader::flag_or(std::string_view key, bool otherwise) const {
  const auto* node = table_.get(key);
  if (node == nullptr)
    return otherwise;
  const auto value = node->value_exact<bool>();
  if (!value)
    refuse(key, "must be true or false");
  return *value;
}

const toml::table* table_reader::table(std::string_view key) const {
  const auto* node = table_.get(key);
  if (node == nullptr)
    return nullptr;
  const auto* found = node->as_table();
  if (found == nullptr)
    refuse(key, fmt::format("must be a table, [{}]", key));
  return found;
}

std::vector<const toml::table*> table_reader::tables(std::string_view key) const {
  const auto* node = table_.get(key);
  if (node == nullptr)
    return {};
  const auto* elements = node->as_array();
  if (elements == nullptr)
    refuse(key, fmt::format("must be written [[{}]]", key));
  std::vector<const toml::table*> found;
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const auto* table = elements->get(i)->as_table();
    if (table == nullptr)
      refuse(key, i, fmt::format("must be written [[{}]]", key));
    found.push_back(table);
  }
  return found;
}

void table_reader::refuse(std::string_view key, std::string_view why) const {
  const auto* node = table_.get(key);
  const auto& where = node == nullptr ? table_.source() : node->source();
  throw input_error{fmt::format("{}: `{}` of {} {}", place(file_, where), key, what_, why)};
}

void table_reader::refuse(std::string_view key, std::size_t element, std::string_view why) const {
  const auto& where = table_.get_as<toml::array>(key)->get(element)->source();
  throw input_error{fmt::format("{}: `{}` of {} {}", place(file_, where), key, what_, why)};
}

void table_reader::refuse(std::string_view key, std::optional<std::size_t> element,
                          std::string_view part, std::string_view why) const {
  const auto* node = table_.get(key);
  if (node != nullptr && element && node->is_array())
    node = node->as_array()->get(*element);
  for (auto rest = part; node != nullptr && node->is_table() && !rest.empty();) {
    const auto dot = rest.find('.');
    const auto* next = node->as_table()->get(rest.substr(0, dot));
    if (next == nullptr)
      break;
    node = next;
    rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
  }
  const auto& where = node == nullptr ? table_.source() : node->source();
  throw input_error{
    fmt::format("{}: `{}.{}` of {} {}", place(file_, where), key, part, what_, why)};
}

}  // namespace parley::cli
