#include "src/ingress/callbacks.hpp"

#include "actors/envelope.hpp"
#include "parley/carrier/form.hpp"
#include "parley/carrier/twilio_signature.hpp"
#include "src/ingress/log.hpp"
#include "src/ingress/media_type.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace parley::ingress {

namespace {

constexpr std::string_view prefix = "/carriers/twilio/";
constexpr std::chrono::seconds warning_interval{60};
/// Enough to share a wake-up, few enough that the workers do not wait for the I/O thread.
constexpr std::size_t burst_max = 16;

/// What the carrier believes it posts to: the configured base and the target as sent. The `Host` of
/// the request says nothing that could be trusted.
std::string signed_url(const model::link& link, std::string_view target) {
  std::string_view base = link.public_url;
  while (base.ends_with('/'))
    base.remove_suffix(1);
  std::string url;
  url.reserve(base.size() + target.size());
  url += base;
  url += target;
  return url;
}

/// The message that a report is about: its URL, which the signature covers, names it.
std::optional<callback_refusal> name_message(std::string_view query,
                                             carrier::twilio_callback& report) {
  const auto named = carrier::query_value(query, "message");
  auto* said = std::get_if<model::report_delivery>(&report.what);
  if (!named || said == nullptr)
    return std::nullopt;
  const auto message = model::message_id::parse(*named);
  if (!message)
    return callback_refusal{model::errc::malformed, "`message` is no message's id"};
  said->message = *message;
  return std::nullopt;
}

/// A report on a group's message is one party's. Its URL, which the signature covers, names the
/// group that the message is of.
std::optional<callback_refusal> name_group(std::string_view query,
                                           carrier::twilio_callback& report) {
  const auto named = carrier::query_value(query, "group");
  if (!named)
    return std::nullopt;
  auto group = model::address::parse_peer("sms:" + *named);
  const auto parties = group ? group->members() : std::vector<model::address>{};
  if (parties.size() < 2 || std::ranges::find(parties, report.theirs) == parties.end())
    return callback_refusal{model::errc::malformed, "`group` does not name a group of `To`"};
  if (auto* said = std::get_if<model::report_delivery>(&report.what))
    said->to = report.theirs.text();
  report.theirs = std::move(*group);
  return std::nullopt;
}

}  // namespace

callbacks::callbacks(const model::directory_cell& directory, const actors::switchboard& board,
                     admission& admitted, ingress_counts& counts, std::size_t parameters_max,
                     std::size_t lanes)
  : board_(board),
    admitted_(admitted),
    counts_(counts),
    parameters_max_(parameters_max),
    unknown_links_(warning_interval),
    unknown_numbers_(warning_interval),
    bad_signatures_(warning_interval) {
  bursts_.reserve(lanes);
  for (std::size_t lane = 0; lane < lanes; ++lane)
    bursts_.push_back({model::directory_view{directory}, {}});
}

std::optional<callback_refusal> callbacks::take(http::request& incoming, http::ticket where) {
  const auto& known = *bursts_[where.lane].directory.present();
  const auto to = find(known, incoming.path);
  if (!to)
    return unknown_link();
  if (incoming.method != http::method::post)
    return callback_refusal{model::errc::method_not_allowed, {}};
  // Over the bound the answer must cost next to nothing: no signature is computed for it.
  if (const auto full = admitted_.would_refuse())
    return callback_refusal{*full, {}};
  if (!is_media_type(incoming.header("Content-Type"), "application/x-www-form-urlencoded"))
    return refuse_content(incoming, *to);
  const carrier::form body{std::move(incoming.body), parameters_max_};
  if (auto refused = check(incoming, *to, body))
    return refused;
  auto understood = to->what == kind::inbound ? carrier::decode_twilio_inbound(body)
                                              : carrier::decode_twilio_status(body);
  if (auto* fault = std::get_if<carrier::malformed_callback>(&understood))
    return callback_refusal{model::errc::malformed, std::move(fault->detail)};
  auto& callback = std::get<carrier::twilio_callback>(understood);
  if (to->what == kind::status && !incoming.query.empty())
    for (const auto name : {name_message, name_group})
      if (auto refused = name(incoming.query, callback))
        return refused;
  return admit(known, *to, std::move(callback), where);
}

std::optional<callbacks::target> callbacks::find(const model::directory& known,
                                                   std::string_view path) {
  if (!path.starts_with(prefix))
    return std::nullopt;
  path.remove_prefix(prefix.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos)
    return std::nullopt;
  const auto what = path.substr(slash + 1);
  if (what != "inbound" && what != "status")
    return std::nullopt;
  const auto at = known.find_link(path.substr(0, slash));
  if (!at || at->link->format != model::link_format::twilio)
    return std::nullopt;
  return target{*at, what == "inbound" ? kind::inbound : kind::status};
}

std::optional<callback_refusal> callbacks::check(const http::request& incoming, const target& to,
                                                 const carrier::form& body) {
  if (!body.ok())
    return callback_refusal{model::errc::malformed, body.fault()};
  const auto& link = *to.at.link;
  if (!carrier::twilio_signature_matches(link.auth_token, signed_url(link, incoming.target),
                                         body.parameters(),
                                         incoming.header("X-Twilio-Signature")))
    return unsigned_callback(link);
  return std::nullopt;
}

/// A message or a report is always a form. Other bodies that Twilio signs are verified all the
/// same, so that a stranger learns nothing from the answer.
callback_refusal callbacks::refuse_content(const http::request& incoming, const target& to) {
  if (!is_media_type(incoming.header("Content-Type"), "application/json"))
    return {model::errc::unsupported_media,
            "the body must be application/x-www-form-urlencoded"};
  const auto& link = *to.at.link;
  if (!carrier::twilio_body_signature_matches(link.auth_token, signed_url(link, incoming.target),
                                              incoming.body,
                                              incoming.header("X-Twilio-Signature")))
    return unsigned_callback(link);
  return {model::errc::malformed, "a JSON body is neither a message nor a report"};
}

std::optional<callback_refusal> callbacks::admit(const model::directory& known,
                                                 const target& to,
                                                 carrier::twilio_callback&& understood,
                                                 http::ticket where) {
  const auto organization = to.at.owner->index;
  const auto number = known.find_number(organization, understood.ours.identifier);
  if (!number || number->link != to.at.link)
    return unknown_number(*to.at.link);
  const auto* actor = board_.number(organization, understood.ours.identifier);
  if (actor == nullptr)
    return callback_refusal{model::errc::internal, {}};
  const auto now = model::wall_clock();
  auto command = std::make_shared<actors::envelope>();
  command->pair = {organization, std::move(understood.ours), std::move(understood.theirs)};
  command->what = std::move(understood.what);
  command->received_at = now;
  command->fresh_message = model::thread_ids().next_as<model::message_id>(now);
  command->fresh_conversation = model::thread_ids().next_as<model::conversation_id>(now);
  command->answer_to = {where.lane, where.slot, where.generation};
  if (const auto full = admitted_.try_admit())
    return callback_refusal{*full, {}};
  auto& counter = to.what == kind::inbound ? counts_.callbacks_inbound : counts_.callbacks_status;
  counter.fetch_add(1, std::memory_order_relaxed);
  auto& commands = bursts_[where.lane].commands;
  commands.push_back({actor, std::move(command)});
  if (commands.size() >= burst_max)
    pass_on(where.lane);
  return std::nullopt;
}

void callbacks::pass_on(std::uint32_t lane) {
  auto& commands = bursts_[lane].commands;
  for (auto& command : commands)
    caf::anon_send(*command.to, std::move(command.what));
  commands.clear();
}

callback_refusal callbacks::unsigned_callback(const model::link& link) {
  if (const auto times = bad_signatures_.count(rare_warning::clock::now()))
    log().warn("callbacks: wrong signatures, times={} last_link={}", *times, link.id);
  return {model::errc::bad_signature, {}};
}

callback_refusal callbacks::unknown_link() {
  if (const auto times = unknown_links_.count(rare_warning::clock::now()))
    log().warn("callbacks: no such carrier link, times={}", *times);
  return {model::errc::unknown_link, {}};
}

callback_refusal callbacks::unknown_number(const model::link& link) {
  if (const auto times = unknown_numbers_.count(rare_warning::clock::now()))
    log().warn("callbacks: no such number, times={} last_link={}", *times, link.id);
  return {model::errc::unknown_number, {}};
}

}  // namespace parley::ingress
