#include "src/ingress/api/contact_search.hpp"

#include "parley/text/fold.hpp"
#include "src/ingress/api/pages.hpp"
#include "src/ingress/problem.hpp"
#include "src/ingress/query.hpp"

#include <algorithm>

namespace parley::ingress {

namespace {

constexpr std::size_t query_bytes_max = 255;

bool is_number_beginning(std::string_view text) noexcept {
  const auto digits = text.starts_with('+') ? text.substr(1) : text;
  return !text.empty()
         && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

bool in_phone_book(const contact_query& query, const model::contact& who) {
  return query.phone_book.empty()
         || std::ranges::find(who.phone_books, query.phone_book) != who.phone_books.end();
}

/// How the text of an address begins whose number begins as the query says, in order. A country's
/// `+` can be left out.
std::vector<std::string> address_beginnings(const contact_query& query) {
  std::vector<std::string> all;
  for (const std::string channel : {"sms:", "whatsapp:"}) {
    if (query.beginning.starts_with('+')) {
      all.push_back(channel + query.beginning);
    } else {
      all.push_back(channel + '+' + query.beginning);
      all.push_back(channel + query.beginning);
    }
  }
  return all;
}

/// A contact with several such addresses is shown with the first of them.
bool is_first_match(std::string_view address, const model::contact& who,
                    const std::vector<std::string>& beginnings) {
  return std::ranges::none_of(who.addresses, [&](const model::address& one) {
    const auto text = one.text();
    return text < address && std::ranges::any_of(beginnings, [&](const std::string& beginning) {
             return text.starts_with(beginning);
           });
  });
}

contact_page search_numbers(const store::reader& reader, std::uint32_t organization,
                            const contact_query& query) {
  const auto beginnings = address_beginnings(query);
  contact_page page;
  auto after = name_of_cursor(query.cursor);
  auto scan_left = contact_scan_max;
  for (const auto& beginning : beginnings) {
    const auto next = reader.read_contact_addresses(
      organization, beginning, after, scan_left,
      [&](std::string_view address, const model::contact& who) {
        if (page.items.size() == query.limit)
          return false;
        --scan_left;
        if (in_phone_book(query, who) && is_first_match(address, who, beginnings))
          page.items.push_back(who);
        return true;
      });
    if (next) {
      page.next = name_cursor(*next);
      return page;
    }
    // Behind every address that begins so: their characters end at `~`.
    after = std::max(after, beginning + '\x7f');
  }
  return page;
}

contact_page search_all(const store::reader& reader, std::uint32_t organization,
                        const contact_query& query) {
  model::contact_id after;
  if (!query.cursor.empty()) {
    const auto given = model::contact_id::parse(query.cursor);
    if (!given)
      throw refusal{model::errc::malformed, "`cursor` is none of this query"};
    after = *given;
  }
  contact_page page;
  const auto next
    = reader.read_contacts(organization, after, contact_scan_max, [&](const model::contact& who) {
        const bool shown = in_phone_book(query, who)
                           && (query.beginning.empty()
                               || text::has_word_beginning(who.name, query.beginning));
        if (shown && page.items.size() == query.limit)
          return false;
        if (shown)
          page.items.push_back(who);
        return true;
      });
  if (next)
    page.next = next->text();
  return page;
}

contact_page find_by_address(const store::reader& reader, std::uint32_t organization,
                             const contact_query& query) {
  contact_page page;
  for (const auto kind : {model::channel::sms, model::channel::whatsapp}) {
    if (query.address->kind && *query.address->kind != kind)
      continue;
    auto who = reader.contact_of(organization, {kind, query.address->identifier});
    if (who && in_phone_book(query, *who)
        && std::ranges::find(page.items, who->id, &model::contact::id) == page.items.end())
      page.items.push_back(std::move(*who));
  }
  return page;
}

}  // namespace

contact_query read_contact_query(std::string_view query) {
  const query_parameters parameters{query, {"limit", "cursor", "address", "q", "phone_book"}};
  contact_query read;
  read.limit = parameters.limit();
  read.cursor = parameters.text("cursor").value_or("");
  read.phone_book = parameters.text("phone_book").value_or("");
  read.address = read_address_filter(parameters, "address");
  const auto beginning = parameters.text("q").value_or("");
  if (beginning.size() > query_bytes_max)
    throw refusal{model::errc::malformed, "`q` is longer than 255 bytes"};
  if (read.address && !beginning.empty())
    throw refusal{model::errc::malformed, "only one of `address` and `q` can be given"};
  read.by_number = is_number_beginning(beginning);
  read.beginning = read.by_number ? std::string{beginning} : text::folded(beginning);
  return read;
}

void require_may_search(const viewer& who, const contact_query& query) {
  if ((query.address || query.by_number) && who.numbers == audience::masked)
    throw refusal{model::errc::forbidden, "a search by number needs the scope `"
                                            + std::string{contact_numbers_scope}
                                            + "`: customers' numbers are hidden"};
}

contact_page search_contacts(const store::reader& reader, std::uint32_t organization,
                             const contact_query& query) {
  if (query.address)
    return find_by_address(reader, organization, query);
  return query.by_number ? search_numbers(reader, organization, query)
                         : search_all(reader, organization, query);
}

}  // namespace parley::ingress
