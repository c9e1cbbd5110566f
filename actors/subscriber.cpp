#include "actors/subscriber.hpp"

#include "actors/log.hpp"
#include "actors/supervision.hpp"
#include "parley/store/environment.hpp"

namespace parley::actors {
namespace {

using self_pointer = subscriber_actor::stateful_pointer<subscriber_state>;

// RFC 6455 section 7.4.1.
constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t policy_violation = 1008;
constexpr std::uint16_t internal_error = 1011;
constexpr std::uint16_t try_again_later = 1013;

std::string where(std::uint64_t seq) {
  return "last_seq=" + std::to_string(seq);
}

/// Sends one page on the connection's lane, text by text, and then tells the SUBSCRIBER.
class page_writer : public std::enable_shared_from_this<page_writer> {
public:
  page_writer(std::shared_ptr<http::websocket> socket, stream_page page, std::uint64_t sent_before,
              subscriber_actor owner)
    : socket_(std::move(socket)),
      page_(std::move(page)),
      last_sent_(sent_before),
      owner_(std::move(owner)) {}

  void send_next() {
    if (next_ == page_.texts.size()) {
      caf::anon_send(owner_, atom::written::value, true);
      return;
    }
    auto sent = [self = shared_from_this()](bool taken) { self->after_send(taken); };
    socket_->send(page_.texts[next_].second, std::move(sent));
  }

private:
  void after_send(bool taken) {
    if (taken) {
      last_sent_ = page_.texts[next_++].first;
      send_next();
      return;
    }
    // The reader was too slow or has gone. It resumes with the last position it saw.
    socket_->close(try_again_later, where(last_sent_));
    caf::anon_send(owner_, atom::written::value, false);
  }

  std::shared_ptr<http::websocket> socket_;
  stream_page page_;
  std::size_t next_ = 0;
  std::uint64_t last_sent_;
  subscriber_actor owner_;
};

void end(self_pointer self, std::uint16_t code) {
  auto& my = self->state;
  my.what.socket->post([socket = my.what.socket, code, seq = my.position] {
    if (socket->open())
      socket->close(code, where(seq));
  });
  self->quit();
}

void go_on(self_pointer self) {
  auto& my = self->state;
  if (my.writing)
    return;
  stream_page page;
  try {
    page = my.what.read(my.position);
  } catch (const store::store_error& fault) {
    log().error("subscriber: the journal cannot be read, after={} cause=\"{}\"", my.position,
                fault.what());
    end(self, internal_error);
    return;
  }
  if (page.forbidden) {
    end(self, policy_violation);
    return;
  }
  const auto before = my.position;
  my.position = page.last_seq;
  if (!page.texts.empty()) {
    my.writing = true;
    auto writer = std::make_shared<page_writer>(my.what.socket, std::move(page), before,
                                                subscriber_actor{self});
    my.what.socket->post([writer] { writer->send_next(); });
  } else if (page.at_end) {
    my.what.await(my.position, subscriber_actor{self});
  } else {
    // Much of the journal is not for this reader: others get their turn before the next page.
    self->send(self, atom::wake::value);
  }
}

}  // namespace

subscriber_actor::behavior_type subscriber(self_pointer self, subscription what) {
  supervise(self, "subscriber");
  self->state.position = what.after;
  self->state.what = std::move(what);
  self->set_exit_handler([self](const caf::exit_msg&) { end(self, going_away); });
  return {
    [self](atom::wake) { go_on(self); },
    [self](atom::written, bool taken) {
      self->state.writing = false;
      if (taken)
        go_on(self);
      else
        self->quit();
    },
  };
}

}  // namespace parley::actors
