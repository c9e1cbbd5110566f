#include "parley/carrier/twilio.hpp"

#include "parley/model/limits.hpp"
#include "parley/text/utf8.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <utility>

namespace parley::carrier {

namespace {

constexpr std::size_t carrier_id_bytes_max = 64;
constexpr std::size_t sid_bytes = 34;
constexpr std::string_view no_variables = "{}";
/// More than any carrier makes of one text; keeps a wild number out of the counts.
constexpr std::uint32_t segments_max = 255;

/// Parameters that mean something to Parley, or only repeat what the link and the message say
/// already.
enum class field : std::uint8_t {
  message_sid,
  sms_sid,
  from,
  to,
  body,
  num_media,
  num_segments,
  sms_status,
  message_status,  ///< Of status callbacks, as the two after it.
  error_code,
  redundant,
  unknown,
};
constexpr std::size_t fields_kept = static_cast<std::size_t>(field::redundant);

field field_of(std::string_view key) noexcept {
  // The length decides between most names; the comparison is then one or two.
  switch (key.size()) {
    case 2:
      return key == "To" ? field::to : field::unknown;
    case 4:
      return key == "From" ? field::from : key == "Body" ? field::body : field::unknown;
    case 6:
      return key == "SmsSid" ? field::sms_sid : field::unknown;
    case 8:
      return key == "NumMedia" ? field::num_media : field::unknown;
    case 9:
      return key == "SmsStatus" ? field::sms_status
             : key == "ErrorCode" ? field::error_code
                                  : field::unknown;
    case 10:
      return key == "MessageSid" ? field::message_sid
             : key == "AccountSid" || key == "ApiVersion" ? field::redundant
                                                          : field::unknown;
    case 11:
      return key == "NumSegments" ? field::num_segments : field::unknown;
    case 13:
      return key == "MessageStatus" ? field::message_status
             : key == "SmsMessageSid" ? field::redundant
                                      : field::unknown;
    default:
      return field::unknown;
  }
}

/// What a callback says, as views into its form. The first of two equal parameters counts.
class callback_fields {
public:
  void put(field which, std::string_view value) noexcept {
    auto& kept = values_[static_cast<std::size_t>(which)];
    if (!kept.present)
      kept = {value, true};
  }

  [[nodiscard]] std::string_view get(field which) const noexcept {
    return values_[static_cast<std::size_t>(which)].value;
  }

  [[nodiscard]] bool has(field which) const noexcept {
    return values_[static_cast<std::size_t>(which)].present;
  }

  /// `preferred`, or `fallback` when there is none.
  [[nodiscard]] std::string_view either(field preferred, field fallback) const noexcept {
    return get(has(preferred) ? preferred : fallback);
  }

private:
  struct slot {
    std::string_view value;
    bool present = false;
  };
  std::array<slot, fields_kept> values_{};
};

std::optional<std::uint32_t> number_of(std::string_view text) noexcept {
  std::uint32_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

/// The N of `MediaUrl{N}`; without leading zeros, so that no file has two names.
std::optional<std::uint32_t> media_index(std::string_view digits) noexcept {
  if (digits.size() > 1 && digits.front() == '0')
    return std::nullopt;
  return number_of(digits);
}

/// The files that a callback names, by their number.
class media_fields {
public:
  /// Whether `key` belongs to a file; then its value is kept.
  bool take(std::string_view key, std::string_view value) noexcept {
    constexpr std::string_view url_key = "MediaUrl";
    constexpr std::string_view type_key = "MediaContentType";
    if (!key.starts_with("Media"))
      return false;
    const bool is_url = key.starts_with(url_key);
    if (!is_url && !key.starts_with(type_key))
      return false;
    const auto index = media_index(key.substr((is_url ? url_key : type_key).size()));
    if (!index)
      return false;
    if (*index >= model::files_max) {
      beyond_limit_ = true;
      return true;
    }
    auto& kept = (is_url ? urls_ : types_)[*index];
    if (kept.empty())
      kept = value;
    count_ = std::max(count_, *index + 1);
    return true;
  }

  /// The files in order; a text that names the faulty parameter when one is missing or unreadable.
  [[nodiscard]] std::string collect(const callback_fields& fields,
                                    std::vector<model::media>& out) const {
    std::uint32_t count = count_;
    if (fields.has(field::num_media)) {
      const auto stated = number_of(fields.get(field::num_media));
      if (!stated || *stated > model::files_max || *stated < count_ || beyond_limit_)
        return "NumMedia";
      count = *stated;
    } else if (beyond_limit_) {
      return "MediaUrl";
    }
    out.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (urls_[i].empty() || !text::is_clean_utf8(urls_[i]))
        return "MediaUrl" + std::to_string(i);
      if (!text::is_clean_utf8(types_[i]))
        return "MediaContentType" + std::to_string(i);
      out.push_back({std::string{urls_[i]}, std::string{types_[i]}});
    }
    return {};
  }

private:
  std::array<std::string_view, model::files_max> urls_{};
  std::array<std::string_view, model::files_max> types_{};
  std::uint32_t count_ = 0;
  bool beyond_limit_ = false;
};

/// Room for `parameters` as a form again, most of which are letters and need no escape.
std::size_t extra_bytes(std::span<const parameter> parameters) noexcept {
  std::size_t bytes = 0;
  for (const auto& [key, value] : parameters)
    bytes += key.size() + value.size() + 2;
  return bytes + bytes / 8;
}

/// Who a callback is between, when both addresses read and are of one channel.
std::optional<malformed_callback> read_ends(const callback_fields& fields, field ours, field theirs,
                                            twilio_callback& out) {
  const auto name = [](field which) { return which == field::from ? "From" : "To"; };
  for (const auto& [which, end] : {std::pair{ours, &out.ours}, std::pair{theirs, &out.theirs}}) {
    auto read = model::address::parse_carrier(fields.get(which));
    if (!read)
      return malformed_callback{std::string{name(which)} + " is missing or no address"};
    *end = std::move(*read);
  }
  if (out.ours.kind != out.theirs.kind)
    return malformed_callback{"From and To are of different channels"};
  return std::nullopt;
}

/// Twilio's words. Its own queueing comes after it took the message, which is what `sent` means
/// here.
std::optional<model::delivery_state> state_of(std::string_view status) noexcept {
  constexpr std::array taken{"sent", "queued", "accepted", "scheduled", "sending"};
  if (std::ranges::find(taken, status) != taken.end())
    return model::delivery_state::sent;
  constexpr std::array same_words{"delivered", "undelivered", "failed", "read", "canceled"};
  if (std::ranges::find(same_words, status) != same_words.end())
    return model::delivery_state_of(status);
  return std::nullopt;
}

std::string base64(std::string_view bytes) {
  // OpenSSL writes a NUL behind the text, so the room is one byte more than the text.
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string carrier_text(const model::address& what) {
  return what.kind == model::channel::sms ? what.identifier : what.text();
}

}  // namespace

std::variant<twilio_callback, malformed_callback> decode_twilio_inbound(const form& body) {
  if (!body.ok())
    return malformed_callback{body.fault()};
  callback_fields fields;
  media_fields media;
  auto what = std::make_shared<model::content>();
  const std::span parameters{body.parameters()};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& [key, value] = parameters[i];
    const auto which = field_of(key);
    if (which < field::sms_status)
      fields.put(which, value);
    else if (which == field::unknown && !media.take(key, value)) {
      if (what->extra.empty())
        what->extra.reserve(extra_bytes(parameters.subspan(i)));
      append_parameter(what->extra, key, value);
    }
  }
  const auto sid = fields.either(field::message_sid, field::sms_sid);
  if (!is_carrier_id(sid))
    return malformed_callback{"MessageSid is missing or no id"};
  twilio_callback out;
  if (auto fault = read_ends(fields, field::to, field::from, out))
    return std::move(*fault);
  if (auto fault = media.collect(fields, what->files); !fault.empty())
    return malformed_callback{fault + " is missing or wrong"};
  if (!fields.has(field::body) && what->files.empty())
    return malformed_callback{"Body is missing"};
  if (!text::is_clean_utf8(fields.get(field::body)))
    return malformed_callback{"Body is not UTF-8 text"};
  what->body = fields.get(field::body);
  what->provider_id = sid;
  // The count is Twilio's own and only informs: a message is not refused for it.
  const auto segments = number_of(fields.get(field::num_segments)).value_or(1);
  out.what.emplace<model::receive_message>(model::receive_message{
    .what = std::move(what),
    .dedupe = carrier_id_digest(sid),
    .segments = std::clamp(segments, std::uint32_t{1}, segments_max),
  });
  return out;
}

std::variant<twilio_callback, malformed_callback> decode_twilio_status(const form& body) {
  if (!body.ok())
    return malformed_callback{body.fault()};
  callback_fields fields;
  for (const auto& [key, value] : body.parameters())
    if (const auto which = field_of(key); which < field::redundant)
      fields.put(which, value);
  const auto sid = fields.either(field::message_sid, field::sms_sid);
  if (!is_carrier_id(sid))
    return malformed_callback{"MessageSid is missing or no id"};
  const auto state = state_of(fields.either(field::message_status, field::sms_status));
  if (!state)
    return malformed_callback{"MessageStatus is missing or not a known word"};
  const auto error = fields.get(field::error_code);
  const auto error_code = error.empty() ? 0 : number_of(error);
  if (!error_code || *error_code > std::uint32_t{std::numeric_limits<std::int32_t>::max()})
    return malformed_callback{"ErrorCode is not a number"};
  twilio_callback out;
  if (auto fault = read_ends(fields, field::from, field::to, out))
    return std::move(*fault);
  out.what.emplace<model::report_delivery>(model::report_delivery{
    .provider_id = std::string{sid},
    .state = *state,
    .error_code = static_cast<std::int32_t>(*error_code),
  });
  return out;
}

bool is_carrier_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= carrier_id_bytes_max
         && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

model::id128 carrier_id_digest(std::string_view provider_id) {
  if (provider_id.size() == sid_bytes
      && (provider_id.starts_with("SM") || provider_id.starts_with("MM"))) {
    // The id of all zeros stands for "none" and would not be remembered.
    if (const auto id = model::from_hex(provider_id.substr(2)); id && id->has_value())
      return *id;
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(provider_id.data()), provider_id.size(),
         digest.data());
  model::id128 id;
  std::ranges::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

std::string basic_authorization(std::string_view user, std::string_view password) {
  return "Basic " + base64(std::string{user}.append(":").append(password));
}

twilio_send encode_twilio_send(const twilio_send_options& options, const model::address& from,
                               const model::address& to, const model::content& what) {
  auto base = options.api_base;
  while (base.ends_with('/'))
    base.remove_suffix(1);
  twilio_send out;
  out.url.append(base).append("/2010-04-01/Accounts/").append(options.account_sid);
  out.url += "/Messages.json";
  out.authorization = basic_authorization(options.account_sid, options.auth_token);
  append_parameter(out.body, "To", carrier_text(to));
  append_parameter(out.body, "From", carrier_text(from));
  // Of a template that the carrier knows it takes the id and the variables, and makes the text.
  const auto& made_from = what.made_from;
  if (made_from && !made_from->carrier_id.empty() && to.kind == model::channel::whatsapp) {
    append_parameter(out.body, "ContentSid", made_from->carrier_id);
    if (made_from->variables.size() > no_variables.size())
      append_parameter(out.body, "ContentVariables", made_from->variables);
  } else if (!what.body.empty()) {
    append_parameter(out.body, "Body", what.body);
  }
  for (const auto& file : what.files)
    append_parameter(out.body, "MediaUrl", file.url);
  if (!options.status_callback.empty())
    append_parameter(out.body, "StatusCallback", options.status_callback);
  return out;
}

std::optional<model::consent_notice::kind> opt_out_type(std::string_view extra) {
  // Every inbound message is asked; without the `&`, of which there are many, it is one pass.
  constexpr std::string_view name = "OptOutType=";
  auto at = extra.find(name);
  while (at != std::string_view::npos && at != 0 && extra[at - 1] != '&')
    at = extra.find(name, at + 1);
  if (at == std::string_view::npos)
    return std::nullopt;
  at += name.size();
  const auto value = extra.substr(at, extra.find('&', at) - at);
  if (value == "STOP")
    return model::consent_notice::kind::opt_out;
  if (value == "START")
    return model::consent_notice::kind::opt_in;
  if (value == "HELP")
    return model::consent_notice::kind::help;
  return std::nullopt;
}

}  // namespace parley::carrier
