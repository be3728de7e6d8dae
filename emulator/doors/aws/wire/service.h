// Service and Operation: what a door of AWS serves, as a table.
//
// An operation is one entry of the table and one function.  The function gets an input that the
// validator has accepted, does its work in the same step, and returns the text of the reply or an
// error; the reply is sent after the commit, as in every door.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/doors/aws/wire/authorize.h"
#include "emulator/doors/aws/wire/aws_error.h"
#include "emulator/doors/aws/wire/input.h"

namespace kless::doors::aws {

struct OperationRequest {
  std::string_view operation;  // "PutItem"
  Input input;
  const Caller& caller;
  std::string_view host;  // the header Host: "localhost:8080"
};

// Returns a JSON object.
using OperationFunction = std::function<AwsResult<std::string>(const OperationRequest&)>;

struct Operation {
  std::string name;   // "PutItem"
  std::string input;  // the name of its shape, "PutItemInput"
  OperationFunction run;
};

struct Service {
  std::string target_prefix;  // of X-Amz-Target: "DynamoDB_20120810"
  std::string signing_name;   // in the credential scope: "dynamodb"
  // Errors name classes of this package, and __type begins with it:
  // "com.amazonaws.dynamodb.v20120810".
  std::string java_package;
  std::string_view shapes;  // see shape.h; must outlive the door
  std::vector<Operation> operations;
  bool older_texts = false;  // of constraint errors, see validator.h
};

}  // namespace kless::doors::aws
