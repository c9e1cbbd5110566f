#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/address.hpp"
#include "parley/model/conversation.hpp"
#include "parley/model/directory.hpp"

namespace parley::routing {

/// An inbound message as conditions look at it. Refers to somebody else's texts, so that making one
/// allocates nothing.
struct sample {
  std::string_view number;               ///< Ours, by identifier.
  model::channel channel = model::channel::sms;
  std::string_view sender;               ///< The identifier of their address.
  std::string_view body;
  std::string_view contact_name;         ///< Empty: there is no contact, or it has no name.
  std::string_view contact_language;     ///< `de`, `de-AT`; empty: not known.
  std::span<const model::attribute> attributes;  ///< The contact's.
  bool first_ever = false;    ///< Nothing came from this address to this number before.
  bool inside_hours = true;   ///< Of the number (hours.hpp).
  std::uint64_t seed = 0;     ///< What a random choice follows from: the same at every look.
};

/// Where a sender is at home, ISO 3166 alpha-2: of an E.164 number by libphonenumber; a number that
/// no plan knows counts for the main country of its calling code. Of a WhatsApp user id
/// (`US.13491…`) what it begins with. Empty for short codes, names and numbers of no country. About
/// 20 µs; the first call reads the plans (20 ms). Keeps nothing; any thread.
[[nodiscard]] std::string country_of(const model::address& sender);

/// How one condition that was asked for came out.
struct condition_verdict {
  std::string_view condition;  ///< The member of `message_conditions`.
  bool held = false;
  std::string why;             ///< A sentence for people.
};

/// A sample, and what more than one condition wants to know of it, worked out at most once. Lives
/// no longer than its sample. Confined to one thread.
class message_facts;

/// The conditions of a rule or an auto-reply variant (mission 4.7), compiled once and asked often.
/// What is empty asks for nothing; of a list one must fit; all that is asked for must hold. Time is
/// linear in the text, whatever the expression. Immutable: any number of threads.
class compiled_conditions {
public:
  explicit compiled_conditions(const model::message_conditions& asked);
  compiled_conditions(compiled_conditions&&) noexcept;
  compiled_conditions& operator=(compiled_conditions&&) noexcept;
  ~compiled_conditions();

  [[nodiscard]] bool hold(const sample& message) const;
  /// The same of a sample that several conditions look at.
  [[nodiscard]] bool hold(const message_facts& message) const;
  /// Each condition that was asked for; empty when none was, and then they hold.
  [[nodiscard]] std::vector<condition_verdict> explain(const sample& message) const;
  [[nodiscard]] std::vector<condition_verdict> explain(const message_facts& message) const;

  /// Why these never hold: the expression does not compile. Empty: nothing is wrong.
  [[nodiscard]] const std::string& fault() const noexcept;

private:
  struct parts;
  std::unique_ptr<const parts> parts_;
};

}  // namespace parley::routing
