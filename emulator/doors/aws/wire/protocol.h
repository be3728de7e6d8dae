// Protocol: how a request names its operation and its input, and the form of the reply.
//
// A request is one step up to the end of Begin: nothing is looked up before the checks of the
// protocol have passed.  If the operation waits, the door awaits its task; then Finish renders the
// result.
#pragma once

#include <optional>
#include <string>

#include "emulator/base/loop/task.h"
#include "emulator/doors/aws/wire/services.h"
#include "emulator/doors/http/router.h"

namespace kless::doors::aws {

struct AccountDefaults {
  std::string account = "000000000000";  // 12 digits; unless the access key is one
  std::string region = "us-east-1";      // for requests without a credential scope
};

struct BegunRequest {
  std::optional<HttpResponse> refused = {};  // the whole reply; all else is then empty
  const OperationEntry* entry = nullptr;     // null: the request names none
  const Service* service = nullptr;          // null: the request names none
  AwsResult<std::string> result = {};
  Task<AwsResult<std::string>> later = {};  // if it is valid, the result comes from it
  std::string content_type = {};            // of the reply
};

class Protocol {
 public:
  virtual ~Protocol() = default;
  virtual BegunRequest Begin(HttpRequest& request) = 0;
  virtual HttpResponse Finish(const HttpRequest& request, BegunRequest begun) = 0;
};

// 12 digits.
bool IsAccount(std::string_view text);

// The steps that all protocols share, once the input is JSON: signature; then types, constraints,
// and the operation, whose result or task goes to `*begun`.
AwsResult<Caller> ReadCaller(const HttpRequest& request, const Service& service,
                             const AccountDefaults& defaults);
void RunOperation(const HttpRequest& request, const Caller& caller, simdjson::dom::element body,
                  BegunRequest* begun);

}  // namespace kless::doors::aws
