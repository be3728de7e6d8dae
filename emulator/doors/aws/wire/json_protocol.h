// JsonProtocol: AWS's JSON protocols 1.0 and 1.1: POST / with the operation in the header
// X-Amz-Target.  https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
//
// The order of checks: content type, compression, JSON, target, signature, types, constraints; then
// the operation itself.
#pragma once

#include "emulator/base/padded_parser.h"
#include "emulator/doors/aws/wire/protocol.h"
#include "emulator/doors/aws/wire/replies.h"

namespace kless::doors::aws {

class JsonProtocol final : public Protocol {
 public:
  // Both must outlive the protocol.
  JsonProtocol(const AccountDefaults& defaults, const Services& services, Replies& replies)
      : defaults_(defaults), services_(services), replies_(replies) {}

  BegunRequest Begin(HttpRequest& request) override;
  HttpResponse Finish(const HttpRequest& request, BegunRequest begun) override;

 private:
  void Run(const HttpRequest& request, BegunRequest* begun);

  const AccountDefaults& defaults_;
  const Services& services_;
  Replies& replies_;
  PaddedParser parser_;
};

}  // namespace kless::doors::aws
