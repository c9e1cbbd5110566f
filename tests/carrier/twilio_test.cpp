#include "parley/carrier/twilio.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace parley::carrier {
namespace {

using texts = std::vector<std::pair<std::string, std::string>>;

constexpr const char* sid = "SM00112233445566778899aabbccddeeff";

const texts inbound{{"ToCountry", "US"},
                    {"SmsMessageSid", sid},
                    {"NumMedia", "0"},
                    {"FromZip", "94107"},
                    {"SmsSid", sid},
                    {"SmsStatus", "received"},
                    {"FromCity", "SAN FRANCISCO"},
                    {"Body", "Hello, w\xc3\xb6rld"},
                    {"To", "+15550100001"},
                    {"NumSegments", "2"},
                    {"MessageSid", sid},
                    {"AccountSid", "AC00000000000000000000000000000001"},
                    {"From", "+15550100002"},
                    {"ApiVersion", "2010-04-01"}};

const texts status{{"MessageSid", sid},
                   {"MessageStatus", "delivered"},
                   {"SmsSid", sid},
                   {"SmsStatus", "delivered"},
                   {"To", "+15550100002"},
                   {"From", "+15550100001"},
                   {"AccountSid", "AC00000000000000000000000000000001"},
                   {"ApiVersion", "2010-04-01"}};

std::string encoded(const texts& all) {
  std::string body;
  for (const auto& [key, value] : all)
    append_parameter(body, key, value);
  return body;
}

/// `all` with `changes`: a key that is there gets the new value, another one is added.
texts with(texts all, const texts& changes) {
  for (const auto& change : changes) {
    const auto found
      = std::ranges::find_if(all, [&](const auto& each) { return each.first == change.first; });
    if (found == all.end())
      all.push_back(change);
    else
      found->second = change.second;
  }
  return all;
}

texts without(texts all, const std::vector<std::string>& keys) {
  for (const auto& key : keys)
    std::erase_if(all, [&](const auto& each) { return each.first == key; });
  return all;
}

auto decoded_inbound(const texts& all) {
  return decode_twilio_inbound(form{encoded(all), 100});
}

auto decoded_status(const texts& all) {
  return decode_twilio_status(form{encoded(all), 100});
}

using decoded_callback = std::variant<twilio_callback, malformed_callback>;

const model::receive_message& message_of(const decoded_callback& decoded) {
  return std::get<model::receive_message>(std::get<twilio_callback>(decoded).what);
}

TEST(twilio_inbound, is_a_message_between_two_addresses) {
  const auto decoded = decoded_inbound(inbound);
  const auto& callback = std::get<twilio_callback>(decoded);
  EXPECT_EQ(callback.ours.text(), "sms:+15550100001");
  EXPECT_EQ(callback.theirs.text(), "sms:+15550100002");
  const auto& message = message_of(decoded);
  EXPECT_EQ(message.what->body, "Hello, w\xc3\xb6rld");
  EXPECT_EQ(message.what->provider_id, sid);
  EXPECT_TRUE(message.what->files.empty());
  EXPECT_EQ(message.segments, 2U);
  EXPECT_EQ(model::to_hex(message.dedupe), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(message.what->extra, "ToCountry=US&FromZip=94107&FromCity=SAN%20FRANCISCO");
}

TEST(twilio_inbound, keeps_what_it_does_not_know) {
  const auto decoded = decoded_inbound(with(
    inbound, {{"ProfileName", "A & B"}, {"WaId", "15550100002"}, {"OptOutType", "STOP"}}));
  const form extra{message_of(decoded).what->extra, 100};
  EXPECT_EQ(extra.get("ProfileName"), "A & B");
  EXPECT_EQ(extra.get("WaId"), "15550100002");
  EXPECT_EQ(extra.get("OptOutType"), "STOP");
  EXPECT_FALSE(extra.has("Body"));
}

TEST(twilio_inbound, reads_whatsapp_addresses) {
  const auto decoded = decoded_inbound(
    with(inbound, {{"From", "whatsapp:US.13491208655302741918"}, {"To", "whatsapp:+15550100001"}}));
  const auto& callback = std::get<twilio_callback>(decoded);
  EXPECT_EQ(callback.theirs.text(), "whatsapp:US.13491208655302741918");
  EXPECT_EQ(callback.ours.text(), "whatsapp:+15550100001");
}

TEST(twilio_inbound, has_its_files_in_order) {
  const auto decoded = decoded_inbound(with(inbound, {{"NumMedia", "2"},
                                                      {"MediaUrl1", "https://api.twilio.com/b"},
                                                      {"MediaContentType1", "image/png"},
                                                      {"MediaUrl0", "https://api.twilio.com/a"},
                                                      {"MediaContentType0", "image/jpeg"}}));
  const auto& files = message_of(decoded).what->files;
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0], (model::media{"https://api.twilio.com/a", "image/jpeg"}));
  EXPECT_EQ(files[1], (model::media{"https://api.twilio.com/b", "image/png"}));
}

struct accepted_case {
  const char* name;
  texts changes;
  std::vector<std::string> removed;
};

class twilio_inbound_accepts : public ::testing::TestWithParam<accepted_case> {};

TEST_P(twilio_inbound_accepts, what_people_send) {
  const auto& param = GetParam();
  const auto decoded = decoded_inbound(without(with(inbound, param.changes), param.removed));
  const auto* fault = std::get_if<malformed_callback>(&decoded);
  EXPECT_EQ(fault, nullptr) << fault->detail;
}

INSTANTIATE_TEST_SUITE_P(
  callbacks, twilio_inbound_accepts,
  ::testing::Values(
    accepted_case{"blank_text", {{"Body", ""}}, {}},
    accepted_case{"sms_sid_alone", {}, {"MessageSid", "SmsMessageSid"}},
    accepted_case{"picture_without_text",
                  {{"NumMedia", "1"}, {"MediaUrl0", "https://a/b"}}, {"Body"}},
    accepted_case{"no_counts", {}, {"NumMedia", "NumSegments"}},
    accepted_case{"odd_segments", {{"NumSegments", "many"}}, {}},
    accepted_case{"files_without_count", {{"MediaUrl0", "https://a/b"}}, {"NumMedia"}},
    accepted_case{"short_code", {{"To", "55512"}}, {}},
    accepted_case{"foreign_sid", {{"MessageSid", "abc-123"}}, {}}),
  [](const auto& instance) { return instance.param.name; });

struct refused_case {
  const char* name;
  texts changes;
  std::vector<std::string> removed;
  const char* names;  ///< The parameter that the fault names.
};

class twilio_inbound_refuses : public ::testing::TestWithParam<refused_case> {};

TEST_P(twilio_inbound_refuses, and_names_the_parameter) {
  const auto& param = GetParam();
  const auto decoded = decoded_inbound(without(with(inbound, param.changes), param.removed));
  const auto* fault = std::get_if<malformed_callback>(&decoded);
  ASSERT_NE(fault, nullptr);
  EXPECT_NE(fault->detail.find(param.names), std::string::npos) << fault->detail;
}

INSTANTIATE_TEST_SUITE_P(
  callbacks, twilio_inbound_refuses,
  ::testing::Values(
    refused_case{"no_sid", {}, {"MessageSid", "SmsSid"}, "MessageSid"},
    refused_case{"empty_sid", {{"MessageSid", ""}}, {}, "MessageSid"},
    refused_case{"long_sid", {{"MessageSid", std::string(65, 'a')}}, {}, "MessageSid"},
    refused_case{"sid_with_space", {{"MessageSid", "SM 1"}}, {}, "MessageSid"},
    refused_case{"sid_beyond_ascii", {{"MessageSid", "SM\xc3\xa9"}}, {}, "MessageSid"},
    refused_case{"no_from", {}, {"From"}, "From"},
    refused_case{"no_to", {}, {"To"}, "To"},
    refused_case{"alphanumeric_from", {{"From", "ACME"}}, {}, "From"},
    refused_case{"other_prefix", {{"From", "messenger:123"}}, {}, "From"},
    refused_case{"mixed_channels", {{"From", "whatsapp:+15550100002"}}, {}, "channels"},
    refused_case{"no_body", {}, {"Body"}, "Body"},
    refused_case{"body_not_utf8", {{"Body", "caf\xe9"}}, {}, "Body"},
    refused_case{"body_with_nul", {{"Body", std::string{"a\0b", 3}}}, {}, "Body"},
    refused_case{"file_missing", {{"NumMedia", "1"}}, {}, "MediaUrl0"},
    refused_case{"file_gap", {{"NumMedia", "2"}, {"MediaUrl1", "https://a"}}, {}, "MediaUrl0"},
    refused_case{"more_files_than_said", {{"NumMedia", "0"}, {"MediaUrl0", "https://a"}}, {},
                 "NumMedia"},
    refused_case{"too_many_files", {{"NumMedia", "11"}}, {}, "NumMedia"},
    refused_case{"file_beyond_the_limit", {{"MediaUrl10", "https://a"}}, {"NumMedia"}, "MediaUrl"},
    refused_case{"file_count_negative", {{"NumMedia", "-1"}}, {}, "NumMedia"},
    refused_case{"file_count_overflows", {{"NumMedia", "4294967297"}}, {}, "NumMedia"},
    refused_case{"url_not_utf8", {{"NumMedia", "1"}, {"MediaUrl0", "https://\xff"}}, {},
                 "MediaUrl0"},
    refused_case{"type_not_utf8",
                 {{"NumMedia", "1"}, {"MediaUrl0", "https://a"}, {"MediaContentType0", "\xff"}},
                 {}, "MediaContentType0"}),
  [](const auto& instance) { return instance.param.name; });

TEST(twilio_callbacks, of_a_broken_form_are_refused) {
  const form broken{"MessageSid=%zz", 100};
  EXPECT_TRUE(std::holds_alternative<malformed_callback>(decode_twilio_inbound(broken)));
  EXPECT_TRUE(std::holds_alternative<malformed_callback>(decode_twilio_status(broken)));
}

TEST(twilio_status, is_a_report_on_ours_to_theirs) {
  const auto decoded = decoded_status(with(status, {{"ErrorCode", "30003"}}));
  const auto& callback = std::get<twilio_callback>(decoded);
  EXPECT_EQ(callback.ours.text(), "sms:+15550100001");
  EXPECT_EQ(callback.theirs.text(), "sms:+15550100002");
  const auto& report = std::get<model::report_delivery>(callback.what);
  EXPECT_EQ(report.provider_id, sid);
  EXPECT_EQ(report.state, model::delivery_state::delivered);
  EXPECT_EQ(report.error_code, 30003);
}

struct word_case {
  const char* word;
  std::optional<model::delivery_state> state;
};

class twilio_status_word : public ::testing::TestWithParam<word_case> {};

TEST_P(twilio_status_word, means) {
  for (const auto* key : {"MessageStatus", "SmsStatus"}) {
    const auto only = key == std::string_view{"SmsStatus"} ? "MessageStatus" : "SmsStatus";
    const auto decoded = decoded_status(without(with(status, {{key, GetParam().word}}), {only}));
    const auto* callback = std::get_if<twilio_callback>(&decoded);
    ASSERT_EQ(callback != nullptr, GetParam().state.has_value()) << key;
    if (callback != nullptr) {
      EXPECT_EQ(std::get<model::report_delivery>(callback->what).state, *GetParam().state);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
  words, twilio_status_word,
  ::testing::Values(word_case{"queued", model::delivery_state::sent},
                    word_case{"accepted", model::delivery_state::sent},
                    word_case{"scheduled", model::delivery_state::sent},
                    word_case{"sending", model::delivery_state::sent},
                    word_case{"sent", model::delivery_state::sent},
                    word_case{"delivered", model::delivery_state::delivered},
                    word_case{"undelivered", model::delivery_state::undelivered},
                    word_case{"failed", model::delivery_state::failed},
                    word_case{"read", model::delivery_state::read},
                    word_case{"canceled", model::delivery_state::canceled},
                    word_case{"received", std::nullopt}, word_case{"unknown", std::nullopt},
                    word_case{"expired", std::nullopt}, word_case{"Sent", std::nullopt},
                    word_case{"", std::nullopt}));

class twilio_status_refuses : public ::testing::TestWithParam<refused_case> {};

TEST_P(twilio_status_refuses, and_names_the_parameter) {
  const auto& param = GetParam();
  const auto decoded = decoded_status(without(with(status, param.changes), param.removed));
  const auto* fault = std::get_if<malformed_callback>(&decoded);
  ASSERT_NE(fault, nullptr);
  EXPECT_NE(fault->detail.find(param.names), std::string::npos) << fault->detail;
}

INSTANTIATE_TEST_SUITE_P(
  callbacks, twilio_status_refuses,
  ::testing::Values(
    refused_case{"no_sid", {}, {"MessageSid", "SmsSid"}, "MessageSid"},
    refused_case{"no_status", {}, {"MessageStatus", "SmsStatus"}, "MessageStatus"},
    refused_case{"no_to", {}, {"To"}, "To"}, refused_case{"no_from", {}, {"From"}, "From"},
    refused_case{"error_no_number", {{"ErrorCode", "oops"}}, {}, "ErrorCode"},
    refused_case{"error_overflows", {{"ErrorCode", "2147483648"}}, {}, "ErrorCode"},
    refused_case{"error_negative", {{"ErrorCode", "-1"}}, {}, "ErrorCode"}),
  [](const auto& instance) { return instance.param.name; });

TEST(carrier_id_digest, keeps_the_digits_of_a_sid) {
  EXPECT_EQ(model::to_hex(carrier_id_digest(sid)), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(carrier_id_digest("MM00112233445566778899aabbccddeeff"), carrier_id_digest(sid));
}

TEST(carrier_id_digest, hashes_every_other_id) {
  // The first 16 bytes of SHA-256("abc").
  EXPECT_EQ(model::to_hex(carrier_id_digest("abc")), "ba7816bf8f01cfea414140de5dae2223");
  EXPECT_NE(model::to_hex(carrier_id_digest("SM00112233445566778899AABBCCDDEEFF")),
            "00112233445566778899aabbccddeeff");
  EXPECT_TRUE(carrier_id_digest("SM" + std::string(32, '0')).has_value())
    << "would stand for no id and never be a duplicate";
}

/// Nothing but a decoded callback or a fault comes of any parameters, and what comes is clean.
RC_GTEST_PROP(twilio_callbacks, survive_any_parameters, ()) {
  const auto key = rc::gen::element<std::string>(
    "MessageSid", "SmsSid", "From", "To", "Body", "NumMedia", "NumSegments", "MediaUrl0",
    "MediaUrl01", "MediaUrl", "MediaContentType0", "MessageStatus", "ErrorCode", "Other", "");
  const auto value = rc::gen::oneOf(
    rc::gen::arbitrary<std::string>(),
    rc::gen::element<std::string>("1", "+15550100001", "whatsapp:+15550100001", sid, "delivered"));
  const auto all = *rc::gen::container<texts>(rc::gen::pair(key, value));
  const auto message = decoded_inbound(all);
  if (std::holds_alternative<twilio_callback>(message)) {
    RC_ASSERT(message_of(message).dedupe.has_value());
    RC_ASSERT(is_carrier_id(message_of(message).what->provider_id));
    RC_ASSERT((form{message_of(message).what->extra, 100}.ok()));
  }
  const auto report = decoded_status(all);
  if (const auto* callback = std::get_if<twilio_callback>(&report))
    RC_ASSERT(callback->ours.kind == callback->theirs.kind);
}

TEST(opt_out_type, is_found_where_it_is_a_parameter_of_its_own) {
  using kind = model::consent_notice::kind;
  EXPECT_EQ(opt_out_type("OptOutType=STOP"), kind::opt_out);
  EXPECT_EQ(opt_out_type("FromCity=X&OptOutType=START&ToZip=1"), kind::opt_in);
  EXPECT_EQ(opt_out_type("FromCity=X&OptOutType=HELP"), kind::help);
  EXPECT_EQ(opt_out_type("MyOptOutType=STOP&A=1"), std::nullopt);
  EXPECT_EQ(opt_out_type("MyOptOutType=STOP&OptOutType=HELP"), kind::help);
  EXPECT_EQ(opt_out_type("OptOutType=stop"), std::nullopt);
  EXPECT_EQ(opt_out_type("OptOutType="), std::nullopt);
  EXPECT_EQ(opt_out_type(""), std::nullopt);
}

}  // namespace
}  // namespace parley::carrier
