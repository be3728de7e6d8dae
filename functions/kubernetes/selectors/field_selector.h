// Field selectors of queries: parsed once, matched against extracted fields.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"

namespace kless::kubernetes {

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
