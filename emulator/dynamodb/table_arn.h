// ARNs of tables, and of their streams and indexes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "emulator/dynamodb/table_state.h"

namespace kless::dynamodb {

// The parts of "arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE".
struct Arn {
  std::string_view partition;
  std::string_view service;
  std::string_view region;
  std::string_view account;
  std::string_view resource;
};
// nullopt: the text does not have as many parts.
std::optional<Arn> ParseArn(std::string_view text);

// The parts of "arn:aws:dynamodb:REGION:ACCOUNT:table/NAME[/KIND/REST]".
struct TableArn {
  Scope scope;
  std::string table;
  std::string kind;  // "stream", "index"; "": the table
  std::string rest;
};
// nullopt: the text is not such an ARN.
std::optional<TableArn> ParseTableArn(std::string_view text);
std::string TableArnText(const Scope& scope, const std::string& table);

}  // namespace kless::dynamodb
