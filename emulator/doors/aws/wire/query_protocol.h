// QueryProtocol: AWS's Query protocol: a form with the parameters Action and Version, as the body
// of a POST or in the target; replies in XML.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
//
// The order of checks: form, version, signature, action, then as for JSON.  The input becomes JSON
// by its shape, so an operation has one function for both protocols; what it returns becomes XML by
// the shape of the output.
#pragma once

#include <string>

#include "emulator/base/padded_parser.h"
#include "emulator/doors/aws/wire/protocol.h"
#include "emulator/doors/aws/wire/query_form.h"
#include "emulator/doors/aws/wire/replies.h"

namespace kless::doors::aws {

// Whether a request is one of this protocol: by its content type or the parameter Action.
bool IsQueryRequest(const HttpRequest& request);

class QueryProtocol final : public Protocol {
 public:
  // All must outlive the protocol.
  QueryProtocol(const AccountDefaults& defaults, const Services& services, Replies& replies)
      : defaults_(defaults), services_(services), replies_(replies) {}

  // A request to the path of a queue is one with that QueueUrl, unless it has another.
  BegunRequest Begin(HttpRequest& request) override;
  HttpResponse Finish(const HttpRequest& request, BegunRequest begun) override;

 private:
  AwsResult<void> Run(const HttpRequest& request, BegunRequest* begun);
  AwsResult<std::string> ReplyText(const BegunRequest& begun, const std::string& id);

  const AccountDefaults& defaults_;
  const Services& services_;
  Replies& replies_;
  PaddedParser parser_;
};

}  // namespace kless::doors::aws
