// FunctionDefinition: a function of Lambda as its clients define it, and its JSON form in the
// store.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "functions/pool/function.h"
#include "functions/pool/function_code.h"

namespace kless::lambda {

struct FunctionDefinition {
  std::string name;
  std::string account;  // of its creator
  std::string region;
  std::string runtime;
  std::string handler;
  std::string role;
  std::string description;
  int memory_mb = 128;
  int timeout_s = 3;
  std::map<std::string, std::string> environment;
  std::vector<std::string> architectures = {"x86_64"};
  std::map<std::string, std::string> tags;
  std::optional<int> reserved_concurrency;
  std::string code_sha256;  // base64
  std::size_t code_bytes = 0;
  std::string revision;       // a UUID, new with every change
  std::string last_modified;  // "2026-12-01T12:00:00.000+0000"

  // "arn:aws:lambda:REGION:ACCOUNT:function:NAME"
  std::string Arn() const;
};

nlohmann::json DefinitionToJson(const FunctionDefinition& function);
FunctionDefinition DefinitionFromJson(const nlohmann::json& json);
// What the pool and the process of an environment need to know; `folder` has the code.
FunctionConfig PoolConfigOf(const FunctionDefinition& function);
FunctionCode CodeOf(const FunctionDefinition& function, const std::string& folder);

}  // namespace kless::lambda
