#include "src/ingress/relay.hpp"

#include "src/ingress/problem.hpp"

namespace parley::ingress {

namespace {

http::ticket ticket_of(const model::reply_to& to) noexcept {
  return {to.lane, to.slot, to.generation};
}

}  // namespace

relay::relay(admission& admitted, ingress_counts& counts)
  : admitted_(admitted),
    counts_(counts),
    acknowledged_(http::prepare(200, "text/xml", "<Response/>")) {}

void relay::connect(http::server& server) noexcept {
  server_.store(&server);
}

http::response relay::response_of(const model::settlement& settled) const {
  if (settled.what)
    return to_response(*settled.what);
  http::response plain;
  plain.prepared = &acknowledged_;
  return plain;
}

void relay::committed(std::span<model::settlement> settled) {
  auto* server = server_.load(std::memory_order_relaxed);
  if (server == nullptr)
    return;
  batch_.clear();
  for (const auto& one : settled)
    if (one.to.wanted())
      batch_.emplace_back(ticket_of(one.to), response_of(one));
  const auto count = batch_.size();
  if (count == 0)
    return;
  server->answer(batch_);
  admitted_.release(count);
  counts_.settled.fetch_add(count, std::memory_order_relaxed);
  // Only this thread writes it.
  if (count > counts_.largest_batch.load(std::memory_order_relaxed))
    counts_.largest_batch.store(count, std::memory_order_relaxed);
}

void relay::answer(const model::settlement& settled) {
  auto* server = server_.load(std::memory_order_relaxed);
  if (server == nullptr || !settled.to.wanted())
    return;
  if (settled.what && settled.what->status >= 400)
    counts_.commands_refused.fetch_add(1, std::memory_order_relaxed);
  server->answer(ticket_of(settled.to), response_of(settled));
  admitted_.release(1);
}

}  // namespace parley::ingress
