#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/endpoint.hpp"
#include "bench/load_generator.hpp"
#include "bench/random.hpp"

#include "parley/carrier/twilio_signature.hpp"

namespace parley::bench {

/// The shape of the requests that a run sends.
enum class callback_format : std::uint8_t {
  twilio,  ///< Signed form, as wire format 1 of Twilio.
  kannel,  ///< Kannel's query string, for the comparison with Kannel.
};

/// The traffic of a run: who writes to whom, and how it is signed.
struct traffic {
  callback_format format = callback_format::twilio;
  endpoint target;
  std::string path;  ///< Of the target; empty: `/carriers/twilio/{link}/inbound`.
  std::string link = "tw";
  std::string public_url;  ///< What the signature is made for, without the path; empty: the target.
  std::string token = "demo-token";
  std::string account_sid = "AC00000000000000000000000000000001";
  std::uint64_t pairs = 100'000;
  std::uint64_t numbers = 100;
  std::string number_base = "+15550100001";  ///< Ours are this one and those that follow it.
  std::size_t body_bytes = 60;
  std::uint64_t seed = 0;
};

/// Which of the pairs messages come from.
enum class pair_order : std::uint8_t {
  random,      ///< Each message from a pair drawn at random.
  sequential,  ///< Message i from pair i modulo `pairs`: the first `pairs` messages touch each
               ///< once.
};

/// `number_base` plus `offset`, with its `+` and as many digits.
[[nodiscard]] std::string number_at(std::string_view number_base, std::uint64_t offset);

/// The outside party of a pair: a number of the North American plan, different for each pair.
[[nodiscard]] std::string contact_of(std::uint64_t pair);

/// The carrier's id of message `ordinal` of a run: what the broker calls `provider_id`.
[[nodiscard]] std::string message_sid(std::uint64_t seed, std::uint64_t ordinal);

/// One signed inbound callback as HTTP bytes: message `ordinal`, from `pair`.
[[nodiscard]] std::string inbound_request(const traffic& what, std::uint64_t ordinal,
                                          std::uint64_t pair);

/// `count` inbound callbacks, the first of them message `first_ordinal`. Uses every core: this is
/// before the clock starts.
[[nodiscard]] request_block inbound_requests(const traffic& what, std::uint64_t first_ordinal,
                                             std::size_t count, pair_order order);

/// One delivery report, as the carrier's status callback.
struct status_report {
  std::string message_sid;
  std::string status;  ///< `sent`, `delivered`, `read`, …
  std::string to;
  std::string from;
  std::string error_code{};  ///< Of one that failed; empty: no such parameter.
};

/// The parameters of a status callback; views into `account_sid` and `report`.
[[nodiscard]] std::vector<carrier::parameter> status_parameters(std::string_view account_sid,
                                                                const status_report& report);

/// One signed status callback as HTTP bytes, to `/carriers/twilio/{link}/status`.
[[nodiscard]] std::string status_request(const traffic& what, const status_report& report);

}  // namespace parley::bench
