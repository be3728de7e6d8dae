#include "emulator/lambda/function_definition.h"

#include <nlohmann/json.hpp>

namespace kless::lambda {

using nlohmann::json;

std::string FunctionDefinition::Arn() const {
  return "arn:aws:lambda:" + region + ":" + account + ":function:" + name;
}

json DefinitionToJson(const FunctionDefinition& function) {
  json made = {{"name", function.name},
               {"account", function.account},
               {"region", function.region},
               {"runtime", function.runtime},
               {"handler", function.handler},
               {"role", function.role},
               {"description", function.description},
               {"memory_mb", function.memory_mb},
               {"timeout_s", function.timeout_s},
               {"environment", function.environment},
               {"architectures", function.architectures},
               {"tags", function.tags},
               {"code_sha256", function.code_sha256},
               {"code_bytes", function.code_bytes},
               {"revision", function.revision},
               {"last_modified", function.last_modified}};
  if (function.reserved_concurrency) made["reserved_concurrency"] = *function.reserved_concurrency;
  return made;
}

FunctionDefinition DefinitionFromJson(const json& json) {
  FunctionDefinition function;
  json.at("name").get_to(function.name);
  json.at("account").get_to(function.account);
  json.at("region").get_to(function.region);
  json.at("runtime").get_to(function.runtime);
  json.at("handler").get_to(function.handler);
  json.at("role").get_to(function.role);
  json.at("description").get_to(function.description);
  json.at("memory_mb").get_to(function.memory_mb);
  json.at("timeout_s").get_to(function.timeout_s);
  json.at("environment").get_to(function.environment);
  json.at("architectures").get_to(function.architectures);
  json.at("tags").get_to(function.tags);
  json.at("code_sha256").get_to(function.code_sha256);
  json.at("code_bytes").get_to(function.code_bytes);
  json.at("revision").get_to(function.revision);
  json.at("last_modified").get_to(function.last_modified);
  if (json.contains("reserved_concurrency")) {
    function.reserved_concurrency = json.at("reserved_concurrency").get<int>();
  }
  return function;
}

FunctionConfig PoolConfigOf(const FunctionDefinition& function) {
  FunctionConfig config;
  config.name = function.name;
  config.memory_mb = function.memory_mb;
  config.timeout = std::chrono::seconds(function.timeout_s);
  config.runtime = function.runtime;
  config.init_mode = InitMode::kMeasured;
  config.reserved_concurrency = function.reserved_concurrency;
  return config;
}

FunctionCode CodeOf(const FunctionDefinition& function, const std::string& folder) {
  FunctionCode code;
  code.name = function.name;
  code.arn = function.Arn();
  code.region = function.region;
  code.runtime = function.runtime;
  code.handler = function.handler;
  code.folder = folder;
  code.environment = function.environment;
  code.log_group = "/aws/lambda/" + function.name;
  return code;
}

}  // namespace kless::lambda
