#pragma once

#include "actors/supervision.hpp"
#include "parley/carrier/form.hpp"
#include "parley/carrier/twilio_signature.hpp"
#include "parley/http/client.hpp"
#include "parley/ingress/door.hpp"
#include "parley/store/environment.hpp"
#include "parley/store/file_store.hpp"
#include "parley/store/journal.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/auth.hpp"
#include "tests/http/loopback.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::ingress {

inline constexpr std::string_view alice_number = "+15550100001";
inline constexpr std::string_view support_number = "+15550100002";
inline constexpr std::string_view spare_number = "+15550100003";
inline constexpr std::string_view other_number = "+15550200001";

/// The whole broker in this process: real sockets, a real store, the real cast. Two organisations,
/// so that a leak between them shows.
class door_test : public ::testing::Test {
protected:
  using parameters = std::map<std::string, std::string>;

  door_test() {
    auto name = (std::filesystem::temp_directory_path() / "parley-door-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error{"mkdtemp"};
    data_ = name;
  }

  ~door_test() override {
    stop();
    std::error_code ignored;  // A directory that stays behind is not the test's subject.
    std::filesystem::remove_all(data_, ignored);
  }

  static door_options generous() {
    return {.server = http::options_for_tests(),
            .commands_in_flight_max = 1000,
            .callback_body_bytes_max = 64 * 1024,
            .api_body_bytes_max = 64 * 1024,
            .form_parameters_max = 100,
            .json_depth_max = 16,
            .read_threads = 2,
            .reads_waiting_max = 100,
            .directory_entries_max = 1000,
            .streams_max = 10,
            .stream_page_max = 64,
            .retry_after = std::chrono::seconds{2},
            .files = {.upload_bytes_max = std::size_t{1} << 20U,
                      .uploads_max = 4,
                      .threads = 1,
                      .waiting_max = 16,
                      .url_validity = std::chrono::hours{1},
                      .public_url = {}},
            .bulk = {.uploads_max = 4,
                     .threads = 1,
                     .line_bytes_max = 4'096,
                     .refused_lines_max = 10,
                     .jobs_open_max = 10}};
  }

  void start(door_options options = generous()) {
    env_ = std::make_shared<store::environment>(store::environment_options{
      .directory = data_, .map_bytes_max = std::size_t{1} << 30U});
    files_ = std::make_unique<store::file_store>(data_);
    subject = std::make_unique<door>(std::move(options));
    journal_ = std::make_unique<store::journal>(
      env_,
      store::journal_options{.tail_events_max = 100'000,
                             .batch_bytes_max = std::size_t{1} << 20U},
      *subject);
    reader_ = std::make_unique<store::reader>(env_, *journal_);
    carriers_ = std::make_unique<http::client>(
      http::client_options{.connections_per_origin_max = 1,
                           .waiting_max = 10,
                           .connect_timeout = std::chrono::seconds{5},
                           .exchange_timeout = std::chrono::seconds{5},
                           .idle_timeout = std::chrono::seconds{5},
                           .response_bytes_max = 64 * 1024});
    endpoints_ = std::make_unique<http::client>(
      http::client_options{.connections_per_origin_max = 4,
                           .waiting_max = 10,
                           .connect_timeout = std::chrono::seconds{20},
                           .exchange_timeout = std::chrono::seconds{20},
                           .idle_timeout = std::chrono::seconds{20},
                           .response_bytes_max = 64 * 1024,
                           .allow_private_destinations = true});
    directory_ = std::make_unique<model::directory_cell>(make_directory());
    cast_ = std::make_unique<actors::cast>(
      *journal_, *reader_, *subject, *carriers_, *endpoints_, *directory_,
      actors::cast_options{.worker_threads = 1,
                           .residents_max = 1000,
                           .resident_idle = std::chrono::seconds{300},
                           .send_window_max = 8,
                           .outbox_page_max = 16,
                           .send_validity = std::chrono::hours{10},
                           .timers_page_max = 100,
                           .action_in_flight_max = 2,
                           .action_waiting_max = 4,
                           .action_timeout = std::chrono::seconds{20},
                           .action_tries = 2},
      actors::file_access{{files_->secret(), {}, std::chrono::seconds{60}}, *files_, *carriers_},
      actors::webhook_access{*endpoints_, {}},
      actors::bulk_options{.in_flight_max = 16,
                           .job_in_flight_max = 16,
                           .queued_max = 64,
                           .progress_interval = std::chrono::milliseconds{10}});
    journal_->start();
    subject->open(*journal_, *reader_, *cast_, *files_, *directory_);
  }

  /// In the order of the composition root.
  void stop() {
    if (!cast_)
      return;
    subject->stop_accepting();
    EXPECT_TRUE(subject->wait_until_settled(std::chrono::minutes{1}));
    cast_->stop();
    journal_->stop();
    carriers_->stop();
    endpoints_->stop();
    subject->close();
    cast_.reset();
    endpoints_.reset();
    carriers_.reset();
    reader_.reset();
    journal_.reset();
    subject.reset();
    files_.reset();
    env_.reset();
  }

  [[nodiscard]] http::tcp_peer connect() const {
    return http::tcp_peer::connect(subject->port());
  }

  /// One request on a connection of its own.
  http::wire_response exchange(const std::string& request, bool head = false) const {
    auto peer = connect();
    peer.send(request);
    auto answer = peer.read_response(head);
    EXPECT_TRUE(answer.has_value()) << "the connection ended without an answer";
    return answer ? std::move(*answer) : http::wire_response{};
  }

  static std::string bearer(std::string_view key) {
    return "Authorization: Bearer " + std::string{key} + "\r\n";
  }

  http::wire_response get(std::string_view target, std::string_view key = "demo-key") const {
    return exchange(http::get(target, bearer(key)));
  }

  http::wire_response post(std::string_view target, std::string_view json,
                           std::string_view key = "demo-key",
                           std::string_view more_headers = "") const {
    return exchange(http::post(target, json,
                               bearer(key) + "Content-Type: application/json\r\n"
                                 + std::string{more_headers}));
  }

  static std::string encoded(const parameters& form) {
    std::string body;
    for (const auto& [key, value] : form)
      carrier::append_parameter(body, key, value);
    return body;
  }

  static std::string signature(std::string_view token, std::string_view target,
                               const parameters& form) {
    const std::vector<carrier::parameter> views{form.begin(), form.end()};
    return carrier::twilio_signature(token, "https://hooks.example.com" + std::string{target},
                                     views);
  }

  /// A signed callback's bytes.
  static std::string callback(const parameters& form, std::string_view kind = "inbound",
                              std::string_view link = "tw", std::string_view token = "token") {
    const auto target = "/carriers/twilio/" + std::string{link} + "/" + std::string{kind};
    return http::post(target, encoded(form),
                      "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
                      "X-Twilio-Signature: "
                        + signature(token, target, form) + "\r\n");
  }

  static parameters inbound(std::string_view to, std::string_view from, std::string_view body,
                            std::string sid) {
    return {{"MessageSid", std::move(sid)},
            {"From", std::string{from}},
            {"To", std::string{to}},
            {"Body", std::string{body}},
            {"NumMedia", "0"},
            {"NumSegments", "1"}};
  }

  static std::string new_sid() {
    static int count = 0;
    auto digits = std::to_string(++count);
    return "SM" + std::string(32 - digits.size(), '0') + digits;
  }

  void receive(std::string_view to, std::string_view from, std::string_view body) const {
    ASSERT_EQ(exchange(callback(inbound(to, from, body, new_sid()))).status, 200);
  }

  static boost::json::value json_of(const http::wire_response& answer) {
    return boost::json::parse(answer.body);
  }

  static std::string code_of(const http::wire_response& answer) {
    EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
    return std::string{json_of(answer).at("code").as_string()};
  }

  /// The id of the only conversation with that address.
  std::string conversation_with(std::string_view address) const {
    std::string target = "/v1/conversations?address=";
    target += address.starts_with('+') ? "%2B" + std::string{address.substr(1)}
                                       : std::string{address};
    const auto items = json_of(get(target)).at("items").as_array();
    EXPECT_EQ(items.size(), 1U);
    return items.empty() ? std::string{} : std::string{items.front().at("id").as_string()};
  }

  std::unique_ptr<door> subject;

private:
  static model::link link_of(std::string id, std::string token) {
    model::link made;
    made.id = std::move(id);
    made.account_sid = "AC00000000000000000000000000000001";
    made.auth_token = std::move(token);
    made.api_base = "http://127.0.0.1:9";
    made.public_url = "https://hooks.example.com";
    return made;
  }

  static model::number number_of(std::string_view identifier, std::string link, std::string user,
                                 std::string inbox) {
    model::number made;
    made.identifier = identifier;
    made.channels = {"sms"};
    made.link = std::move(link);
    made.user = std::move(user);
    made.inbox = std::move(inbox);
    return made;
  }

  static model::user user_of(std::string id, model::licence licence) {
    model::user made;
    made.id = std::move(id);
    made.licence = licence;
    return made;
  }

  static model::directory_ptr make_directory() {
    std::vector<model::organization> all(2);
    auto& demo = all[0];
    demo.index = 1;
    demo.id = "demo";
    demo.users = {user_of("alice", model::licence::pro_cx), user_of("bob", model::licence::pro_cx),
                  user_of("carol", model::licence::standard)};
    demo.teams = {{"support", {"alice", "bob", "carol"}}};
    demo.inboxes.emplace_back().team = "support";
    auto other_format = link_of("meta", "token");
    other_format.format = model::link_format::whatsapp;
    demo.links = {link_of("tw", "token"), link_of("tw-2", "token"), other_format};
    demo.numbers = {number_of(alice_number, "tw", "alice", ""),
                    number_of(support_number, "tw", "", "support"),
                    number_of(spare_number, "tw", "", "")};
    demo.keys = {{"app", sha256("demo-key"), {"*"}},
                 {"reader", sha256("read-key"), {"conversations:read"}},
                 {"writer", sha256("write-key"), {"messages:write"}},
                 {"carols", sha256("carol-key"), {"events:read"}, "carol"},
                 {"nobodys", sha256("nobody-key"), {"*"}, "gone"}};
    auto& other = all[1];
    other.index = 2;
    other.id = "other";
    other.users = {user_of("oscar", model::licence::pro_cx)};
    other.links = {link_of("tw-other", "other-token")};
    other.numbers = {number_of(other_number, "tw-other", "oscar", "")};
    other.keys = {{"app", sha256("other-key"), {"*"}}};
    return std::make_shared<const model::directory>(std::move(all));
  }

  std::filesystem::path data_;
  std::shared_ptr<store::environment> env_;
  std::unique_ptr<store::file_store> files_;
  std::unique_ptr<store::journal> journal_;
  std::unique_ptr<store::reader> reader_;
  std::unique_ptr<http::client> carriers_;
  std::unique_ptr<http::client> endpoints_;
  std::unique_ptr<model::directory_cell> directory_;
  std::unique_ptr<actors::cast> cast_;
};

}  // namespace parley::ingress
