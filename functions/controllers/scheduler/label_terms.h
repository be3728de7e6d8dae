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

// Null if the labels lack the key.
const std::string* FindLabel(const Labels& labels, std::string_view key);

enum class LabelOperator { kIn, kNotIn, kExists, kDoesNotExist, kGt, kLt, kInvalid };

struct LabelRequirement {
  std::string key;
  LabelOperator op = LabelOperator::kIn;
  std::vector<std::string> values;
  std::int64_t bound = 0;  // for kGt and kLt

  // `value` is null if the key is absent.  NotIn and DoesNotExist then hold.
  bool Matches(const std::string* value) const;
};
using LabelRequirements = std::vector<LabelRequirement>;

// Whether all requirements hold (true if there are none).
bool MatchesAll(const LabelRequirements& requirements, const Labels& labels);

// Parses an array of {key, operator, values}; a malformed entry matches nothing.
LabelRequirements ParseRequirements(const nlohmann::json* expressions);

// metav1.LabelSelector: null matches nothing, {} matches everything.
struct LabelSelectorTerm {
  bool matches_nothing = true;
  LabelRequirements requirements;

  bool Matches(const Labels& labels) const {
    return !matches_nothing && MatchesAll(requirements, labels);
  }
};
LabelSelectorTerm ParseLabelSelector(const nlohmann::json* selector);
// Converts {"a": "b"} to requirements, in order of key.
LabelRequirements ParseLabelMap(const nlohmann::json* labels);

// One of the ORed terms of a node selector; a term without expressions matches nothing.
struct NodeSelectorTerm {
  LabelRequirements expressions;
  LabelRequirements fields;  // metadata.name only

  bool Matches(const Labels& labels, const std::string& node_name) const;
};
NodeSelectorTerm ParseNodeSelectorTerm(const nlohmann::json& term);

}  // namespace kless::controllers::scheduler
