// UserFunction: a function that a user has registered, as data: its command, URL or handler, its
// configuration and its event source mapping.  No I/O except to check that a command can be found.
//
// Its JSON form is what POST and GET functions speak and what the store keeps:
//   {"name": "widgets", and the other fields of FunctionConfig,
//    "command": ["python3", "reconcile.py"], "folder": "/home/me", "environment": {"A": "b"},
//    or "url": "http://127.0.0.1:9000/reconcile",
//    or "handler": "app.handler", "folder": "/home/me/code", "environment": {"A": "b"},
//    "mapping": null, or {"table": "resources", "resource_types": ["widget"], "filters": [PATTERN],
//                         and the fields of MappingConfigToJson}}
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/pool/function.h"
#include "functions/pool/function_code.h"
#include "functions/pool/mapping/event_source_mapping.h"

namespace kless {

class Store;

struct UserMapping {
  // without filter; its name and function are those of the function
  EventSourceMappingConfig config;
  std::vector<std::string> resource_types;  // of the resource table; empty: all
  // JSON texts of patterns, one of which must match; empty: all
  std::vector<std::string> filters;
};

struct UserFunction {
  FunctionConfig config;
  std::vector<std::string> command;  // empty if it is a URL or a handler
  std::string handler;               // a function that runs as a process of its own; or ""
  std::string folder;  // working directory of the command, or the handler's code; absolute
  std::map<std::string, std::string> environment;
  std::string url;
  std::optional<UserMapping> mapping;  // nullopt if it is only invoked directly
};

nlohmann::json UserFunctionToJson(const UserFunction& function);
// Parses a new function.  Missing fields have defaults: "folder" is the working directory of this
// process, "mapping" is one of the resource table, the init of a handler is measured.
// kInvalidArgument names the field at fault.
Result<UserFunction> ParseUserFunction(const nlohmann::json& json);
// Returns `function` with the given fields replaced, those of "mapping" individually.
// kInvalidArgument: as above, or a field that cannot change: the name, and the mapping's table and
// starting position.
Result<UserFunction> PatchUserFunction(UserFunction function, const nlohmann::json& patch);
// kInvalidArgument: the command or its folder does not exist.
Result<void> CheckCommandOf(const UserFunction& function);

// The code of a function with a handler.
FunctionCode CodeOf(const UserFunction& function);

// Returns the mapping's configuration with the filter of its resource types and patterns, which
// match the records as the source shows them (null: see stream_event.h).  The store must outlive
// it. kInvalidArgument: unknown table.
Result<EventSourceMappingConfig> MappingConfigOf(const UserFunction& function, Store& store,
                                                 const RecordSourcePtr& source = nullptr);

}  // namespace kless
