// Typed label selectors and node selector terms: parsed once per pod shape, matched against sorted
// labels.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kless::controllers::scheduler {

using Labels = std::vector<std::pair<std::string, std::string>>;  // sorted by key

// Null if the labels do not hold the key.
const std::string* FindLabel(const Labels& labels, std::string_view key);

enum class LabelOperator { kIn, kNotIn, kExists, kDoesNotExist, kGt, kLt, kInvalid };

struct LabelRequirement {
  std::string key;
  LabelOperator op = LabelOperator::kIn;
  std::vector<std::string> values;
  std::int64_t bound = 0;  // of kGt and kLt

  // `value`: null if the key is absent.  NotIn and DoesNotExist hold without the key.
  bool Matches(const std::string* value) const;
};
using LabelRequirements = std::vector<LabelRequirement>;

// All requirements hold (of none: true).
bool MatchesAll(const LabelRequirements& requirements, const Labels& labels);

// From an array of {key, operator, values}; a malformed entry matches nothing.
LabelRequirements ParseRequirements(const nlohmann::json* expressions);

// metav1.LabelSelector: null matches nothing, {} everything.
struct LabelSelectorTerm {
  bool matches_nothing = true;
  LabelRequirements requirements;

  bool Matches(const Labels& labels) const {
    return !matches_nothing && MatchesAll(requirements, labels);
  }
};
LabelSelectorTerm ParseLabelSelector(const nlohmann::json* selector);
// {"a": "b"} as requirements; keys in order.
LabelRequirements ParseLabelMap(const nlohmann::json* labels);

// One of the ORed terms of a node selector; one without any expression matches nothing.
struct NodeSelectorTerm {
  LabelRequirements expressions;
  LabelRequirements fields;  // metadata.name only

  bool Matches(const Labels& labels, const std::string& node_name) const;
};
NodeSelectorTerm ParseNodeSelectorTerm(const nlohmann::json& term);

}  // namespace kless::controllers::scheduler
