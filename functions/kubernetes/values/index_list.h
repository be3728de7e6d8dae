// Lists of completion indexes as in Jobs: "0,2-4,6".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kless::kubernetes {

struct IndexList {
  std::vector<std::pair<std::int64_t, std::int64_t>> intervals;  // increasing, both ends included
  std::int64_t total = 0;                                        // number of indexes in all of them
  std::string problem;  // the API server's sentence; "": none, else the rest is empty
};

// Every index must be below `completions`.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/batch/validation/validation.go
IndexList ParseIndexList(std::string_view text, std::int64_t completions);

}  // namespace kless::kubernetes
