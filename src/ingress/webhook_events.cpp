#include "src/ingress/webhook_events.hpp"

#include <memory>
#include <utility>

namespace parley::ingress {

namespace {

/// Looked at in one go: a webhook that is far behind shares its worker with conversations.
constexpr std::size_t scan_records_max = 2'048;

/// `{"seq":7,"id":…}` is `{"id":…}`.
std::shared_ptr<const std::string> without_position(const std::string& event) {
  return std::make_shared<const std::string>('{' + event.substr(event.find(',') + 1));
}

}  // namespace

actors::outgoing_page webhook_events::read(std::uint32_t organization, std::uint64_t after,
                                           const std::vector<std::string>& types,
                                           std::size_t limit) {
  const auto known = directory_.present();
  actors::outgoing_page made;
  made.last_seq = after;
  const auto* owner = known->find_organization(organization);
  if (owner == nullptr) {
    made.at_end = true;
    return made;
  }
  auto page = feed_.read_page({.after = after,
                               .organization = organization,
                               .types = type_filter{types},
                               .limit = limit,
                               .scan_records_max = scan_records_max,
                               .who = {.owner = owner}});
  made.last_seq = page.last_seq;
  made.at_end = page.at_end;
  made.events.reserve(page.items.size());
  for (const auto& item : page.items)
    made.events.push_back({.seq = item.seq,
                           .id = item.event.id,
                           .type = std::string{event_types[item.event.type]},
                           .conversation = item.about.conversation,
                           .body = without_position(*item.event.json)});
  return made;
}

void webhook_events::await(std::uint64_t after, std::function<void()> wake) {
  waiting_.await(after, std::move(wake));
}

}  // namespace parley::ingress
