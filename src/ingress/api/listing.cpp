#include "src/ingress/api/listing.hpp"

#include "src/ingress/api/lookup.hpp"
#include "src/ingress/problem.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace parley::ingress {

namespace {

constexpr std::size_t scan_lines_max = 20'000;
/// Conversations of a party's groups with one number that are looked at, in each state.
constexpr std::size_t group_lines_max = 1'000;
constexpr std::size_t list_cursor_characters = 48;

[[noreturn]] void malformed(std::string detail) {
  throw refusal{model::errc::malformed, std::move(detail)};
}

std::optional<model::conversation_phase> read_phase(const query_parameters& parameters) {
  const auto given = parameters.text("state");
  if (!given)
    return std::nullopt;
  for (const auto phase : {model::conversation_phase::active, model::conversation_phase::inactive,
                           model::conversation_phase::closed})
    if (*given == to_string(phase))
      return phase;
  malformed("`state` must be active, inactive or closed");
}

/// Whether the address takes part from outside, alone or in a group; a chat's are its users.
bool is_with(const address_filter& address, const model::conversation_state& state) {
  if (state.pair.theirs.kind != model::channel::chat)
    return std::ranges::any_of(state.pair.theirs.members(), [&](const model::address& one) {
      return address.matches(one);
    });
  return address.kind == model::channel::chat
         && std::ranges::find(state.participants, address.identifier, &model::participant::user)
              != state.participants.end();
}

bool matches(const viewer& who, const conversation_query& query,
             const model::conversation_state& state) {
  if (query.phase && state.phase != *query.phase)
    return false;
  if (query.number && !query.number->matches(state.pair.ours))
    return false;
  if (query.address && !is_with(*query.address, state))
    return false;
  if (!query.team.empty() && state.route.inbox != query.team)
    return false;
  if (!query.label.empty() && !std::ranges::binary_search(state.labels, query.label))
    return false;
  if (query.unrouted && state.route.unrouted != *query.unrouted)
    return false;
  if (!may_see(who, state))
    return false;
  return query.user.empty()
         || std::ranges::find(state.participants, query.user, &model::participant::user)
              != state.participants.end();
}

// -- by address ----------------------------------------------------------------------------------

/// Adds the pair's conversations that match, from the current one back to its first.
void collect_pair(const store::reader& reader, const model::pair& between, const viewer& who,
                  const conversation_query& query,
                  std::vector<model::conversation_state>& found) {
  auto state = load_pair(reader, between.key());
  while (state && state->phase != model::conversation_phase::none) {
    const auto previous = state->previous;
    if (matches(who, query, *state))
      found.push_back(std::move(*state));
    if (!previous.has_value())
      return;
    state = find_conversation(reader, previous);
  }
}

/// The addresses that the query names: those of the contact, if it is one, that match.
std::vector<model::address> addresses_of(const store::reader& reader,
                                         const model::organization& owner,
                                         const conversation_query& query) {
  if (!query.contact)
    return query.address->kind
             ? std::vector{model::address{*query.address->kind, query.address->identifier}}
             : std::vector{model::address{model::channel::sms, query.address->identifier},
                           model::address{model::channel::whatsapp, query.address->identifier}};
  auto who = reader.find_contact(owner.index, *query.contact);
  if (!who)
    return {};
  if (query.address)
    std::erase_if(who->addresses,
                  [&](const auto& one) { return !query.address->matches(one); });
  return std::move(who->addresses);
}

conversation_page list_by_address(const store::reader& reader, const viewer& who,
                                  const conversation_query& query) {
  std::optional<model::conversation_id> before;
  if (!query.cursor.empty()) {
    before = model::conversation_id::parse(query.cursor);
    if (!before)
      malformed("`cursor` is none of this query");
  }
  std::vector<model::conversation_state> found;
  for (const auto& between :
       pairs_with(reader, *who.owner, addresses_of(reader, *who.owner, query)))
    if (!query.number || query.number->matches(between.ours))
      collect_pair(reader, between, who, query, found);
  if (before)
    std::erase_if(found, [&](const auto& state) { return !(state.id < *before); });
  std::ranges::sort(found, std::ranges::greater{}, &model::conversation_state::id);
  conversation_page page;
  if (found.size() > query.limit) {
    found.resize(query.limit);
    page.next = found.back().id.text();
  }
  page.items = std::move(found);
  return page;
}

// -- by listings ---------------------------------------------------------------------------------

/// One listing, read a page at a time.
class source {
public:
  source(const store::reader& reader, store::listing_query query)
    : reader_(reader), query_(std::move(query)) {}

  /// The newest line not yet taken, or null at the end.
  [[nodiscard]] const store::listed* peek() {
    if (lines_.empty() && !ended_) {
      auto page = reader_.list(query_);
      ended_ = page.size() < query_.limit;
      if (!page.empty())
        query_.after = page.back().cursor;
      lines_.assign(std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
    }
    return lines_.empty() ? nullptr : &lines_.front();
  }

  [[nodiscard]] store::listed take() {
    auto line = std::move(lines_.front());
    lines_.pop_front();
    return line;
  }

private:
  const store::reader& reader_;
  store::listing_query query_;
  std::deque<store::listed> lines_;
  bool ended_ = false;
};

/// Whether chats with a user are asked for.
bool is_chat(const conversation_query& query) {
  return query.address && query.address->kind == model::channel::chat;
}

/// The narrowest listings that together hold every conversation that can match.
std::vector<std::pair<store::listing_scope, std::string>>
scopes_of(const viewer& who, const conversation_query& query) {
  using scope = store::listing_scope;
  if (query.unknown)
    return {{scope::unknown, {}}};
  if (query.unrouted.value_or(false))
    return {{scope::unrouted, {}}};
  if (!query.team.empty())
    return {{scope::inbox, query.team}};
  const auto in_chat = is_chat(query) ? query.address->identifier : std::string{};
  if (query.user.empty() && in_chat.empty() && sees_everything(who))
    return {{scope::organization, {}}};
  const auto& user = !query.user.empty() ? query.user
                     : !in_chat.empty()  ? in_chat
                                         : who.user->id;
  std::vector<std::pair<scope, std::string>> scopes{{scope::user, user}};
  // Whoever left a team still takes part in what was opened before, so every inbox is looked at.
  for (const auto& inbox : who.owner->inboxes)
    scopes.emplace_back(scope::inbox, inbox.team);
  return scopes;
}

std::vector<source> sources_of(const store::reader& reader, const viewer& who,
                               const conversation_query& query) {
  std::vector<source> sources;
  for (const auto phase : {model::conversation_phase::active, model::conversation_phase::inactive,
                           model::conversation_phase::closed}) {
    // The one listing that knows no phases is read once, and `matches` looks at them.
    if (query.unknown ? phase != model::conversation_phase::active
                      : query.phase && *query.phase != phase)
      continue;
    for (const auto& [scope, scope_id] : scopes_of(who, query))
      sources.emplace_back(reader, store::listing_query{.organization = who.owner->index,
                                                        .scope = scope,
                                                        .scope_id = scope_id,
                                                        .phase = phase,
                                                        .after = query.cursor,
                                                        .limit = query.limit});
  }
  return sources;
}

/// The source with the newest line, or null when all have ended. A cursor is the place in the
/// order, in hex, so it compares as the places do.
source* newest(std::vector<source>& sources) {
  source* best = nullptr;
  for (auto& one : sources)
    if (one.peek() != nullptr && (best == nullptr || one.peek()->cursor > best->peek()->cursor))
      best = &one;
  return best;
}

bool may_match(const conversation_query& query, std::string_view pair_key) {
  if (!query.number)
    return true;
  const auto between = model::pair::from_key(pair_key);
  return between && query.number->matches(between->ours);
}

conversation_page list_by_listings(const store::reader& reader, const viewer& who,
                                   const conversation_query& query) {
  const auto is_hex = [](char digit) {
    return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
  };
  if (!query.cursor.empty()
      && (query.cursor.size() != list_cursor_characters
          || !std::ranges::all_of(query.cursor, is_hex)))
    malformed("`cursor` is none of this query");
  auto sources = sources_of(reader, who, query);
  conversation_page page;
  std::string last;
  for (std::size_t scanned = 0;; ++scanned) {
    auto* from = newest(sources);
    if (from == nullptr)
      return page;
    if (page.items.size() == query.limit || scanned == scan_lines_max) {
      page.next = std::move(last);
      return page;
    }
    const auto line = from->take();
    // A conversation that moves from one state's listing to another's while they are read can be in
    // both: it is shown once.
    const bool repeated = line.cursor == last;
    last = line.cursor;
    if (repeated || !may_match(query, line.pair_key))
      continue;
    auto state = find_conversation(reader, line.id);
    if (state && matches(who, query, *state))
      page.items.push_back(std::move(*state));
  }
}

}  // namespace

std::optional<address_filter> read_address_filter(const query_parameters& parameters,
                                                  std::string_view name) {
  const auto given = parameters.text(name);
  if (!given)
    return std::nullopt;
  if (const auto whole = model::address::parse(*given))
    return address_filter{whole->kind, whole->identifier};
  if (const auto bare = model::address::parse_carrier(*given);
      bare && given->find(':') == std::string_view::npos)
    return address_filter{std::nullopt, bare->identifier};
  malformed("`" + std::string{name} + "` is no address");
}

bool address_filter::matches(const model::address& what) const noexcept {
  return identifier == what.identifier && (!kind || *kind == what.kind);
}

conversation_query read_conversation_query(std::string_view query) {
  const query_parameters parameters{
    query,
    {"state", "number", "user", "team", "address", "contact", "label", "unrouted", "unknown",
     "limit", "cursor"}};
  conversation_query read;
  read.phase = read_phase(parameters);
  read.number = read_address_filter(parameters, "number");
  read.address = read_address_filter(parameters, "address");
  if (const auto contact = parameters.text("contact")) {
    read.contact = model::contact_id::parse(*contact);
    if (!read.contact)
      malformed("`contact` is no contact's id");
  }
  read.user = parameters.text("user").value_or("");
  read.team = parameters.text("team").value_or("");
  read.label = parameters.text("label").value_or("");
  read.unrouted = parameters.flag("unrouted");
  read.unknown = parameters.flag("unknown").value_or(false);
  read.limit = parameters.limit();
  read.cursor = parameters.text("cursor").value_or("");
  return read;
}

void require_may_list(const viewer& who, const conversation_query& query) {
  const bool of_customer = query.address && query.address->kind != model::channel::chat;
  if (of_customer && who.numbers == audience::masked)
    throw refusal{model::errc::forbidden, "`address` needs the scope `"
                                            + std::string{contact_numbers_scope}
                                            + "`: customers' numbers are hidden"};
  if (query.unrouted.value_or(false) || query.unknown)
    require_role(who, model::role::admin);
}

conversation_page list_conversations(const store::reader& reader, const viewer& who,
                                     const conversation_query& query) {
  const bool by_address
    = !query.unknown && ((query.address && !is_chat(query)) || query.contact);
  return by_address ? list_by_address(reader, who, query)
                    : list_by_listings(reader, who, query);
}

namespace {

/// Adds the groups that the party is in with our number.
void add_groups(const store::reader& reader, const model::pair& alone,
                std::vector<model::pair>& all) {
  if (!reader.has_groups(alone.organization, alone.ours))
    return;
  store::listing_query query{.organization = alone.organization,
                             .scope = store::listing_scope::party,
                             .scope_id = store::party_scope(alone.ours, alone.theirs.identifier),
                             .limit = group_lines_max};
  for (const auto phase : {model::conversation_phase::active, model::conversation_phase::inactive,
                           model::conversation_phase::closed}) {
    query.phase = phase;
    for (const auto& line : reader.list(query))
      if (auto group = model::pair::from_key(line.pair_key);
          group && std::ranges::find(all, *group) == all.end())
        all.push_back(std::move(*group));
  }
}

}  // namespace

std::vector<model::pair> pairs_with(const store::reader& reader, const model::organization& owner,
                                    const std::vector<model::address>& theirs) {
  std::vector<model::pair> all;
  all.reserve(theirs.size() * owner.numbers.size());
  for (const auto& one : theirs)
    for (const auto& number : owner.numbers)
      all.push_back({owner.index, {one.kind, number.identifier}, one});
  const auto alone = all;
  for (const auto& pair : alone)
    if (pair.theirs.kind == model::channel::sms)
      add_groups(reader, pair, all);
  return all;
}

}  // namespace parley::ingress
