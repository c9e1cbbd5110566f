#include "parley/store/codec.hpp"

#include "parley/store/environment.hpp"
#include "src/store/directory_codec.hpp"
#include "src/store/packing.hpp"
#include "tests/store/arbitrary.hpp"
#include "tests/store/store_fixture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace parley::store {
namespace {

template <class T>
std::string bytes_of(const T& value) {
  std::string out;
  encode(value, out);
  return out;
}

/// Decodes damaged bytes: either they are refused in the one way there is, or they mean something.
template <class Decode>
void decode_anything(Decode decode, const std::string& bytes) {
  // A copy of exactly this size, so that the address sanitizer sees one byte too many.
  const std::vector<char> exact(bytes.begin(), bytes.end());
  try {
    std::ignore = decode(std::string_view{exact.data(), exact.size()});
  } catch (const corruption_error&) {
  }
}

std::string damaged(std::string bytes) {
  const auto edits = *rc::gen::inRange(1, 4);
  for (int i = 0; i < edits && !bytes.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    if (any::flag())
      bytes[at] = *rc::gen::arbitrary<char>();
    else
      bytes.resize(at);
  }
  return bytes;
}

RC_GTEST_PROP(codec, every_event_comes_back, ()) {
  const auto before = any::event();
  const auto bytes = bytes_of(before);
  const auto after = decode_event(bytes);
  RC_ASSERT(after == before);
  RC_ASSERT(bytes_of(after) == bytes);
}

TEST(codec, has_every_kind_of_event) {
  EXPECT_TRUE(rc::check([] {
    for (std::size_t kind = 0; kind < std::variant_size_v<model::event_body>; ++kind) {
      const model::event before{model::conversation_id{any::id()}, any::time(), any::body(kind)};
      RC_ASSERT(before.body.index() == kind);
      RC_ASSERT(decode_event(bytes_of(before)) == before);
    }
  }));
}

RC_GTEST_PROP(codec, every_state_comes_back, ()) {
  const auto before = any::state();
  const auto bytes = bytes_of(before);
  const auto after = decode_state(bytes);
  RC_ASSERT(after == before);
  RC_ASSERT(bytes_of(after) == bytes);
}

RC_GTEST_PROP(codec, every_organization_comes_back, ()) {
  const auto before = any::organization();
  RC_ASSERT(decode_organization(bytes_of(before)) == before);
}

RC_GTEST_PROP(codec, damaged_events_are_refused_or_mean_something, ()) {
  decode_anything(decode_event, damaged(bytes_of(any::event())));
}

RC_GTEST_PROP(codec, damaged_states_are_refused_or_mean_something, ()) {
  decode_anything(decode_state, damaged(bytes_of(any::state())));
}

RC_GTEST_PROP(codec, damaged_organizations_are_refused_or_mean_something, ()) {
  decode_anything(decode_organization, damaged(bytes_of(any::organization())));
}

RC_GTEST_PROP(codec, arbitrary_bytes_are_refused_or_mean_something, (const std::string& bytes)) {
  decode_anything(decode_event, bytes);
  decode_anything(decode_state, bytes);
}

RC_GTEST_PROP(codec, no_prefix_of_an_event_is_one, ()) {
  const auto bytes = bytes_of(any::event());
  const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
  RC_ASSERT_THROWS_AS(decode_event(std::string_view{bytes}.substr(0, cut)), corruption_error);
}

RC_GTEST_PROP(codec, nothing_may_stand_behind_an_event, ()) {
  RC_ASSERT_THROWS_AS(decode_event(bytes_of(any::event()) + '\xc0'), corruption_error);
}

TEST(codec, steps_over_fields_of_a_later_version) {
  const model::event before{{}, model::timestamp{std::chrono::milliseconds{5}},
                            model::conversation_idled{}};
  std::string later;
  packer pack{later};
  pack.array(8).number(2).number(4).time(before.at).nothing().time({});
  // A map, an extension, nested arrays, a fraction: anything may come.
  later += std::string{"\x82\xa1k\x01\xa1l\x92\xc3\x90", 9};
  later += std::string{"\xc7\x03\x05" "abc", 6};
  pack.real(1.5);
  EXPECT_EQ(decode_event(later), before);
}

TEST(codec, reads_states_of_earlier_versions) {
  model::conversation_state state;
  state.pair = pair_of(1);
  state.last_index = 7;
  std::string bytes;
  encode(state, bytes);
  ASSERT_EQ(bytes.substr(0, 3), std::string("\xdc\x00\x2f", 3)) << "47 fields";
  // What they did not have, a byte each when empty, five for a question.
  for (const auto& [fields, bytes_less] :
       {std::pair{46, 1U}, std::pair{45, 2U}, std::pair{30, 2U + 18U},
        std::pair{24, 2U + 18U + 6U}}) {
    auto earlier = bytes.substr(0, bytes.size() - bytes_less);
    earlier[2] = static_cast<char>(fields);
    EXPECT_EQ(decode_state(earlier), state) << fields;
  }
}

TEST(codec, reads_parked_reports_of_earlier_versions) {
  const model::event before{{}, model::timestamp{std::chrono::milliseconds{5}},
                            model::report_parked{{"SM1", model::delivery_state::sent, 7, {}}}};
  std::string earlier;
  packer pack{earlier};
  pack.array(5).number(1).number(3).time(before.at).nothing();
  pack.array(4).text("SM1").choice(model::delivery_state::sent).signed_number(7).time({});
  EXPECT_EQ(decode_event(earlier), before);
}

TEST(codec, reads_deliveries_of_earlier_versions) {
  model::conversation_state state;
  state.pair = pair_of(1);
  state.deliveries.emplace_back().index = 7;
  const auto bytes = bytes_of(state);
  // The fifteen fields of the one there is; nothing in the last ones, which are a byte each.
  const std::string one("\x91\x9f", 2);
  const auto at = bytes.find(one);
  ASSERT_NE(at, std::string::npos);
  std::string whole;
  packer pack{whole};
  pack.array(15).nothing().nothing().number(7).number(0).number(1).signed_number(0).number(0);
  pack.text("").time({}).text("").flag(false).nothing().time({}).number(0).flag(false);
  ASSERT_EQ(bytes.substr(at + 1, whole.size()), whole);
  auto earlier = bytes;
  earlier.erase(at + 1 + whole.size() - 3, 3);
  earlier[at + 1] = '\x9c';
  EXPECT_EQ(decode_state(earlier), state);
}

TEST(codec, reads_links_of_earlier_versions) {
  model::organization owner;
  owner.id = "demo";
  auto& link = owner.links.emplace_back();
  link.id = "tw";
  link.public_url = "https://p";
  auto bytes = bytes_of(owner);
  const auto begins = bytes.find("\x98\xa2tw");
  ASSERT_NE(begins, std::string::npos);
  bytes[begins] = '\x97';
  bytes.erase(bytes.find(link.public_url) + link.public_url.size() + 1, 1);  // `connections_max`.
  EXPECT_EQ(decode_organization(bytes), owner);
}

TEST(codec, reads_events_of_earlier_versions) {
  const model::event before{{}, model::timestamp{std::chrono::milliseconds{5}},
                            model::conversation_claimed{"bob", false}};
  std::string earlier;
  packer{earlier}.array(5).number(1).number(8).time(before.at).nothing().text("bob");
  EXPECT_EQ(decode_event(earlier), before);
  // Messages of the times before schedules, bulk, templates and groups: what they had then is read.
  auto what = std::make_shared<model::content>();
  what->redacted = true;
  model::message_added said;
  said.what = what;
  said.text_digest = 5;
  said.mentions = {"bob"};
  auto newest = bytes_of(model::event{{}, before.at, said});
  ASSERT_EQ(newest.substr(0, 3), std::string("\xdc\x00\x1b", 3)) << "27 fields";
  for (const auto& [fields, bytes_less] :
       {std::pair{24, 3U}, std::pair{23, 4U}, std::pair{21, 6U}, std::pair{20, 7U}}) {
    newest[2] = static_cast<char>(fields);
    EXPECT_EQ(decode_event(newest.substr(0, newest.size() - bytes_less)),
              (model::event{{}, before.at, said}));
  }
  std::string lacking;
  packer{lacking}.array(4).number(1).number(8).time(before.at).nothing();
  EXPECT_THROW(std::ignore = decode_event(lacking), corruption_error);
}

TEST(codec, reads_an_organization_of_the_first_versions) {
  model::organization before;
  before.id = "acme";
  before.users.push_back({"ann", "Ann", model::licence::pro, "100", "ann@example.com"});
  auto& first = before.inboxes.emplace_back();
  first.team = "sales";
  auto& second = before.inboxes.emplace_back();
  second.team = "support";
  second.claim_expiry_s = 60;
  before.keys.emplace_back().name = "app";
  std::string bytes;
  packer pack{bytes};
  pack.array(14).number(1).text("acme").text("").text("UTC").text("");
  pack.signed_number(before.close_after_s).signed_number(0);
  pack.array(1).array(5).text("ann").text("Ann").number(2).text("100").text("ann@example.com");
  pack.array(0);
  pack.array(2).array(6).text("sales").number(1).number(1).text("").nothing().nothing();
  pack.array(7).text("support").number(1).number(1).text("").nothing().nothing();
  pack.signed_number(60);
  pack.array(0).array(0).array(0);
  pack.array(1).array(3).text("app").binary(before.keys[0].digest.data(), 32).array(0);
  EXPECT_EQ(decode_organization(bytes), before);
}

TEST(codec, reads_an_organization_without_webhooks_templates_and_consent) {
  model::organization before;
  before.id = "acme";
  before.hide_contact_numbers = true;
  auto bytes = bytes_of(before);
  ASSERT_EQ(bytes.substr(0, 3), std::string("\xdc\x00\x19", 3)) << "25 fields";
  // Nothing in them: two arrays, the settings, and the prices.
  constexpr std::size_t bytes_less = 1 + 1 + 6 + 3;
  bytes[2] = 21;
  EXPECT_EQ(decode_organization(bytes.substr(0, bytes.size() - bytes_less)), before);
}

TEST(codec, reads_an_organization_without_prices) {
  model::organization before;
  before.id = "acme";
  before.webhooks.emplace_back().id = "crm";
  before.consent.intent = model::intent_policy::mark;
  auto bytes = bytes_of(before);
  constexpr std::size_t bytes_less = 3;  // No currency, and an array with nothing in it.
  bytes[2] = 24;
  EXPECT_EQ(decode_organization(bytes.substr(0, bytes.size() - bytes_less)), before);
}

TEST(codec, an_organizations_prices_come_back_as_they_were_written) {
  model::organization before;
  before.id = "acme";
  before.prices = {"EUR", {{"+49", "0.0790"}, {"+", "0.1"}}};
  EXPECT_EQ(decode_organization(bytes_of(before)), before);
}

TEST(codec, refuses_lengths_that_are_lies) {
  // A body of 4 GiB, and an array of 4 G files, in a few bytes.
  for (const std::string_view lie : {std::string_view{"\xdb\xff\xff\xff\xff", 5},
                                     std::string_view{"\xdd\xff\xff\xff\xff", 5}}) {
    std::string bytes;
    packer pack{bytes};
    pack.array(17).number(1).number(1).time({}).nothing();
    pack.nothing().number(1).number(1).number(1).text("");
    if (lie.front() == '\xdd')
      pack.text("");
    bytes += lie;
    EXPECT_THROW(std::ignore = decode_event(bytes), corruption_error);
  }
}

TEST(codec, refuses_kinds_and_enumerators_it_does_not_know) {
  std::string unknown_kind;
  const auto next_kind = std::variant_size_v<model::event_body>;
  packer{unknown_kind}.array(4).number(1).number(next_kind).time({}).nothing();
  EXPECT_THROW(std::ignore = decode_event(unknown_kind), corruption_error);
  std::string unknown_reason;
  packer{unknown_reason}.array(6).number(1).number(5).time({}).nothing().number(6).text("");
  EXPECT_THROW(std::ignore = decode_event(unknown_reason), corruption_error);
}

}  // namespace
}  // namespace parley::store
