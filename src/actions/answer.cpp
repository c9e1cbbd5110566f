#include "parley/actions/answer.hpp"

#include "parley/model/directory_words.hpp"
#include "parley/model/limits.hpp"
#include "parley/routing/route.hpp"
#include "parley/text/segments.hpp"
#include "parley/text/web_url.hpp"
#include "src/actions/answer_members.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace parley::actions {

namespace {

namespace json = boost::json;

/// Bytes of a directory id or an address; more cannot be one.
constexpr std::size_t id_bytes_max = 128;
constexpr std::size_t content_type_bytes_max = 255;

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

/// Reads one answer, member by member.
class decoding {
public:
  decoding(const json::value& whole, const question& asked, const model::organization& owner)
    : whole_({}, whole), asked_(asked), owner_(owner) {}

  [[nodiscard]] decoded_answer result() && {
    if (!whole_.value().is_object())
      throw fault{"the answer must be a JSON object"};
    for (const auto& one : whole_.value().get_object())
      if (const std::string_view name{one.key().data(), one.key().size()};
          std::ranges::find(inbound_members, name) == inbound_members.end()
          && std::ranges::find(outbound_members, name) == outbound_members.end())
        throw fault{"the member " + quoted(name) + " is not known"};
    if (asked_.type == question_type::conversation_outbound)
      read_outbound();
    else
      read_inbound();
    return std::move(made_);
  }

private:
  static constexpr auto inbound_members = std::to_array<std::string_view>(
    {"participants", "team", "strategy", "replies", "labels", "attributes", "priority", "close"});
  static constexpr auto outbound_members = std::to_array<std::string_view>({"refuse", "from"});

  /// What is not for this kind of question must not be dropped silently.
  template <class Names>
  void forbid(const Names& names, std::string_view why) const {
    for (const auto name : names)
      if (const auto given = whole_.find(name); given && given->says_something())
        given->fail(why);
  }

  void read_outbound() {
    forbid(inbound_members, "is not for conversations that are started from here");
    read_refusal();
    read_sender();
  }

  void read_inbound() {
    forbid(outbound_members, "is only for conversations that are started from here");
    read_route();
    read_participants();
    read_replies();
    read_labels();
    read_attributes();
    if (const auto given = whole_.find("priority")) {
      made_.answer.priority = model::value_of<model::priority>(given->text(id_bytes_max));
      if (!made_.answer.priority)
        given->fail("must be one of " + model::all_words<model::priority>());
    }
    if (const auto given = whole_.find("close"))
      made_.answer.close = given->flag();
  }

  void read_refusal() {
    const auto given = whole_.find("refuse");
    if (!given)
      return;
    if (!given->value().is_object()) {
      made_.refuses = given->flag();
      return;
    }
    (void)given->object({"reason"});
    made_.refuses = true;
    if (const auto reason = given->find("reason"))
      made_.reason = reason->text(reason_bytes_max);
  }

  /// Another of our numbers, which the one who starts may send from.
  void read_sender() {
    const auto given = whole_.find("from");
    if (!given)
      return;
    const auto text = given->name(id_bytes_max);
    auto address = model::address::parse(text);
    if (!address)
      address = model::address::parse_carrier(text);
    const auto channel = asked_.between.theirs.kind;
    // A number without a channel is meant for the conversation's.
    if (!address || (address->kind != channel && text.find(':') != std::string::npos))
      given->fail("must be a number of the same channel");
    const auto number
      = std::ranges::find(owner_.numbers, address->identifier, &model::number::identifier);
    if (number == owner_.numbers.end())
      given->fail("names " + quoted(text) + ", which is no number of the organisation");
    const bool carries = channel == model::channel::whatsapp
                           ? contains(number->channels, "whatsapp")
                           : contains(number->channels, "sms") || contains(number->channels, "mms");
    if (!carries)
      given->fail("names " + quoted(text) + ", which does not carry the channel");
    const auto routed = routing::route_outbound(owner_, *number, asked_.author);
    const auto* route = std::get_if<model::route>(&routed);
    if (route == nullptr)
      given->fail("names " + quoted(text) + ", from which " + quoted(asked_.author.id)
                  + " may not send");
    if (asked_.author.type == model::author::kind::user
        && (channel == model::channel::whatsapp || !route->inbox.empty()))
      require_pro_cx(*given, asked_.author.id);
    made_.from = address->identifier;
  }

  void read_route() {
    const auto team = whole_.find("team");
    const auto strategy = whole_.find("strategy");
    if (!team && !strategy)
      return;
    // A strategy alone is for the team that the conversation would have had anyway.
    const auto inbox = team ? team->name(id_bytes_max) : asked_.default_team;
    if (inbox.empty())
      strategy->fail("needs a `team`");
    const auto& named = team ? *team : *strategy;
    if (owner_.find_inbox(inbox) == nullptr)
      named.fail("names " + quoted(inbox) + ", which is no team inbox");
    auto route = routing::route_to_inbox(owner_, inbox).route;
    if (route.unrouted)
      named.fail("names " + quoted(inbox) + ", of which nobody has the licence pro_cx");
    if (strategy) {
      const auto wanted
        = model::value_of<model::assignment_strategy>(strategy->text(id_bytes_max));
      if (!wanted)
        strategy->fail("must be one of " + model::all_words<model::assignment_strategy>());
      route.assigned = *wanted != model::assignment_strategy::everyone;
    }
    made_.answer.to = std::move(route);
  }

  void require_pro_cx(const member& named, const std::string& user) const {
    const auto* known = owner_.find_user(user);
    if (known != nullptr && known->licence != model::licence::pro_cx)
      named.fail("needs the licence pro_cx, which " + quoted(user) + " does not have");
  }

  [[nodiscard]] std::vector<std::string> read_users(const member& given) const {
    auto users = given.names(model::participants_max, id_bytes_max);
    for (const auto& user : users)
      if (owner_.find_user(user) == nullptr)
        given.fail("names " + quoted(user) + ", who is no user of the organisation");
    return users;
  }

  void read_participants() {
    const auto given = whole_.find("participants");
    if (!given)
      return;
    (void)given->object({"add", "remove"});
    auto& answer = made_.answer;
    const auto add = given->find("add");
    if (add)
      answer.add = read_users(*add);
    if (const auto remove = given->find("remove")) {
      answer.remove = read_users(*remove);
      for (const auto& user : answer.remove)
        if (contains(answer.add, user))
          remove->fail("names " + quoted(user) + ", who is to be added");
    }
    if (add)
      check_licences(*add);
  }

  /// Mission 2: a second user, a team inbox and WhatsApp need the licence.
  void check_licences(const member& add) const {
    const auto& answer = made_.answer;
    auto after = answer.to ? answer.to->users : asked_.default_users;
    after.insert(after.end(), answer.add.begin(), answer.add.end());
    std::erase_if(after, [&](const auto& user) { return contains(answer.remove, user); });
    std::ranges::sort(after);
    const auto repeated = std::ranges::unique(after);
    after.erase(repeated.begin(), repeated.end());
    const bool of_a_team = answer.to || !asked_.default_team.empty();
    if (after.size() > 1 || of_a_team || asked_.between.theirs.kind == model::channel::whatsapp)
      for (const auto& user : after)
        require_pro_cx(add, user);
  }

  [[nodiscard]] static model::media read_file(const member& given) {
    model::media file;
    auto url = std::optional{given};
    if (given.value().is_object()) {
      (void)given.object({"url", "content_type"});
      url = given.find("url");
      if (const auto type = given.find("content_type"))
        file.content_type = type->text(content_type_bytes_max);
    }
    if (url)
      file.url = url->text(text::url_bytes_max);
    if (!text::is_web_url(file.url))
      given.fail("needs an absolute http or https URL for each file");
    return file;
  }

  [[nodiscard]] model::automatic_text read_reply(const member& given) const {
    model::content content;
    auto body = std::optional{given};
    if (!given.value().is_string()) {
      (void)given.object({"body", "media"});
      body = given.find("body");
      if (const auto media = given.find("media"))
        for (const auto& file : media->elements(model::files_max))
          content.files.push_back(read_file(file));
    }
    if (body)
      content.body = body->text(answer_bytes_max);
    if (content.body.empty() && content.files.empty())
      given.fail("needs a text or a file in each");
    const auto cut = text::segment(content.body);
    if (cut.characters > model::body_characters_max)
      given.fail("has a text of more than " + std::to_string(model::body_characters_max)
                 + " characters");
    const bool whatsapp = asked_.between.theirs.kind == model::channel::whatsapp;
    return {.message = {},
            .what = std::make_shared<const model::content>(std::move(content)),
            .segments = whatsapp ? 1 : cut.segments};
  }

  void read_replies() {
    if (const auto given = whole_.find("replies"))
      for (const auto& reply : given->elements(replies_max))
        made_.answer.replies.push_back(read_reply(reply));
  }

  void read_labels() {
    if (const auto given = whole_.find("labels"))
      made_.answer.labels = given->names(model::labels_max, label_bytes_max);
  }

  void read_attributes() {
    const auto given = whole_.find("attributes");
    if (!given)
      return;
    if (!given->value().is_object())
      given->fail("must be an object");
    const auto& all = given->value().get_object();
    if (all.size() > model::attributes_max)
      given->fail("has more than " + std::to_string(model::attributes_max) + " members");
    for (const auto& one : all) {
      // The name is a text from outside too.
      const json::value key(one.key());
      model::attribute attribute{member{"attributes", key}.name(attribute_name_bytes_max), {}};
      if (!one.value().is_null())
        attribute.value = member{"attributes." + attribute.name, one.value()}.text(
          attribute_value_bytes_max);
      made_.answer.attributes.push_back(std::move(attribute));
    }
  }

  const member whole_;
  const question& asked_;
  const model::organization& owner_;
  decoded_answer made_;
};

}  // namespace

std::variant<decoded_answer, faulty_answer>
decode_answer(std::string_view body, const question& asked, const model::organization& owner) {
  if (body.empty())
    return decoded_answer{};
  if (body.size() > answer_bytes_max)
    return faulty_answer{"the answer is longer than " + std::to_string(answer_bytes_max)
                         + " bytes"};
  json::parse_options options;
  options.max_depth = answer_depth_max;
  json::error_code broken;
  const auto whole = json::parse({body.data(), body.size()}, broken, {}, options);
  if (broken)
    return faulty_answer{"the answer is no JSON that can be read: " + broken.message()};
  try {
    return decoding{whole, asked, owner}.result();
  } catch (fault& why) {
    return faulty_answer{std::move(why.why)};
  }
}

}  // namespace parley::actions
