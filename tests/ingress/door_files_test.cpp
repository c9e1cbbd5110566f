#include "tests/ingress/door_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>

namespace parley::ingress {

namespace {

using ::testing::StartsWith;

class door_files : public door_test {
protected:
  door_files() { start(); }

  static std::string pdf(std::size_t bytes) {
    std::string content{"%PDF-1.7\n"};
    content.resize(bytes, 'x');
    return content;
  }

  http::wire_response upload(std::string_view content, std::string_view query = "?name=a.pdf",
                             std::string_view key = "demo-key") const {
    return exchange(http::post("/v1/files" + std::string{query}, content, bearer(key)));
  }

  static std::string url_of(const http::wire_response& file) {
    return std::string{json_of(file).at("url").as_string()};
  }
};

TEST_F(door_files, takes_a_file_in_pieces_and_shows_it_in_pieces) {
  const auto content = pdf(700'000);
  const auto file = upload(content);
  ASSERT_EQ(file.status, 201) << file.body;
  EXPECT_EQ(json_of(file).at("bytes").as_int64(), 700'000);
  const auto shown = exchange(http::get(url_of(file)));
  EXPECT_EQ(shown.status, 200);
  EXPECT_TRUE(shown.body == content);
  const auto part = exchange(http::get(url_of(file), "Range: bytes=650000-\r\n"));
  EXPECT_EQ(part.status, 206);
  EXPECT_TRUE(part.body == content.substr(650'000));
  EXPECT_EQ(part.headers.at("content-range"), "bytes 650000-699999/700000");
}

TEST_F(door_files, serves_several_uploads_and_downloads_on_one_connection) {
  auto peer = connect();
  for (std::size_t i = 1; i <= 3; ++i) {
    const auto content = pdf(i * 100'000);
    ASSERT_TRUE(peer.send(http::post("/v1/files", content, bearer("demo-key"))));
    const auto file = peer.read_response();
    ASSERT_TRUE(file);
    ASSERT_EQ(file->status, 201) << file->body;
    ASSERT_TRUE(peer.send(http::get(url_of(*file))));
    EXPECT_TRUE(peer.read_response()->body == content);
  }
}

TEST_F(door_files, refuses_before_the_body_and_after_it) {
  const auto head = "POST /v1/files HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n";
  EXPECT_EQ(code_of(exchange(head + bearer("demo-key") + "Content-Length: 1048577\r\n\r\n")),
            "file_too_large");
  EXPECT_EQ(code_of(exchange(head + bearer("wrong") + "Content-Length: 10\r\n\r\n")),
            "unauthenticated");
  EXPECT_EQ(code_of(exchange(head + bearer("read-key") + "Content-Length: 10\r\n\r\n")),
            "forbidden");
  EXPECT_EQ(code_of(upload("#!/bin/sh\n")), "file_type_refused");
  EXPECT_EQ(code_of(upload("")), "malformed");
  EXPECT_EQ(code_of(upload(pdf(10), "?channel=fax")), "malformed");
  EXPECT_EQ(upload(pdf(10)).status, 201);
}

TEST_F(door_files, counts_a_body_that_does_not_say_how_long_it_is) {
  auto peer = connect();
  std::string request = "POST /v1/files HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                        + bearer("demo-key") + "\r\n";
  for (int i = 0; i < 40; ++i)
    request += "8000\r\n" + pdf(0x8000) + "\r\n";
  std::thread writer{[&] { peer.send(request + "0\r\n\r\n"); }};
  const auto answer = peer.read_response();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(code_of(*answer), "file_too_large");
  writer.join();
}

TEST_F(door_files, shows_nothing_of_one_organisation_to_another) {  // I11
  const auto file = upload(pdf(10));
  const auto target = "/v1/files/" + std::string{json_of(file).at("id").as_string()};
  EXPECT_EQ(get(target).status, 200);
  EXPECT_EQ(get(target, "other-key").status, 404);
  EXPECT_EQ(code_of(exchange(http::get(url_of(file) + "0"))), "bad_signature");
}

TEST_F(door_files, ends_while_uploads_and_downloads_are_under_way) {
  const auto file = upload(pdf(1'000'000));
  auto reader = connect();
  ASSERT_TRUE(reader.send(http::get(url_of(file))));
  EXPECT_THAT(reader.read_until("\r\n"), StartsWith("HTTP/1.1 200"));
  auto writer = connect();
  ASSERT_TRUE(writer.send("POST /v1/files HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n"
                          + bearer("demo-key") + "\r\n" + pdf(500'000)));
  stop();
}

}  // namespace

}  // namespace parley::ingress
