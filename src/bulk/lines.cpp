#include "parley/bulk/lines.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "parley/model/limits.hpp"
#include "parley/text/csv.hpp"
#include "parley/text/message_template.hpp"
#include "parley/text/segments.hpp"

namespace parley::bulk {

namespace {

using model::errc;

/// Columns of a CSV file: `to`, `body` and variables.
constexpr std::size_t columns_max = 256;
/// Of one line's JSON, before it has to be allocated.
constexpr std::size_t json_bytes = 4 * 1024;

/// What a line says, however it is written.
struct said {
  std::string to;
  std::string body;
  std::vector<std::pair<std::string, std::string>> values;
};

using reading = std::variant<std::monostate, said, std::string>;

std::optional<std::string> text_of_value(const boost::json::value& value) {
  if (const auto* text = value.if_string())
    return std::string{text->data(), text->size()};
  std::array<char, 32> digits{};
  const auto print = [&](auto number) {
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return std::string{digits.data(), end};
  };
  if (const auto* number = value.if_int64())
    return print(*number);
  if (const auto* number = value.if_uint64())
    return print(*number);
  if (const auto* number = value.if_double())
    return print(*number);
  return std::nullopt;
}

std::vector<std::string> split_names(std::string_view joined) {
  std::vector<std::string> names;
  while (!joined.empty()) {
    const auto comma = std::min(joined.find(','), joined.size());
    names.emplace_back(joined.substr(0, comma));
    joined.remove_prefix(std::min(comma + 1, joined.size()));
  }
  return names;
}

}  // namespace

job_text text_of(const model::bulk_parameters& what) {
  job_text made{what.body, {}};
  if (what.made_from)
    made.names = split_names(what.made_from->variables);
  else if (auto names = text::placeholders_of(what.body);
           auto* found = std::get_if<std::vector<std::string>>(&names))
    made.names = std::move(*found);
  return made;
}

std::vector<text::variable> variables_for(const job_text& text, const model::bulk_entry& line) {
  std::vector<text::variable> values;
  values.reserve(line.values.size());
  for (std::size_t at = 0; at < std::min(line.values.size(), text.names.size()); ++at)
    values.push_back({text.names[at], line.values[at]});
  return values;
}

std::string text_for(const job_text& text, const model::bulk_entry& line) {
  if (!line.body.empty())
    return line.body;
  return text.names.empty() ? text.body : text::put_in(text.body, variables_for(text, line));
}

std::string variables_json(const std::vector<text::variable>& values) {
  boost::json::object made;
  for (const auto& one : values)
    made.emplace(one.name, one.value);
  return boost::json::serialize(made);
}

struct line_reader::impl {
  impl(body_format format, const model::bulk_parameters& what,
       const model::message_template* entry, std::size_t json_depth_max)
    : format_(format), from_(what.from), text_(text_of(what)) {
    if (entry != nullptr)
      template_ = *entry;
    options_.max_depth = json_depth_max;
    parser_.emplace(boost::json::storage_ptr{}, options_);
  }

  line_verdict read(const raw_line& line) {
    ++lines_;
    if (line.too_long)
      return refuse(errc::too_large, "the line is too long");
    auto found = format_ == body_format::ndjson ? read_json(line.text) : read_csv(line.text);
    if (const auto* why = std::get_if<std::string>(&found))
      return refuse(errc::malformed, *why);
    auto* what = std::get_if<said>(&found);
    return what == nullptr ? line_verdict{} : judge(std::move(*what));
  }

  [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }

private:
  [[nodiscard]] model::bulk_refusal refuse(errc code, std::string detail) const {
    return {lines_, code, std::move(detail)};
  }

  reading read_json(std::string_view text) {
    if (text.find_first_not_of(" \t") == std::string_view::npos)
      return {};
    std::array<unsigned char, json_bytes> room;
    boost::json::monotonic_resource memory{room.data(), room.size()};
    parser_->reset(&memory);
    boost::system::error_code fault;
    parser_->write(text.data(), text.size(), fault);
    if (fault) {
      parser_->reset();
      return "the line is no JSON object: " + fault.message();
    }
    const auto value = parser_->release();
    const auto* object = value.if_object();
    if (object == nullptr)
      return std::string{"the line is no JSON object"};
    return members_of(*object);
  }

  static reading members_of(const boost::json::object& object) {
    said made;
    for (const auto& member : object) {
      const std::string_view name{member.key().data(), member.key().size()};
      if (name == "vars") {
        const auto* values = member.value().if_object();
        if (values == nullptr)
          return std::string{"`vars` must be an object"};
        for (const auto& one : *values) {
          std::string key{one.key().data(), one.key().size()};
          auto text = text_of_value(one.value());
          if (!text)
            return "`vars." + key + "` must be a text or a number";
          made.values.emplace_back(std::move(key), std::move(*text));
        }
      } else if (name == "to" || name == "body") {
        const auto* text = member.value().if_string();
        if (text == nullptr)
          return "`" + std::string{name} + "` must be a text";
        (name == "to" ? made.to : made.body).assign(text->data(), text->size());
      } else {
        return "`" + std::string{name} + "` is not known here: a line has `to`, `vars` and `body`";
      }
    }
    return made;
  }

  reading read_csv(std::string_view text) {
    if (text.empty())
      return {};
    auto document = text::read_csv(text, {.fields_max = columns_max, .rows_max = 1});
    if (!document.fault.empty())
      return std::move(document.fault);
    if (document.rows.empty())
      return {};
    auto& fields = document.rows.front().fields;
    if (columns_.empty())
      return take_columns(std::move(fields));
    if (fields.size() != columns_.size())
      return "the row has " + std::to_string(fields.size()) + " fields and the header "
             + std::to_string(columns_.size());
    said made;
    for (std::size_t at = 0; at < fields.size(); ++at) {
      if (columns_[at] == "to")
        made.to = std::move(fields[at]);
      else if (columns_[at] == "body")
        made.body = std::move(fields[at]);
      else
        made.values.emplace_back(columns_[at], std::move(fields[at]));
    }
    return made;
  }

  reading take_columns(std::vector<std::string> names) {
    columns_ = std::move(names);
    if (std::ranges::find(columns_, "to") == columns_.end())
      return std::string{"the first row names the columns, and none is `to`"};
    return {};
  }

  line_verdict judge(said what) {
    auto to = address_of(what.to);
    if (!to)
      return refuse(errc::malformed, what.to.empty()
                                       ? "`to` is missing"
                                       : "`to`: `" + what.to.substr(0, 64) + "` is no address of "
                                           + std::string{to_string(from_.kind)});
    accepted_line made;
    made.entry.number = lines_;
    made.entry.to = to->text();
    made.to = std::move(*to);
    if (what.body.empty()) {
      if (auto lacking = take_values(what, made.entry))
        return std::move(*lacking);
    } else if (template_) {
      return refuse(errc::malformed, "`body`: the job sends a template");
    } else {
      made.entry.body = with_values(what);
    }
    return judge_text(std::move(made));
  }

  std::optional<model::bulk_refusal> take_values(const said& what,
                                                 model::bulk_entry& line) const {
    for (const auto& name : text_.names) {
      const auto value = std::ranges::find(what.values, name,
                                           &std::pair<std::string, std::string>::first);
      if (value == what.values.end() || value->second.find('\0') != std::string::npos)
        return refuse(errc::template_variables, "there is no value for `" + name + "`");
      line.values.push_back(value->second);
    }
    return std::nullopt;
  }

  /// A line's own text has variables too.
  static std::string with_values(const said& what) {
    std::vector<text::variable> values;
    for (const auto& [name, value] : what.values)
      values.push_back({name, value});
    return text::put_in(what.body, values);
  }

  line_verdict judge_text(accepted_line made) const {
    if (template_)
      if (auto why = text::values_fault(*template_, variables_for(text_, made.entry));
          !why.empty())
        return refuse(errc::template_variables, std::move(why));
    const auto text = text_for(text_, made.entry);
    if (text.empty())
      return refuse(errc::body_required, "neither the line nor the job has a text");
    if (text.find('\0') != std::string::npos)
      return refuse(errc::malformed, "the text has a NUL");
    const auto cut = text::segment(text);
    if (cut.characters > model::body_characters_max)
      return refuse(errc::body_too_long,
                    "the text is of " + std::to_string(cut.characters) + " characters");
    made.segments = from_.kind == model::channel::whatsapp ? 1 : cut.segments;
    return made;
  }

  [[nodiscard]] std::optional<model::address> address_of(const std::string& text) const {
    auto found = text.find(':') == std::string::npos
                   ? model::address::parse(std::string{to_string(from_.kind)} + ":" + text)
                   : model::address::parse(text);
    if (!found || found->kind != from_.kind || *found == from_ || found->is_group())
      return std::nullopt;
    return found;
  }

  const body_format format_;
  const model::address from_;
  const job_text text_;
  std::optional<model::message_template> template_;
  boost::json::parse_options options_;
  std::optional<boost::json::parser> parser_;
  std::vector<std::string> columns_;  ///< Of CSV, once the first row has named them.
  std::uint64_t lines_ = 0;
};

line_reader::line_reader(body_format format, const model::bulk_parameters& what,
                         const model::message_template* entry, std::size_t json_depth_max)
  : impl_(std::make_unique<impl>(format, what, entry, json_depth_max)) {}

line_reader::~line_reader() = default;
line_reader::line_reader(line_reader&&) noexcept = default;
line_reader& line_reader::operator=(line_reader&&) noexcept = default;

line_verdict line_reader::read(const raw_line& line) { return impl_->read(line); }

std::uint64_t line_reader::lines() const noexcept { return impl_->lines(); }

}  // namespace parley::bulk
