#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "emulator/base/files.h"
#include "emulator/base/json.h"
#include "emulator/base/text_table.h"
#include "emulator/experiment/number_text.h"
#include "emulator/experiment/outputs.h"

namespace kless::experiment {
namespace {

using nlohmann::json;

struct Value {
  std::string case_name, metric, unit;
  double value = 0;
};

struct Summary {
  std::vector<Value> values;  // in the order of the file
  std::map<std::pair<std::string, std::string>, double> by_name;
};

Result<Summary> ReadSummary(const std::string& folder) {
  const std::string path = folder + "/summary.json";
  const auto text = ReadFile(path);
  if (text.has_error()) {
    return MakeError(ErrorCode::kNotFound,
                     folder + " is not the folder of an experiment: " + text.error().message);
  }
  const auto document = ParseJson(text.value());
  if (document.has_error()) {
    return MakeError(ErrorCode::kInvalidArgument, path + ": " + document.error().message);
  }
  Summary summary;
  try {
    for (const json& row : document.value().at("results")) {
      Value value{row.at("case"), row.at("metric"), row.at("unit"), row.at("value")};
      summary.by_name[{value.case_name, value.metric}] = value.value;
      summary.values.push_back(std::move(value));
    }
  } catch (const json::exception& error) {
    return MakeError(ErrorCode::kInvalidArgument,
                     path + " is not the summary of an experiment: " + error.what());
  }
  return summary;
}

std::string Ratio(double a, double b) { return a == 0 ? "" : FormatShort(b / a); }

}  // namespace

Result<std::string> CompareSummaries(const std::string& folder_a, const std::string& folder_b) {
  const auto a = ReadSummary(folder_a);
  if (a.has_error()) return a.error();
  const auto b = ReadSummary(folder_b);
  if (b.has_error()) return b.error();
  TextTable table({"case", "metric", "unit", "A", "B", "B / A"});
  table.AlignRightFrom(3);
  std::size_t equal = 0, different = 0, only_a = 0;
  for (const Value& value : a.value().values) {
    const auto other = b.value().by_name.find({value.case_name, value.metric});
    if (other == b.value().by_name.end()) {
      ++only_a;
      table.Add({value.case_name, value.metric, value.unit, FormatShort(value.value), "-", ""});
    } else if (other->second == value.value) {
      ++equal;
    } else {
      ++different;
      table.Add({value.case_name, value.metric, value.unit, FormatShort(value.value),
                 FormatShort(other->second), Ratio(value.value, other->second)});
    }
  }
  std::size_t only_b = 0;
  for (const Value& value : b.value().values) {
    if (a.value().by_name.contains({value.case_name, value.metric})) continue;
    ++only_b;
    table.Add({value.case_name, value.metric, value.unit, "-", FormatShort(value.value), ""});
  }
  std::string text = "A: " + folder_a + "\nB: " + folder_b + "\n\n";
  if (different + only_a + only_b > 0) text += table.Text() + '\n';
  text += std::to_string(equal) + " metrics are equal, " + std::to_string(different) + " differ";
  if (only_a + only_b > 0) {
    text +=
        ", " + std::to_string(only_a) + " are only in A, " + std::to_string(only_b) + " only in B";
  }
  return text + '\n';
}

}  // namespace kless::experiment
