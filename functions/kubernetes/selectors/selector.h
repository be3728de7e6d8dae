// Label and field selectors: parsed once, matched against extracted fields.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/error.h"

namespace kless::kubernetes {

using Labels = std::vector<std::pair<std::string, std::string>>;  // sorted by key

class LabelSelector {
 public:
  // Parses "a=b,c!=d,e in (f,g),!h,i,j>3". "" matches everything. kInvalidArgument has the API
  // server's message ("unable to parse requirement: ...").
  static Result<LabelSelector> Parse(std::string_view text);
  bool Matches(const Labels& labels) const;
  bool empty() const { return requirements_.empty(); }

 private:
  enum class Operator { kIn, kNotIn, kExists, kNotExists, kGreater, kLess };
  struct Requirement {
    std::string key;
    Operator op{};
    std::vector<std::string> values;
  };
  std::vector<Requirement> requirements_;
};

class FieldSelector {
 public:
  struct Term {
    std::string field;
    std::string value;
    bool equal = true;
  };
  // Parses "metadata.name=a,status.phase!=Running". kInvalidArgument: "invalid selector: ...; can't
  // understand '...'".  Whether a field is selectable depends on the kind.
  static Result<FieldSelector> Parse(std::string_view text);
  const std::vector<Term>& terms() const { return terms_; }
  // `value_of` returns a field's value, "" if absent.
  bool Matches(const std::function<std::string(const std::string&)>& value_of) const;
  bool empty() const { return terms_.empty(); }

 private:
  std::vector<Term> terms_;
};

}  // namespace kless::kubernetes
