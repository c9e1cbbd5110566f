#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "actors/event_source.hpp"
#include "parley/model/directory_cell.hpp"
#include "src/ingress/event_feed.hpp"
#include "src/ingress/followers.hpp"

namespace parley::ingress {

/// The journal as webhooks post it (mission 10): the events of `GET /v1/events` without their
/// position, which an endpoint has no use for, and with customers' numbers shown: a webhook is its
/// organisation's own. Thread-safe.
class webhook_events final : public actors::event_source {
public:
  webhook_events(event_feed& feed, followers& waiting, const model::directory_cell& directory)
    : feed_(feed), waiting_(waiting), directory_(directory) {}

  [[nodiscard]] actors::outgoing_page read(std::uint32_t organization, std::uint64_t after,
                                           const std::vector<std::string>& types,
                                           std::size_t limit) override;
  void await(std::uint64_t after, std::function<void()> wake) override;

private:
  event_feed& feed_;
  followers& waiting_;
  const model::directory_cell& directory_;
};

}  // namespace parley::ingress
