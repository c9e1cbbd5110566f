// What one signed callback costs before it is a command: form, signature, decoding. The allocations
// are counted by replacing the global operator new.
#include "parley/carrier/form.hpp"
#include "parley/carrier/twilio.hpp"
#include "parley/carrier/twilio_signature.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <variant>

namespace {

std::size_t allocations = 0;

}  // namespace

// Not inlined: GCC takes a `free` it can see for the wrong partner of a `new` it cannot.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size))
    return memory;
  throw std::bad_alloc{};
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

using namespace parley;

constexpr std::string_view token = "0123456789abcdef0123456789abcdef";
constexpr std::string_view url = "https://messages.example.com/carriers/twilio/tw/inbound";
constexpr std::size_t parameters_max = 200;

/// As Twilio posts it: twenty parameters in its order.
constexpr std::string_view inbound
  = "ToCountry=US&ToState=CA&SmsMessageSid=SM00112233445566778899aabbccddeeff&NumMedia=0&ToCity=SAN"
    "+FRANCISCO&FromZip=94107&SmsSid=SM00112233445566778899aabbccddeeff&FromState=CA&SmsStatus="
    "received&FromCity=SAN+FRANCISCO&Body=Hello%2C+is+my+order+on+its+way%3F+I+will+be+home+at+5.&"
    "FromCountry=US&To=%2B15550100001&MessagingServiceSid=MG00112233445566778899aabbccddeeff&ToZip="
    "94107&NumSegments=1&MessageSid=SM00112233445566778899aabbccddeeff&AccountSid="
    "AC00112233445566778899aabbccddeeff&From=%2B15550100002&ApiVersion=2010-04-01";

constexpr std::string_view status
  = "MessageSid=SM00112233445566778899aabbccddeeff&MessageStatus=delivered&SmsSid="
    "SM00112233445566778899aabbccddeeff&SmsStatus=delivered&To=%2B15550100002&From=%2B15550100001&"
    "AccountSid=AC00112233445566778899aabbccddeeff&ApiVersion=2010-04-01&RawDlrDoneDate=2601020304";

std::string signature_of(std::string_view body) {
  const carrier::form decoded{std::string{body}, parameters_max};
  return carrier::twilio_signature(token, url, decoded.parameters());
}

void report_allocations(benchmark::State& state, std::size_t before) {
  state.counters["allocations"] = static_cast<double>(allocations - before)
                                  / static_cast<double>(state.iterations());
}

/// The body's own string is made in the loop, as the HTTP server hands it over: one allocation.
void form_alone(benchmark::State& state) {
  const auto before = allocations;
  for ([[maybe_unused]] const auto tick : state) {
    const carrier::form decoded{std::string{inbound}, parameters_max};
    benchmark::DoNotOptimize(decoded.parameters().data());
  }
  report_allocations(state, before);
}
BENCHMARK(form_alone);

void signature_alone(benchmark::State& state) {
  const auto right = signature_of(inbound);
  const carrier::form decoded{std::string{inbound}, parameters_max};
  const auto before = allocations;
  for ([[maybe_unused]] const auto tick : state)
    if (!carrier::twilio_signature_matches(token, url, decoded.parameters(), right))
      state.SkipWithError("the signature must match");
  report_allocations(state, before);
}
BENCHMARK(signature_alone);

void whole_callback(benchmark::State& state, std::string_view body, bool is_inbound) {
  const auto right = signature_of(body);
  const auto before = allocations;
  for ([[maybe_unused]] const auto tick : state) {
    const carrier::form decoded{std::string{body}, parameters_max};
    if (!decoded.ok()
        || !carrier::twilio_signature_matches(token, url, decoded.parameters(), right)) {
      state.SkipWithError("the callback must be accepted");
      break;
    }
    auto command = is_inbound ? carrier::decode_twilio_inbound(decoded)
                              : carrier::decode_twilio_status(decoded);
    if (!std::holds_alternative<carrier::twilio_callback>(command)) {
      state.SkipWithError("the callback must decode");
      break;
    }
    benchmark::DoNotOptimize(command);
  }
  report_allocations(state, before);
}
BENCHMARK_CAPTURE(whole_callback, inbound, inbound, true);
BENCHMARK_CAPTURE(whole_callback, status, status, false);

}  // namespace

BENCHMARK_MAIN();
