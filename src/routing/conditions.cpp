#include "parley/routing/conditions.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "src/routing/expression.hpp"
#include "src/routing/message_facts.hpp"

namespace parley::routing {

namespace {

char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// A language tag or country as it is compared: ASCII capitals, and `-` for `_`.
std::string tag(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char c) { return c == '_' ? '-' : upper(c); });
  return out;
}

bool contains(const std::vector<std::string>& list, std::string_view one) noexcept {
  return std::ranges::find(list, one) != list.end();
}

/// An address as a condition names it.
struct sender_filter {
  std::optional<model::channel> channel;  ///< Empty: any.
  std::string identifier;
};

sender_filter sender_filter_of(const std::string& text) {
  if (auto whole = model::address::parse(text))
    return {whole->kind, std::move(whole->identifier)};
  return {std::nullopt, text};
}

std::string quoted(std::string_view text) { return '`' + std::string{text} + '`'; }

std::string listed(bool held) {
  return held ? ", which is one of those asked for" : ", which is none of those asked for";
}

}  // namespace

/// What was asked for, and the forms of it that are compared.
struct compiled_conditions::parts {
  model::message_conditions asked;
  std::vector<sender_filter> senders;
  std::vector<std::string> countries;
  std::vector<std::string> languages;
  std::string body_contains;
  std::vector<std::string> keywords;
  std::unique_ptr<const re2::RE2> body_matches;
  std::string fault;

  /// One kind of condition: whether it is asked for, whether it holds, and the sentence about that.
  struct kind {
    std::string_view name;
    bool (*asked)(const parts&);
    bool (*holds)(const parts&, const message_facts&);
    std::string (*why)(const parts&, const message_facts&, bool held);
  };
  static const std::array<kind, 11> kinds;

  [[nodiscard]] bool attribute_holds(const sample& said) const {
    const auto found
      = std::ranges::find(said.attributes, asked.attribute, &model::attribute::name);
    return found != said.attributes.end()
           && (asked.attribute_value.empty() || found->value == asked.attribute_value);
  }

  [[nodiscard]] bool language_holds(const sample& said) const {
    const auto known = tag(said.contact_language);
    return std::ranges::any_of(languages, [&](const std::string& wanted) {
      return known.starts_with(wanted)
             && (known.size() == wanted.size() || known[wanted.size()] == '-');
    });
  }

  [[nodiscard]] bool sender_holds(const sample& said) const {
    return std::ranges::any_of(senders, [&](const sender_filter& wanted) {
      return wanted.identifier == said.sender
             && (!wanted.channel || *wanted.channel == said.channel);
    });
  }
};

// Those that cost least come first.
constinit const std::array<compiled_conditions::parts::kind, 11> compiled_conditions::parts::kinds{{
  {"numbers", [](const parts& my) { return !my.asked.numbers.empty(); },
   [](const parts& my, const message_facts& is) {
     return contains(my.asked.numbers, is.said.number);
   },
   [](const parts&, const message_facts& is, bool held) {
     return "it came to " + quoted(is.said.number) + listed(held);
   }},
  {"channels", [](const parts& my) { return !my.asked.channels.empty(); },
   [](const parts& my, const message_facts& is) {
     return contains(my.asked.channels, to_string(is.said.channel));
   },
   [](const parts&, const message_facts& is, bool held) {
     return "it came over " + quoted(to_string(is.said.channel)) + listed(held);
   }},
  {"senders", [](const parts& my) { return !my.senders.empty(); },
   [](const parts& my, const message_facts& is) { return my.sender_holds(is.said); },
   [](const parts&, const message_facts& is, bool held) {
     return "it came from " + quoted(is.said.sender) + listed(held);
   }},
  {"first_ever", [](const parts& my) { return my.asked.first_ever; },
   [](const parts&, const message_facts& is) { return is.said.first_ever; },
   [](const parts&, const message_facts&, bool held) {
     return std::string{held ? "nothing came from this address to this number before"
                             : "something came from this address to this number before"};
   }},
  {"hours", [](const parts& my) { return my.asked.hours != model::hours_condition::any; },
   [](const parts& my, const message_facts& is) {
     return is.said.inside_hours == (my.asked.hours == model::hours_condition::inside);
   },
   [](const parts&, const message_facts& is, bool) {
     return std::string{is.said.inside_hours ? "it came inside business hours"
                                             : "it came outside business hours"};
   }},
  {"languages", [](const parts& my) { return !my.languages.empty(); },
   [](const parts& my, const message_facts& is) { return my.language_holds(is.said); },
   [](const parts&, const message_facts& is, bool held) {
     return is.said.contact_language.empty()
              ? std::string{"the contact's language is not known"}
              : "the contact's language is " + quoted(is.said.contact_language) + listed(held);
   }},
  {"attribute", [](const parts& my) { return !my.asked.attribute.empty(); },
   [](const parts& my, const message_facts& is) { return my.attribute_holds(is.said); },
   [](const parts& my, const message_facts&, bool held) {
     const auto& value = my.asked.attribute_value;
     return std::string{held ? "the contact has the attribute "
                             : "the contact does not have the attribute "}
            + quoted(my.asked.attribute)
            + (value.empty() ? "" : " with the value " + quoted(value));
   }},
  {"body_contains", [](const parts& my) { return !my.asked.body_contains.empty(); },
   [](const parts& my, const message_facts& is) {
     return is.folded_body().find(my.body_contains) != std::string::npos;
   },
   [](const parts& my, const message_facts&, bool held) {
     return std::string{held ? "the text contains " : "the text does not contain "}
            + quoted(my.asked.body_contains);
   }},
  {"keywords", [](const parts& my) { return !my.keywords.empty(); },
   [](const parts& my, const message_facts& is) { return contains(my.keywords, is.keyword()); },
   [](const parts&, const message_facts&, bool held) {
     return std::string{held ? "the whole text is one of the keywords"
                             : "the whole text is none of the keywords"};
   }},
  {"countries", [](const parts& my) { return !my.countries.empty(); },
   [](const parts& my, const message_facts& is) { return contains(my.countries, is.country()); },
   [](const parts&, const message_facts& is, bool held) {
     return is.country().empty() ? std::string{"the sender's address belongs to no country"}
                                 : "the sender's country is " + quoted(is.country()) + listed(held);
   }},
  {"body_matches", [](const parts& my) { return !my.asked.body_matches.empty(); },
   [](const parts& my, const message_facts& is) {
     return my.body_matches != nullptr
            && re2::RE2::PartialMatch({is.said.body.data(), is.said.body.size()},
                                      *my.body_matches);
   },
   [](const parts& my, const message_facts&, bool held) {
     if (!my.fault.empty())
       return "the expression cannot be used: " + my.fault;
     return std::string{held ? "the expression is found in the text"
                             : "the expression is not found in the text"};
   }},
}};

compiled_conditions::compiled_conditions(const model::message_conditions& asked) {
  auto made = std::make_unique<parts>();
  made->asked = asked;
  std::ranges::transform(asked.senders, std::back_inserter(made->senders), sender_filter_of);
  std::ranges::transform(asked.countries, std::back_inserter(made->countries), tag);
  std::ranges::transform(asked.languages, std::back_inserter(made->languages), tag);
  std::ranges::transform(asked.keywords, std::back_inserter(made->keywords), text::fold_keyword);
  made->body_contains = text::fold(asked.body_contains);
  if (!asked.body_matches.empty()) {
    auto compiled = compile_expression(asked.body_matches);
    if (auto* fault = std::get_if<std::string>(&compiled))
      made->fault = std::move(*fault);
    else
      made->body_matches = std::move(std::get<std::unique_ptr<const re2::RE2>>(compiled));
  }
  parts_ = std::move(made);
}

compiled_conditions::compiled_conditions(compiled_conditions&&) noexcept = default;
compiled_conditions& compiled_conditions::operator=(compiled_conditions&&) noexcept = default;
compiled_conditions::~compiled_conditions() = default;

bool compiled_conditions::hold(const sample& message) const {
  return hold(message_facts{message});
}

bool compiled_conditions::hold(const message_facts& message) const {
  return std::ranges::all_of(parts::kinds, [&](const parts::kind& one) {
    return !one.asked(*parts_) || one.holds(*parts_, message);
  });
}

std::vector<condition_verdict> compiled_conditions::explain(const sample& message) const {
  return explain(message_facts{message});
}

std::vector<condition_verdict> compiled_conditions::explain(const message_facts& message) const {
  std::vector<condition_verdict> out;
  for (const auto& one : parts::kinds) {
    if (!one.asked(*parts_))
      continue;
    const bool held = one.holds(*parts_, message);
    out.push_back({one.name, held, one.why(*parts_, message, held)});
  }
  return out;
}

const std::string& compiled_conditions::fault() const noexcept { return parts_->fault; }

}  // namespace parley::routing
