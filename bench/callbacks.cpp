#include "bench/callbacks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

#include "parley/carrier/form.hpp"

namespace parley::bench {

namespace {

struct place {
  std::string_view city;
  std::string_view state;
  std::string_view zip;
};

// What Twilio adds from its own tables; the broker keeps it and makes nothing of it.
constexpr auto places = std::to_array<place>({{"BROOKLYN", "NY", "11201"},
                                              {"SAN FRANCISCO", "CA", "94105"},
                                              {"AUSTIN", "TX", "78701"},
                                              {"CHICAGO", "IL", "60601"},
                                              {"SEATTLE", "WA", "98101"},
                                              {"MIAMI", "FL", "33101"}});

// Words that are no opt-out keyword, alone or together.
constexpr auto words = std::to_array<std::string_view>(
  {"hello",       "order", "delivery", "tomorrow", "please", "thanks", "invoice",
   "appointment", "late",  "blue",     "when",     "where",  "number", "address",
   "morning",     "call",  "back",     "about",    "the",    "my"});

std::string text_of(random_source& random, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    if (!text.empty())
      text.push_back(' ');
    text.append(words[random.below(words.size())]);
  }
  text.resize(bytes);
  if (text.ends_with(' '))
    text.back() = '.';
  return text;
}

std::string post_form(const traffic& what, std::string_view path,
                      std::span<const carrier::parameter> parameters) {
  const auto base = what.public_url.empty() ? what.target.url() : what.public_url;
  const auto signature
    = carrier::twilio_signature(what.token, base + std::string{path}, parameters);
  std::string body;
  body.reserve(1024);
  for (const auto& [key, value] : parameters)
    carrier::append_parameter(body, key, value);
  std::string request;
  request.reserve(512 + body.size());
  request.append("POST ").append(path).append(" HTTP/1.1\r\nHost: ");
  request.append(what.target.host).append(":").append(std::to_string(what.target.port));
  request.append("\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\nX-Twilio-Signature: ");
  request.append(signature);
  request.append("\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
                 "Content-Length: ");
  request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  return request;
}

std::string get_kannel(const traffic& what, std::string_view from, std::string_view to,
                       std::string_view text) {
  std::string query;
  carrier::append_parameter(query, "from", from);
  carrier::append_parameter(query, "to", to);
  carrier::append_parameter(query, "text", text);
  const auto path = what.path.empty() ? std::string{"/"} : what.path;
  return "GET " + path + "?" + query + " HTTP/1.1\r\nHost: " + what.target.host + ":"
         + std::to_string(what.target.port) + "\r\n\r\n";
}

}  // namespace

std::string number_at(std::string_view number_base, std::uint64_t offset) {
  const auto digits = number_base.substr(std::min<std::size_t>(1, number_base.size()));
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (!number_base.starts_with('+') || error != std::errc{} || digits.empty()
      || end != digits.data() + digits.size())
    throw std::invalid_argument("'" + std::string{number_base} + "' is not + and digits");
  return "+" + std::to_string(value + offset);
}

std::string contact_of(std::uint64_t pair) {
  // Eight million subscriber numbers (2000000 to 9999999) in each area code from 201 on.
  constexpr std::uint64_t subscribers = 8'000'000;
  return "+1" + std::to_string(201 + pair / subscribers % 700)
         + std::to_string(2'000'000 + pair % subscribers);
}

std::string message_sid(std::uint64_t seed, std::uint64_t ordinal) {
  return make_sid('S', 'M', seed, ordinal).text;
}

std::string inbound_request(const traffic& what, std::uint64_t ordinal, std::uint64_t pair) {
  random_source random{scramble(what.seed) ^ ordinal};
  const auto from = contact_of(pair);
  const auto to = number_at(what.number_base, pair % what.numbers);
  const auto text = text_of(random, what.body_bytes);
  if (what.format == callback_format::kannel)
    return get_kannel(what, from, to, text);
  const auto sid = message_sid(what.seed, ordinal);
  const auto& theirs = places[pair % places.size()];
  const auto& ours = places[pair % what.numbers % places.size()];
  const auto segments = std::to_string(text.size() <= 160 ? 1 : (text.size() + 152) / 153);
  const auto parameters = std::to_array<carrier::parameter>({
    {"ToCountry", "US"},
    {"ToState", ours.state},
    {"SmsMessageSid", sid},
    {"NumMedia", "0"},
    {"ToCity", ours.city},
    {"FromZip", theirs.zip},
    {"SmsSid", sid},
    {"FromState", theirs.state},
    {"SmsStatus", "received"},
    {"FromCity", theirs.city},
    {"Body", text},
    {"FromCountry", "US"},
    {"To", to},
    {"ToZip", ours.zip},
    {"NumSegments", segments},
    {"MessageSid", sid},
    {"AccountSid", what.account_sid},
    {"From", from},
    {"ApiVersion", "2010-04-01"},
  });
  const auto path = what.path.empty() ? "/carriers/twilio/" + what.link + "/inbound" : what.path;
  return post_form(what, path, parameters);
}

request_block inbound_requests(const traffic& what, std::uint64_t first_ordinal, std::size_t count,
                               pair_order order) {
  const auto make = [&](std::size_t begin, std::size_t end) {
    request_block block;
    for (auto i = begin; i < end; ++i) {
      const auto ordinal = first_ordinal + i;
      const auto pair = order == pair_order::sequential
                          ? ordinal % what.pairs
                          : random_source{scramble(what.seed + 1) + ordinal}.below(what.pairs);
      const auto request = inbound_request(what, ordinal, pair);
      if (block.size() == 0)
        block.reserve(end - begin, request.size() + 16);
      block.add(request);
    }
    return block;
  };
  const std::size_t shares = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 16);
  std::vector<request_block> blocks(shares);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < shares; ++i)
    threads.emplace_back(
      [&, i] { blocks[i] = make(count * i / shares, count * (i + 1) / shares); });
  for (auto& thread : threads)
    thread.join();
  auto whole = std::move(blocks.front());
  for (std::size_t i = 1; i < shares; ++i) {
    whole.append(blocks[i]);
    blocks[i] = {};
  }
  return whole;
}

std::vector<carrier::parameter> status_parameters(std::string_view account_sid,
                                                  const status_report& report) {
  std::vector<carrier::parameter> parameters{
    {"SmsSid", report.message_sid},
    {"SmsStatus", report.status},
    {"MessageStatus", report.status},
    {"To", report.to},
    {"MessageSid", report.message_sid},
    {"AccountSid", account_sid},
    {"From", report.from},
    {"ApiVersion", "2010-04-01"},
  };
  if (!report.error_code.empty())
    parameters.emplace_back("ErrorCode", report.error_code);
  return parameters;
}

std::string status_request(const traffic& what, const status_report& report) {
  return post_form(what, "/carriers/twilio/" + what.link + "/status",
                   status_parameters(what.account_sid, report));
}

}  // namespace parley::bench
