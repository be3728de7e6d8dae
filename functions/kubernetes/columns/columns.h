// The columns that `kubectl get` shows of an object: each kind's Table as data.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

struct Column {
  std::string name;    // "Up-to-date"
  std::string type;    // "string", "integer", "boolean", "date"
  std::string format;  // "name" of the first column, else ""
  std::string description;
  int priority = 0;  // 1: only in wide output
  // Returns the cell of an object; never throws, whatever the object looks like.
  std::function<nlohmann::json(const nlohmann::json& object, std::int64_t unix_nanos)> cell;
};

// Gives a kind columns of its own.
void SetColumns(Kind& kind, std::vector<Column> columns);

// The columns of a kind; Name and Age if it has none of its own.
const std::vector<Column>& ColumnsOf(const Kind& kind);

// The rows[].conditions of a Table, which say that an object has completed; null if nothing does.
nlohmann::json RowConditions(const Kind& kind, const nlohmann::json& object);

}  // namespace kless::kubernetes
