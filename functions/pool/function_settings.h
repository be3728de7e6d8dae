// FunctionSettings: all settings of one function in config files, flags, scenarios and latency
// profiles, as fields with one name each: those of its configuration ("init") and those of its
// event source mapping ("mapping.batch_size").
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/pool/function.h"
#include "functions/pool/mapping_config.h"

namespace kless {

struct FunctionSettings {
  FunctionConfig config;
  EventSourceMappingConfig mapping;
};

struct FunctionSetting {
  std::string name;  // "timeout_ms", "mapping.batch_size"
  std::string help;  // see ConfigField
};
// Returns them in the order of their tables.
const std::vector<FunctionSetting>& AllFunctionSettings();

// Sets one field from its text: JSON, else a text ("30s", go).  kInvalidArgument: a sentence
// without its subject, like ConfigField::set; or an unknown field, with the most similar known one.
Result<void> SetFunctionField(const std::string& name, const std::string& text,
                              FunctionSettings* settings);
// Returns the text that SetFunctionField parses; "" for an unknown field.
std::string FunctionFieldText(const std::string& name, const FunctionSettings& settings);

// The texts of one function, by field.
using FunctionTexts = std::map<std::string, std::string>;
// Returns `settings` with the given fields replaced.  kInvalidArgument: "FIELD: sentence", or which
// fields contradict each other.
Result<FunctionSettings> WithFunctionTexts(FunctionSettings settings, const FunctionTexts& texts);

// Returns the value of a field's text: JSON, else the text itself.
nlohmann::json FunctionFieldValue(const std::string& text);
// Returns JSON as people write it: 450 for 450.0, and {"constant_ms": 450} as 450.
std::string PlainText(const nlohmann::json& value);

}  // namespace kless
