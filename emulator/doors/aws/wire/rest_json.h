// RestJson: AWS's REST-JSON protocol: an operation by method and path, its input from the path, the
// query and a JSON body.  https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
//
// The order of checks: signature, JSON, types, constraints; then the operation itself.
#pragma once

#include <string>

#include "emulator/base/padded_parser.h"
#include "emulator/doors/aws/wire/protocol.h"
#include "emulator/doors/aws/wire/replies.h"

namespace kless::doors::aws {

struct RestRoute {
  std::string method;     // "POST"
  std::string pattern;    // "/2015-03-31/functions/{FunctionName}/code"; the names are members
  std::string operation;  // "UpdateFunctionCode"
  int status = 200;       // of success; 204: the reply has no body
};

class RestJson {
 public:
  // All must outlive it.
  RestJson(const AccountDefaults& defaults, const Services& services, Replies& replies)
      : defaults_(defaults), services_(services), replies_(replies) {}

  BegunRequest Begin(const HttpRequest& request, const Service& service, const RestRoute& route);
  HttpResponse Finish(const HttpRequest& request, const RestRoute& route, BegunRequest begun);
  AwsResult<Caller> CallerOf(const HttpRequest& request, const Service& service) const;
  // The header x-amzn-ErrorType names the error; the body has its text twice, as some of Lambda's
  // errors spell the member "Message" and others "message".
  HttpResponse ErrorReply(const HttpRequest& request, const AwsError& error);
  std::string NewRequestId() { return replies_.NewRequestId(); }

 private:
  AwsResult<std::string> InputText(const HttpRequest& request, const OperationEntry& entry);

  const AccountDefaults& defaults_;
  const Services& services_;
  Replies& replies_;
  PaddedParser parser_;
};

}  // namespace kless::doors::aws
