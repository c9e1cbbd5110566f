#include "parley/actions/question.hpp"

#include "parley/text/utf8.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

namespace parley::actions {

namespace {

namespace json = boost::json;

constexpr std::string_view replacement = "\xef\xbf\xbd";

/// Bytes that are not UTF-8 become U+FFFD, one each, and so does NUL.
json::string text_of(std::string_view text) {
  if (text::is_clean_utf8(text))
    return json::string(text.data(), text.size());
  std::string clean;
  while (!text.empty()) {
    const auto bytes = text::clean_sequence_bytes(text);
    clean += bytes == 0 ? replacement : text.substr(0, bytes);
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return json::string(clean.data(), clean.size());
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text_of(text));
}

template <class Id>
json::value id_or_null(const Id& id) {
  return id.has_value() ? json::value(text_of(id.text())) : json::value(nullptr);
}

json::object conversation_of(const question& what) {
  json::object made;
  made["id"] = id_or_null(what.conversation);
  made["channel"] = text_of(model::to_string(what.between.theirs.kind));
  made["number"] = text_of(what.between.ours.text());
  json::array peers;
  for (const auto& one : what.between.theirs.members())
    peers.push_back(text_of(one.text()));
  made["peers"] = std::move(peers);
  return made;
}

json::object message_of(const question& what) {
  json::object author;
  author["type"] = text_of(model::to_string(what.author.type));
  author["id"] = text_or_null(what.author.id);
  json::array media;
  for (const auto& file : what.what->files) {
    json::object one;
    one["url"] = text_of(file.url);
    one["content_type"] = text_or_null(file.content_type);
    media.push_back(std::move(one));
  }
  json::object made;
  made["id"] = id_or_null(what.message);
  if (what.index != 0)
    made["index"] = what.index;
  else
    made["index"] = nullptr;
  made["direction"] = text_of(model::to_string(what.direction));
  made["author"] = std::move(author);
  made["body"] = text_of(what.what->body);
  made["media"] = std::move(media);
  made["created_at"] = text_of(model::to_rfc3339(what.created_at));
  return made;
}

json::value contact_of(const question& what) {
  if (!what.contact)
    return nullptr;
  json::object attributes;
  for (const auto& one : what.contact->attributes)
    attributes[text_of(one.name)] = text_of(one.value);
  json::object made;
  made["id"] = id_or_null(what.contact->id);
  made["name"] = text_or_null(what.contact->name);
  made["language"] = text_or_null(what.contact->language);
  made["attributes"] = std::move(attributes);
  return made;
}

json::object default_route_of(const question& what) {
  json::array users;
  for (const auto& user : what.default_users)
    users.push_back(text_of(user));
  json::object made;
  made["users"] = std::move(users);
  made["team"] = text_or_null(what.default_team);
  return made;
}

}  // namespace

std::string_view to_string(question_type value) noexcept {
  switch (value) {
    case question_type::conversation_opened:
      return "conversation.opened";
    case question_type::message_received:
      return "message.received";
    case question_type::conversation_outbound:
      return "conversation.outbound";
  }
  return {};
}

std::string encode(const question& what) {
  json::object made;
  made["version"] = 1;
  made["type"] = text_of(to_string(what.type));
  made["conversation"] = conversation_of(what);
  made["message"] = message_of(what);
  made["contact"] = contact_of(what);
  made["default_route"] = default_route_of(what);
  return json::serialize(made);
}

std::string signature(std::string_view secret, model::timestamp at, std::string_view body) {
  const auto moment = std::to_string(at.time_since_epoch().count());
  std::string signed_text = moment + ".";
  signed_text += body;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int bytes = 0;
  if (secret.size() > std::numeric_limits<int>::max()
      || HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
              reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(),
              digest.data(), &bytes)
           == nullptr)
    throw std::runtime_error{"HMAC-SHA256 failed"};
  static constexpr std::string_view hex = "0123456789abcdef";
  auto value = "t=" + moment + ",v1=";
  for (unsigned int i = 0; i < bytes; ++i) {
    value += hex[digest.at(i) >> 4U];
    value += hex[digest.at(i) & 15U];
  }
  return value;
}

}  // namespace parley::actions
