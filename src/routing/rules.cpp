#include "parley/routing/rules.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "src/routing/message_facts.hpp"

namespace parley::routing {

rule_set::rule_set(const model::organization& owner) {
  for (const auto& rule : owner.rules)
    rules_.push_back({rule, compiled_conditions{rule.when}});
  std::ranges::sort(rules_, {}, [](const compiled_rule& one) {
    return std::tuple{one.rule.position, std::string_view{one.rule.id}};
  });
  for (const auto& one : rules_)
    note_fault(one.when, "rule " + one.rule.id);
  for (const auto& inbox : owner.inboxes) {
    if (inbox.auto_replies.empty())
      continue;
    auto& variants = variants_[inbox.team];
    for (const auto& one : inbox.auto_replies) {
      variants.push_back({one.text, compiled_conditions{one.when}});
      note_fault(variants.back().when, "auto-reply " + std::to_string(variants.size())
                                         + " of inbox " + inbox.team);
    }
  }
}

void rule_set::note_fault(const compiled_conditions& when, std::string where) {
  if (!when.fault().empty())
    faults_.push_back({std::move(where), when.fault()});
}

const std::shared_ptr<const rule_set>& rule_set::empty() {
  static const auto none = std::make_shared<const rule_set>(model::organization{});
  return none;
}

std::shared_ptr<const rule_set> rule_set::of(const model::organization& owner) {
  const bool has_variants = std::ranges::any_of(
    owner.inboxes, [](const model::inbox& inbox) { return !inbox.auto_replies.empty(); });
  return owner.rules.empty() && !has_variants ? empty() : std::make_shared<const rule_set>(owner);
}

const compiled_rule* rule_set::match(const sample& message) const {
  const message_facts facts{message};
  const auto found
    = std::ranges::find_if(rules_, [&](const auto& one) { return one.when.hold(facts); });
  return found == rules_.end() ? nullptr : &*found;
}

std::vector<rule_verdict> rule_set::explain(const sample& message) const {
  const message_facts facts{message};
  std::vector<rule_verdict> out;
  for (const auto& one : rules_) {
    const bool held = one.when.hold(facts);
    out.push_back({&one, held, one.when.explain(facts)});
    if (held)
      break;
  }
  return out;
}

const std::string* rule_set::auto_reply(std::string_view inbox, const sample& message) const {
  const auto variants = variants_.find(inbox);
  if (variants == variants_.end())
    return nullptr;
  const message_facts facts{message};
  const auto found
    = std::ranges::find_if(variants->second, [&](const auto& one) { return one.when.hold(facts); });
  return found == variants->second.end() ? nullptr : &found->text;
}

}  // namespace parley::routing
