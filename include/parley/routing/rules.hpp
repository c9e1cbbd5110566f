#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parley/model/directory.hpp"
#include "parley/routing/conditions.hpp"

namespace parley::routing {

/// A rule, ready to be asked.
struct compiled_rule {
  model::rule rule;
  compiled_conditions when;
};

/// How one rule came out that was looked at.
struct rule_verdict {
  const compiled_rule* rule = nullptr;  ///< The rule set's.
  bool held = false;
  std::vector<condition_verdict> conditions;  ///< Those that it asks for.
};

/// Conditions that never hold, because their expression does not compile. What is taken in is
/// checked (expression.hpp); an older store may have one.
struct rule_fault {
  std::string where;  ///< `rule night-shift`, `auto-reply 2 of inbox support`.
  std::string why;
};

/// The routing rules of one organisation, and the auto-responder's conditions of its inboxes: made
/// when the directory changes, then shared by all its numbers. Immutable: any number of threads. An
/// expression takes up to 256 KiB.
class rule_set {
public:
  explicit rule_set(const model::organization& owner);

  /// Of an organisation that has none: there is one, and looking into it costs nothing.
  [[nodiscard]] static const std::shared_ptr<const rule_set>& empty();
  /// Made for the organisation; `empty()` when it has neither rules nor auto-reply variants.
  [[nodiscard]] static std::shared_ptr<const rule_set> of(const model::organization& owner);

  /// The first rule that holds, in the order of position and id; null: none. Refers into this.
  [[nodiscard]] const compiled_rule* match(const sample& message) const;
  /// Every rule that is looked at, to the first that holds.
  [[nodiscard]] std::vector<rule_verdict> explain(const sample& message) const;
  /// The text of the inbox's first auto-reply variant that holds, its fields not filled in; null:
  /// none. Refers into this.
  [[nodiscard]] const std::string* auto_reply(std::string_view inbox, const sample& message) const;

  [[nodiscard]] const std::vector<rule_fault>& faults() const noexcept { return faults_; }

private:
  struct variant {
    std::string text;
    compiled_conditions when;
  };

  void note_fault(const compiled_conditions& when, std::string where);

  std::vector<compiled_rule> rules_;
  std::map<std::string, std::vector<variant>, std::less<>> variants_;  ///< By inbox.
  std::vector<rule_fault> faults_;
};

}  // namespace parley::routing
