#include "functions/pool/user/user_function.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/loop/command.h"
#include "emulator/base/strings.h"
#include "functions/pool/mapping/filter_pattern.h"
#include "functions/pool/mapping/stream_event.h"
#include "store/store.h"

namespace kless {
namespace {

using nlohmann::json;

Error BadUserFunction(const std::string& what) {
  return MakeError(ErrorCode::kInvalidArgument, "function configuration: " + what);
}

Error BadMapping(const std::string& what) {
  return MakeError(ErrorCode::kInvalidArgument, "event source mapping: " + what);
}

bool IsText(const json& value) {
  return value.is_string() && value.get_ref<const std::string&>().find('\0') == std::string::npos;
}

bool IsListOfTexts(const json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), IsText);
}

// Names the most similar known word, or else all.
std::string Hint(const std::string& field, const std::vector<std::string>& known) {
  const std::string near = DidYouMean(field, known);
  if (!near.empty()) return near;
  std::string all;
  for (const std::string& word : known) all += (all.empty() ? "; known: " : ", ") + word;
  return all;
}

// ---- the mapping

Result<void> ReadFilters(const json& value, std::vector<std::string>* filters) {
  if (!value.is_array() || value.size() > kFilterPatternsMax) {
    return BadMapping("'filters' must be a list of at most " + std::to_string(kFilterPatternsMax) +
                      " patterns");
  }
  filters->clear();
  for (const json& given : value) {
    json pattern = given;
    // As in Lambda's FilterCriteria, the pattern is a text.
    if (given.is_object() && given.size() == 1 && given.contains("Pattern") &&
        given["Pattern"].is_string()) {
      auto parsed = ParseJson(given["Pattern"].get<std::string>());
      if (parsed.has_error()) return BadMapping("'filters': " + parsed.error().message);
      pattern = std::move(parsed.value());
    }
    const auto checked = CheckFilterPattern(pattern);
    if (checked.has_error()) return BadMapping("'filters': " + checked.error().message);
    filters->push_back(DumpJson(pattern));
  }
  return {};
}

Result<void> PatchMappingField(const std::string& field, const json& value, bool is_new,
                               UserMapping* mapping) {
  EventSourceMappingConfig& config = mapping->config;
  if (field == "resource_types") {
    if (!IsListOfTexts(value)) {
      return BadMapping(R"('resource_types' must be a list such as ["job", "pod"])");
    }
    mapping->resource_types = value.get<std::vector<std::string>>();
    return {};
  }
  if (field == "filters") return ReadFilters(value, &mapping->filters);
  if (field == "table") {
    if (!IsText(value)) return BadMapping("'table' must be the name of a table");
    const std::string table = value.get<std::string>();
    if (!is_new && table != config.table) {
      return BadMapping("'table' cannot change from '" + config.table + "' to '" + table +
                        "'; set the mapping to null first, then to the new one");
    }
    config.table = table;
    return {};
  }
  const auto& known = MappingConfigFields();
  if (std::find(known.begin(), known.end(), field) == known.end()) {
    std::vector<std::string> all = known;
    all.insert(all.end(), {"table", "resource_types", "filters"});
    return BadMapping("unknown field '" + field + "'" + Hint(field, all));
  }
  const StartingPosition before = config.starting_position;
  KLESS_TRY_VOID(PatchMappingConfig(field, value, &config));
  if (!is_new && config.starting_position != before) {
    return BadMapping(
        "'starting_position' cannot change: the mapping has begun to read; set the "
        "mapping to null first, then to the new one");
  }
  return {};
}

Result<void> PatchMapping(const json& value, UserFunction* function) {
  if (value.is_null()) {
    function->mapping.reset();
    return {};
  }
  if (!value.is_object()) return BadMapping("must be an object, or null for none");
  const bool is_new = !function->mapping;
  UserMapping mapping = function->mapping.value_or(UserMapping{});
  if (is_new) mapping.config.table = ResourceTable::kTableName;
  for (const auto& [field, field_value] : value.items()) {
    KLESS_TRY_VOID(PatchMappingField(field, field_value, is_new, &mapping));
  }
  if (!mapping.resource_types.empty() && mapping.config.table != ResourceTable::kTableName) {
    return BadMapping(std::string("'resource_types' are those of table '") +
                      ResourceTable::kTableName + "', not of '" + mapping.config.table +
                      "'; use 'filters'");
  }
  function->mapping = std::move(mapping);
  return {};
}

json MappingToJson(const UserMapping& mapping) {
  json made = MappingConfigToJson(mapping.config);
  made["table"] = mapping.config.table;
  made["resource_types"] = mapping.resource_types;
  made["filters"] = json::array();
  for (const std::string& filter : mapping.filters) {
    made["filters"].push_back(json::parse(filter, nullptr, /*allow_exceptions=*/false));
  }
  return made;
}

// ---- the target

bool IsVariableName(const std::string& name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
         });
}

Result<void> ReadEnvironment(const json& value, std::map<std::string, std::string>* environment) {
  environment->clear();
  if (value.is_null()) return {};
  if (!value.is_object())
    return BadUserFunction(R"('environment' must be an object such as {"LEVEL": "debug"})");
  for (const auto& [name, text] : value.items()) {
    if (!IsVariableName(name)) {
      return BadUserFunction("'environment': '" + name + "' is not the name of a variable");
    }
    if (!IsText(text)) return BadUserFunction("'environment': '" + name + "' must be a text");
    environment->emplace(name, text.get<std::string>());
  }
  return {};
}

Result<void> ReadFolder(const json& value, std::string* folder) {
  if (!IsText(value) || !std::filesystem::path(value.get<std::string>()).is_absolute()) {
    return BadUserFunction("'folder' must be an absolute path");
  }
  *folder = value.get<std::string>();
  return {};
}

Result<void> PatchUserField(const std::string& field, const json& value, UserFunction* function) {
  if (field == "command") {
    function->command.clear();
    if (value.is_null()) return {};
    if (!IsListOfTexts(value) || value.empty() || value[0].get<std::string>().empty()) {
      return BadUserFunction(
          R"('command' must be a list of texts such as ["python3", "reconcile.py"])");
    }
    function->command = value.get<std::vector<std::string>>();
    return {};
  }
  if (field == "url") {
    function->url.clear();
    if (value.is_null()) return {};
    if (!IsText(value) || value.get<std::string>().empty()) {
      return BadUserFunction("'url' must be a text such as http://127.0.0.1:9000/");
    }
    function->url = value.get<std::string>();
    return {};
  }
  if (field == "handler") {
    if (!IsText(value) && !value.is_null()) {
      return BadUserFunction("'handler' must be a text such as app.handler");
    }
    function->handler = value.is_null() ? "" : value.get<std::string>();
    return {};
  }
  if (field == "folder") return ReadFolder(value, &function->folder);
  if (field == "environment") return ReadEnvironment(value, &function->environment);
  return PatchMapping(value, function);
}

bool RunsHere(const UserFunction& function) {
  return !function.command.empty() || !function.handler.empty();
}

// Checks combinations of fields.
Result<void> CheckTarget(const UserFunction& function) {
  const int targets = (function.command.empty() ? 0 : 1) + (function.url.empty() ? 0 : 1) +
                      (function.handler.empty() ? 0 : 1);
  if (targets != 1) {
    return BadUserFunction(std::string(targets == 0 ? "set" : "set only one of") +
                           R"( 'command', such as ["python3", "reconcile.py"], 'handler', such as )"
                           "app.handler, or 'url', such as http://127.0.0.1:9000/");
  }
  if (!RunsHere(function) && !(function.environment.empty() && function.folder.empty())) {
    return BadUserFunction(
        "'environment' and 'folder' belong to a command or handler; a URL has neither");
  }
  return {};
}

std::string WorkingFolder() {
  std::error_code ignored;
  return std::filesystem::current_path(ignored).string();
}

bool IsGiven(const json& source, const char* field) {
  const auto found = source.find(field);
  return found != source.end() && !found->is_null();
}

}  // namespace

json UserFunctionToJson(const UserFunction& function) {
  json made = FunctionConfigToJson(function.config);
  if (!RunsHere(function)) {
    made["url"] = function.url;
  } else {
    if (!function.command.empty()) made["command"] = function.command;
    if (!function.handler.empty()) made["handler"] = function.handler;
    made["folder"] = function.folder;
    made["environment"] = function.environment;
  }
  made["mapping"] = function.mapping ? MappingToJson(*function.mapping) : json();
  return made;
}

Result<UserFunction> ParseUserFunction(const json& given) {
  if (!given.is_object()) return BadUserFunction("must be an object");
  if (!given.contains("name")) return BadUserFunction("'name' is required");
  json source = given;
  if (!source.contains("mapping")) source["mapping"] = json::object();
  if ((IsGiven(source, "command") || IsGiven(source, "handler")) && !source.contains("folder")) {
    source["folder"] = WorkingFolder();
  }
  if (IsGiven(source, "handler") && !source.contains("init_mode")) source["init_mode"] = "measured";
  return PatchUserFunction({}, source);
}

Result<UserFunction> PatchUserFunction(UserFunction function, const json& patch) {
  if (!patch.is_object()) return BadUserFunction("must be an object");
  static const std::vector<std::string> kOwn = {"command", "url",         "handler",
                                                "folder",  "environment", "mapping"};
  const auto& others = FunctionConfigFields();
  const bool was_handler = !function.handler.empty();
  const bool is_new = function.config.name.empty();
  if (!is_new && was_handler != (was_handler ? !IsGiven(patch, "command") && !IsGiven(patch, "url")
                                             : IsGiven(patch, "handler"))) {
    return BadUserFunction(
        "a function with a 'handler' cannot become another kind, nor the reverse; delete it and "
        "create it again");
  }
  // A command replaces a URL, and the reverse.
  if (IsGiven(patch, "url") && !IsGiven(patch, "command")) {
    function.command.clear();
    function.folder.clear();
    function.environment.clear();
  }
  if (IsGiven(patch, "command") && !IsGiven(patch, "url")) {
    if (function.command.empty() && function.folder.empty()) function.folder = WorkingFolder();
    function.url.clear();
  }
  json config = json::object();
  for (const auto& [field, value] : patch.items()) {
    if (std::find(kOwn.begin(), kOwn.end(), field) != kOwn.end()) {
      KLESS_TRY_VOID(PatchUserField(field, value, &function));
    } else if (std::find(others.begin(), others.end(), field) != others.end()) {
      config[field] = value;
    } else {
      const auto& of_mapping = MappingConfigFields();
      if (std::find(of_mapping.begin(), of_mapping.end(), field) != of_mapping.end()) {
        return BadUserFunction("unknown field '" + field + "'; did you mean 'mapping." + field +
                               "'?");
      }
      std::vector<std::string> all = kOwn;
      all.insert(all.end(), others.begin(), others.end());
      return BadUserFunction("unknown field '" + field + "'" + Hint(field, all));
    }
  }
  KLESS_TRY(auto patched, PatchFunctionConfig(std::move(function.config), config));
  function.config = std::move(patched);
  KLESS_TRY_VOID(CheckTarget(function));
  if (function.mapping) {
    function.mapping->config.name = function.config.name;
    function.mapping->config.function = function.config.name;
    KLESS_TRY_VOID(ValidateMappingConfig(function.mapping->config));
  }
  return function;
}

Result<void> CheckCommandOf(const UserFunction& function) {
  if (function.command.empty()) return {};
  const auto checked = CheckCommand(function.command, function.folder);
  if (checked.has_error()) return BadUserFunction("'command': " + checked.error().message);
  return {};
}

FunctionCode CodeOf(const UserFunction& function) {
  FunctionCode code;
  code.name = function.config.name;
  code.arn =
      std::string("arn:aws:lambda:") + kAwsRegion + ":" + kAwsAccount + ":function:" + code.name;
  code.region = kAwsRegion;
  code.runtime = function.config.runtime;
  code.handler = function.handler;
  code.folder = function.folder;
  code.environment = function.environment;
  code.log_group = "/aws/lambda/" + code.name;
  return code;
}

Result<EventSourceMappingConfig> MappingConfigOf(const UserFunction& function, Store& store,
                                                 const RecordSourcePtr& source) {
  const UserMapping& mapping = *function.mapping;
  EventSourceMappingConfig config = mapping.config;
  config.source = source;
  const Table* const table = store.FindTable(config.table);
  if (table == nullptr) {
    std::vector<std::string> names;
    for (const Table* other : store.Tables()) names.push_back(other->description().name);
    return BadMapping("there is no table '" + config.table + "'" + Hint(config.table, names));
  }
  json shown = json::array();
  if (!mapping.resource_types.empty()) {
    shown.push_back(
        {{"dynamodb",
          {{"Keys", {{ResourceTable::kTypeAttribute, {{"S", mapping.resource_types}}}}}}}});
  }
  auto patterns = std::make_shared<std::vector<json>>();
  for (const std::string& filter : mapping.filters) {
    patterns->push_back(json::parse(filter, nullptr, /*allow_exceptions=*/false));
    shown.push_back(patterns->back());
  }
  if (shown.empty()) return config;
  config.filter_text = DumpJson(shown.size() == 1 ? shown[0] : shown);
  config.filter = [&resources = store.resources(), &description = table->description(),
                   types = mapping.resource_types, patterns, source](const ChangeRecord& record) {
    if (!types.empty() &&
        std::find(types.begin(), types.end(), resources.IdOf(record.key).type) == types.end()) {
      return false;
    }
    if (patterns->empty()) return true;
    const json event = StreamRecordToJson(description, record, source);
    return std::any_of(patterns->begin(), patterns->end(),
                       [&](const json& pattern) { return MatchesFilterPattern(pattern, event); });
  };
  return config;
}

}  // namespace kless
