// Service and Operation: what a door of AWS serves, as a table.
//
// An operation is one entry of the table and one function.  The function gets an input that the
// validator has accepted, does its work in the same step, and returns the text of the reply or an
// error; the reply is sent after the commit, as in every door.  An operation that waits has a
// function that reads the input in the same step and returns a task that owns what it needs.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/loop/task.h"
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

// Returns a JSON object; protocols with another form convert it by the shape of the output.
using OperationFunction = std::function<AwsResult<std::string>(const OperationRequest&)>;
// The request lives only as long as the call, not as long as the task.
using WaitingReply = AwsResult<Task<AwsResult<std::string>>>;
using WaitingFunction = std::function<WaitingReply(const OperationRequest&)>;

struct Operation {
  std::string name;   // "PutItem"
  std::string input;  // the name of its shape, "PutItemInput"
  OperationFunction run = {};
  WaitingFunction wait = {};  // instead of `run`, if the operation may wait
  std::string output = {};    // the name of its shape; only the Query protocol needs it
};

enum class JsonVersion { k10, k11 };

// The Query protocol of a service; an empty version: it does not speak it.
struct QueryForm {
  std::string version;        // "2012-11-05"
  std::string xml_namespace;  // of replies: "http://queue.amazonaws.com/doc/2012-11-05/"
};

struct Service {
  std::string target_prefix;  // of X-Amz-Target: "DynamoDB_20120810"
  std::string signing_name;   // in the credential scope: "dynamodb"
  // Errors name classes of this package, and __type begins with it:
  // "com.amazonaws.dynamodb.v20120810".  "": __type is the bare name.
  std::string java_package;
  std::string_view shapes;  // see shape.h; must outlive the door
  std::vector<Operation> operations;
  bool older_texts = false;  // of constraint errors, see validator.h
  JsonVersion json = JsonVersion::k10;
  // DynamoDB's replies: x-amz-crc32, and request ids of 52 characters instead of UUIDs.
  bool has_checksums = false;
  // The type of constraint errors, if the service has one of its own: "InvalidParameterException".
  std::string constraint_error = {};
  QueryForm query = {};
  // JSON errors name those of the Query protocol in x-amzn-query-error:
  // https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
  bool is_query_compatible = false;
};

}  // namespace kless::doors::aws
