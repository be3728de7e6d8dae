#include "functions/pool/function_settings.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless {
namespace {

using nlohmann::json;

constexpr std::string_view kMappingPrefix = "mapping.";

// Calls `found` with the table's field and the object that contains it.
template <typename Settings, typename Found>
bool FindFunctionField(const std::string& name, Settings& settings, const Found& found) {
  if (name.starts_with(kMappingPrefix)) {
    for (const auto& field : MappingFields()) {
      if (kMappingPrefix.size() + field.name.size() != name.size()) continue;
      if (!name.ends_with(field.name)) continue;
      found(field, settings.mapping);
      return true;
    }
    return false;
  }
  for (const auto& field : FunctionFields()) {
    if (field.name != name) continue;
    found(field, settings.config);
    return true;
  }
  return false;
}

json Plain(const json& value) {
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::floor(number) == number && std::abs(number) < 1e15) {
      return json(static_cast<std::int64_t>(number));
    }
  }
  if (value.is_object() && value.size() == 1 && value.contains("constant_ms")) {
    return Plain(value["constant_ms"]);
  }
  if (!value.is_structured()) return value;
  json made = value;
  for (json& inner : made) inner = Plain(inner);
  return made;
}

}  // namespace

const std::vector<FunctionSetting>& AllFunctionSettings() {
  static const std::vector<FunctionSetting> settings = [] {
    std::vector<FunctionSetting> made;
    for (const auto& field : FunctionFields()) made.push_back({field.name, field.help});
    for (const auto& field : MappingFields()) {
      made.push_back({std::string(kMappingPrefix) + field.name, field.help});
    }
    return made;
  }();
  return settings;
}

Result<void> SetFunctionField(const std::string& name, const std::string& text,
                              FunctionSettings* settings) {
  Result<void> set;
  const bool known = FindFunctionField(name, *settings, [&](const auto& field, auto& target) {
    set = field.set(target, FunctionFieldValue(text));
  });
  if (known) return set;
  std::vector<std::string> names;
  for (const FunctionSetting& each : AllFunctionSettings()) names.push_back(each.name);
  return MakeError(ErrorCode::kInvalidArgument,
                   "unknown field '" + name + "'" + DidYouMean(name, names));
}

std::string FunctionFieldText(const std::string& name, const FunctionSettings& settings) {
  std::string text;
  FindFunctionField(name, settings, [&](const auto& field, const auto& source) {
    text = PlainText(field.get(source));
  });
  return text;
}

Result<FunctionSettings> WithFunctionTexts(FunctionSettings settings, const FunctionTexts& texts) {
  for (const auto& [name, text] : texts) {
    const auto set = SetFunctionField(name, text, &settings);
    if (set.has_error()) {
      return MakeError(ErrorCode::kInvalidArgument, name + ": " + set.error().message);
    }
  }
  return settings;
}

json FunctionFieldValue(const std::string& text) {
  auto value = ParseJson(text);
  return value.has_error() ? json(text) : std::move(value.value());
}

std::string PlainText(const json& value) {
  return value.is_string() ? value.get<std::string>() : DumpJson(Plain(value));
}

}  // namespace kless
