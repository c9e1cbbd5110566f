#pragma once

#include "parley/http/server.hpp"
#include "src/http/connection.hpp"
#include "src/http/net.hpp"
#include "src/http/request_reader.hpp"
#include "src/http/wire.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parley::http {

class lane;

/// One HTTP connection: reads a request, waits for its answer, writes it, and starts over.
///
/// Lives on its lane's thread. Held by the lane's slot until it ends and by the operation that is
/// pending; never more than one is. While a request waits for its answer nothing is read, so bytes
/// of a pipelined request stay in the kernel or in the reader's bounded buffer.
class session final : public connection, public std::enable_shared_from_this<session> {
public:
  session(lane& where, std::uint32_t slot, tcp_socket socket);

  void start();
  void expire() override;
  void retire() override;
  void end() override;
  void complete(response what) override;

  /// The request that became a WebSocket; valid while this object lives.
  [[nodiscard]] request& upgraded() { return incoming_; }
  [[nodiscard]] const header_table& upgraded_headers() { return reader_.headers(); }

private:
  enum class phase : std::uint8_t {
    idle,
    reading,
    passing_on,  ///< A piece of the body is with its consumer; nothing is read.
    answering,
    writing,  ///< Or waiting for the next piece of a streamed answer.
    lingering,
    ended,
  };

  void proceed();
  void wait_for_bytes();
  void read();
  void on_read(error_code ec, std::size_t bytes);
  [[nodiscard]] bool pass_on(bool complete);
  void passed_on(std::optional<response> refusal);
  [[nodiscard]] bool answer_now();
  void present_head();
  [[nodiscard]] bool upgrade();
  void refuse(int status, std::string_view why);
  void refuse_with(response what);
  [[nodiscard]] bool write_answer();
  [[nodiscard]] bool flush();
  void on_write(error_code ec, std::size_t bytes);
  [[nodiscard]] bool written();
  void fetch_more();
  void fetched(std::string bytes);
  [[nodiscard]] bool invite_body();
  void linger();

  lane& lane_;
  std::uint32_t slot_;
  phase phase_ = phase::idle;
  bool read_pending_ = false;
  framing how_;  // Of the answer to the current request.
  tcp_socket socket_;
  request_reader reader_;
  request incoming_;
  response answer_;
  std::string out_;           // The answer's bytes, unless they are prepared ones.
  std::string_view pending_;  // What of them is still to be written.
  std::uint64_t source_left_bytes_ = 0;  // Of a streamed answer, what has not been fetched.
  bool chunked_ = false;                 // Its length is not known.
};

}  // namespace parley::http
