// UserFunction: a function that a user has registered, as data: what it runs, its configuration
// and its event source mapping.  No I/O beyond a look at whether a command can be found.
//
// Its JSON form is what POST and GET functions speak and what the store keeps:
//   {"name": "widgets", and the other fields of FunctionConfig,
//    "command": ["python3", "reconcile.py"], "folder": "/home/me", "environment": {"A": "b"},
//    or "url": "http://127.0.0.1:9000/reconcile",
//    "mapping": null, or {"table": "resources", "resource_types": ["widget"], "filters": [PATTERN],
//                         and the fields of MappingConfigToJson}}
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/event_source_mapping.h"
#include "functions/function.h"

namespace kless {

class Store;

struct UserMapping {
  EventSourceMappingConfig config;          // without filter; name and function are the function's
  std::vector<std::string> resource_types;  // of the resource table; empty: all
  std::vector<std::string> filters;         // JSON texts of patterns; one must match; empty: all
};

struct UserFunction {
  FunctionConfig config;
  std::vector<std::string> command;  // empty: it is a URL
  std::string folder;                // of the command, absolute
  std::map<std::string, std::string> environment;
  std::string url;
  std::optional<UserMapping> mapping;  // none: it is invoked by hand only
};

nlohmann::json UserFunctionToJson(const UserFunction& function);
// A new one; what is left out has its default: "folder" is where this process runs, "mapping" is
// one of the resource table.  kInvalidArgument names the field at fault.
Result<UserFunction> ParseUserFunction(const nlohmann::json& json);
// `function` with the given fields replaced, those of "mapping" singly.  kInvalidArgument: as
// above, or a field that cannot change: the name, and of a mapping its table and starting position.
Result<UserFunction> PatchUserFunction(UserFunction function, const nlohmann::json& patch);
// kInvalidArgument: the command or its folder is not there.
Result<void> CheckCommandOf(const UserFunction& function);

// The mapping's configuration with the filter of its resource types and patterns.  The store
// outlives it.  kInvalidArgument: unknown table.
Result<EventSourceMappingConfig> MappingConfigOf(const UserFunction& function, Store& store);

}  // namespace kless
