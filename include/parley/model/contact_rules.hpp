#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parley/model/contact.hpp"
#include "parley/model/directory_rules.hpp"

namespace parley::model {

// What a contact must be like and how it changes, whoever changes it. All pure. That an address
// belongs to one contact only is not seen here: see `actors/pending_contacts.hpp`.

/// What is wrong with a contact by itself; empty when it is sound. Text is UTF-8 by then.
[[nodiscard]] std::optional<entry_fault> fault_of(const contact& who);

[[nodiscard]] bool has_address(const contact& who, const address& what) noexcept;
/// Puts the address behind the others, unless it is there.
void add_address(contact& who, const address& what);
/// Nothing happens when the contact does not have it.
void remove_address(contact& who, const address& what);

/// Puts the contact into a phone book, unless it is there.
void add_phone_book(contact& who, std::string_view book);

/// The attribute's value; empty when it has none.
[[nodiscard]] std::string_view attribute_of(const contact& who, std::string_view name) noexcept;
/// Sets an attribute; an empty value takes it away.
void set_attribute(contact& who, std::string_view name, std::string_view value);

/// Gives `into` what `from` has: addresses, attributes and phone books. Where both say something
/// the target's word stands (an attribute, the name, the language, the time zone).
void merge(contact& into, const contact& from);

}  // namespace parley::model
