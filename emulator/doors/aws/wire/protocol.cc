#include "emulator/doors/aws/wire/protocol.h"

#include <algorithm>
#include <utility>

#include "emulator/doors/aws/wire/signature.h"
#include "emulator/doors/aws/wire/validator.h"

namespace kless::doors::aws {

bool IsAccount(std::string_view text) {
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

AwsResult<Caller> ReadCaller(const HttpRequest& request, const Service& service,
                             const AccountDefaults& defaults) {
  KLESS_TRY(const Credential credential,
            ParseSignature({request.headers, request.query}, service.signing_name));
  return Caller{credential.access_key,
                IsAccount(credential.access_key) ? credential.access_key : defaults.account,
                credential.region};
}

void RunOperation(const HttpRequest& request, const Caller& caller, simdjson::dom::element body,
                  BegunRequest* begun) {
  const Service& service = *begun->service;
  auto checked = Validate(*begun->entry->input, body, service.java_package, service.older_texts);
  if (checked.has_error()) {
    AwsError error = std::move(checked).error();
    if (error.origin == ErrorOrigin::kValidate && !service.constraint_error.empty()) {
      error.origin = ErrorOrigin::kService;
      error.type = service.constraint_error;
    }
    begun->result = std::move(error);
    return;
  }
  const Operation& operation = *begun->entry->operation;
  const OperationRequest call{operation.name, Input(body.get_object().value_unsafe()), caller,
                              request.Header("host")};
  if (!operation.wait) {
    begun->result = operation.run(call);
    return;
  }
  auto waiting = operation.wait(call);
  if (waiting.has_error()) {
    begun->result = waiting.error();
  } else {
    begun->later = std::move(waiting).value();
  }
}

}  // namespace kless::doors::aws
