#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "parley/model/directory_cell.hpp"
#include "parley/store/journal.hpp"
#include "parley/store/reader.hpp"
#include "src/ingress/event_representation.hpp"
#include "src/ingress/event_types.hpp"
#include "src/ingress/viewer.hpp"

namespace parley::ingress {

/// What somebody wants to see of the journal.
struct feed_query {
  std::uint64_t after = 0;
  std::uint32_t organization = 0;
  type_filter types;
  std::size_t limit = 0;             ///< Events on a page.
  std::size_t scan_records_max = 0;  ///< Records looked at for a page: bounds its time.
  viewer who{};                      ///< Of that organisation. Its directory outlives the call.
};

/// A part of the journal as one organisation sees it.
struct feed_page {
  struct item {
    std::uint64_t seq = 0;
    shown_event event;
    event_subject about;
  };
  std::vector<item> items;
  std::uint64_t last_seq = 0;  ///< Everything up to here was looked at: continue after it.
  bool at_end = false;         ///< There was nothing durable after `last_seq`.
};

/// The journal as events, for the list and for the streams. Thread-safe.
///
/// The newest records are kept in their final words, shared by everybody who reads near the end: a
/// message to a team with a hundred streams is put into words once. Further back each reader makes
/// its own. The window is bounded by `window_records_max`. Where an organisation hides customers'
/// numbers there are two wordings, shared as well. URLs of files that have been good for half their
/// time are made anew.
///
/// Who does not see every conversation is shown a page's events by how the conversations are now;
/// each is looked up once a page.
class event_feed {
public:
  event_feed(const store::reader& reader, const store::journal& journal,
             const model::directory_cell& directory, const file_urls& urls);

  /// The next page: at most `limit` events, one more when the first record has two. It can be empty
  /// before the end, when nothing of what was looked at is wanted or may be seen.
  [[nodiscard]] feed_page read_page(const feed_query& query);
  /// Where the journal ends.
  [[nodiscard]] std::uint64_t committed() const noexcept { return journal_.committed(); }

private:
  struct worded_record {
    std::uint64_t seq = 0;
    std::uint32_t organization = 0;
    event_subject about;
    std::vector<shown_event> clear;
    std::optional<std::vector<shown_event>> masked;  ///< Where the organisation hid numbers then.
    model::timestamp signed_at{};  ///< When its files were given URLs; zero when it has none.
    std::uint64_t message_seq = 0;  ///< The record of the message that it is about, if any.
  };

  bool read_window(feed_page& page, const feed_query& query, std::uint64_t committed);
  void extend_window();
  /// Words a message's records in the window anew: it has been redacted, or has its files now.
  void show_again(std::uint64_t message_seq, const model::directory& known);
  /// One record in words, with what has to be looked up for that.
  [[nodiscard]] std::vector<shown_event> words_of(const store::record& record,
                                                  const model::directory& known,
                                                  audience who) const;
  [[nodiscard]] worded_record worded(const store::record& record,
                                     const model::directory& known) const;
  /// Whether a record of the window shows URLs that may soon be no good.
  [[nodiscard]] bool is_stale(const worded_record& record) const;
  void read_journal(feed_page& page, const feed_query& query) const;
  void drop_hidden(feed_page& page, const viewer& who) const;

  const store::reader& reader_;
  const store::journal& journal_;
  const model::directory_cell& directory_;
  const file_urls& urls_;

  std::mutex mutex_;
  std::deque<worded_record> window_;  ///< Without gaps.
  std::uint64_t window_end_ = 0;      ///< The last record looked at.
};

}  // namespace parley::ingress
