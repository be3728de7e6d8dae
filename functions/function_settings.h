// FunctionSettings: all that config files, flags, scenarios and latency profiles can say of one
// function, as fields with one name each: those of its configuration ("init") and those of its
// event source mapping ("mapping.batch_size").
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/event_source_mapping.h"
#include "functions/function.h"

namespace kless {

struct FunctionSettings {
  FunctionConfig config;
  EventSourceMappingConfig mapping;
};

struct FunctionSetting {
  std::string name;  // "timeout_ms", "mapping.batch_size"
  std::string help;  // see ConfigField
};
// In the order of their tables.
const std::vector<FunctionSetting>& AllFunctionSettings();

// Sets one field from its text: JSON, else a text ("30s", go).  kInvalidArgument: a sentence
// without its subject, as ConfigField::set; or an unknown field, with the nearest known one.
Result<void> SetFunctionField(const std::string& name, const std::string& text,
                              FunctionSettings* settings);
// The text that SetFunctionField reads; "" for an unknown field.
std::string FunctionFieldText(const std::string& name, const FunctionSettings& settings);

// Texts by field, of one function.
using FunctionTexts = std::map<std::string, std::string>;
// `settings` with the given fields replaced.  kInvalidArgument: "FIELD: sentence", or what the
// fields may not be together.
Result<FunctionSettings> WithFunctionTexts(FunctionSettings settings, const FunctionTexts& texts);

// The value that a text of a field means: JSON, else the text itself.
nlohmann::json FunctionFieldValue(const std::string& text);
// JSON as people write it: 450 for 450.0, and {"constant_ms": 450} as 450.
std::string PlainText(const nlohmann::json& value);

}  // namespace kless
