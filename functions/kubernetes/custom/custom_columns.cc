// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor/tableconvertor.go
#include "functions/kubernetes/custom/custom_columns.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/custom/schema/go_numbers.h"
#include "functions/kubernetes/custom/schema/json_path.h"
#include "functions/kubernetes/types/go_text.h"
#include "functions/kubernetes/values/human_duration.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

json DateCell(const json& value, std::int64_t unix_nanos) {
  if (!value.is_string()) return nullptr;
  const auto time = ParseTime(value.get_ref<const std::string&>());
  return time ? HumanDuration(unix_nanos - *time) : std::string("<invalid>");
}

// Converts as Go does on amd64, where a number that fits no int64 becomes the smallest one.
std::int64_t Truncated(double number) {
  using Limits = std::numeric_limits<std::int64_t>;
  constexpr double kBeyond = 9223372036854775808.0;  // 2^63
  if (!(number >= -kBeyond && number < kBeyond)) return Limits::min();
  return static_cast<std::int64_t>(number);
}

json IntegerCell(const json& value) {
  // An int64 is kept; larger numbers are float64 in Go.
  return IsInt64(value) ? value : json(Truncated(value.get<double>()));
}

json CellOfText(const json& value) {
  if (value.is_string()) return value;
  return value.is_number_float() ? GoFloat(value.get<double>()) : DumpJson(value);
}

json CellOf(const std::string& type, const json& value, std::int64_t unix_nanos) {
  if (type == "string") return CellOfText(value);
  if (type == "date") return DateCell(value, unix_nanos);
  if (type == "boolean" && value.is_boolean()) return value;
  if (type == "number" && value.is_number()) return value;
  if (type == "integer" && value.is_number()) return IntegerCell(value);
  return nullptr;
}

Column ColumnOf(const json& printed) {
  Column column;
  column.name = StringAt(printed, "name");
  column.type = StringAt(printed, "type");
  column.format = StringAt(printed, "format");
  column.description = StringAt(printed, "description");
  if (column.description.empty()) {
    column.description =
        "Custom resource definition column (in JSONPath format): " + StringAt(printed, "jsonPath");
  }
  column.priority = static_cast<int>(
      std::clamp<std::int64_t>(IntegerAt(printed, "priority").value_or(0),
                               std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
  const auto path = JsonPath::Parse(StringAt(printed, "jsonPath"));
  column.cell = [path, type = column.type](const json& object, std::int64_t unix_nanos) -> json {
    const json* value = path ? path->Find(object) : nullptr;
    return value == nullptr ? json() : CellOf(type, *value, unix_nanos);
  };
  return column;
}

}  // namespace

std::vector<Column> CustomColumns(const json& version) {
  std::vector<Column> columns = {NameColumn()};
  const json* printed = Find(version, "additionalPrinterColumns");
  for (std::size_t i = 0; i < SizeOf(printed); ++i) columns.push_back(ColumnOf((*printed)[i]));
  if (SizeOf(printed) == 0) columns.push_back(AgeColumn());
  return columns;
}

}  // namespace kless::kubernetes
