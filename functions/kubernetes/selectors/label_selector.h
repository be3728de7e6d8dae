// Label selectors of queries: parsed once, matched against extracted labels.
#pragma once

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

}  // namespace kless::kubernetes
