// JsonProtocol: AWS's JSON 1.0 protocol: POST / with the operation in the header X-Amz-Target.
// https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
//
// The order of checks: content type, compression, JSON, target, signature, types, constraints; then
// the operation itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/padded_parser.h"
#include "emulator/base/random.h"
#include "emulator/doors/aws/wire/service.h"
#include "emulator/doors/aws/wire/shape.h"
#include "emulator/doors/aws/wire/signature.h"
#include "emulator/doors/http/router.h"

namespace kless::doors::aws {

// Bytes of a body, also after decompression.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
constexpr std::size_t kBodyBytesMax = 16u << 20;

struct AccountDefaults {
  std::string account = "000000000000";  // 12 digits; unless the access key is one
  std::string region = "us-east-1";      // for requests without a credential scope
};

class JsonProtocol {
 public:
  JsonProtocol(AccountDefaults defaults, std::uint64_t seed);

  // A target that was added before is replaced.
  void Add(Service service);
  // The reply to POST /.
  HttpResponse Answer(HttpRequest& request);

  // Replies that need no operation.
  HttpResponse Healthy(const HttpRequest& request);
  // 404 with a body in XML: another method, or another content type.
  HttpResponse UnknownOperation(const HttpRequest& request);
  HttpResponse Preflight(const HttpRequest& request);
  HttpResponse TooLarge();
  // What the HTTP server refuses: 400, 403, 408, 431, 500.
  HttpResponse Refused(const HttpRequest& request, int status, const std::string& message);

 private:
  struct Entry {
    const Service* service;
    const Operation* operation;
    const Shape* input;
  };
  struct Registered {
    explicit Registered(Service service)
        : service(std::move(service)), shapes(this->service.shapes) {}
    const Service service;
    const Shapes shapes;
  };

  HttpResponse Begin(const HttpRequest& request);
  HttpResponse Reply(const HttpRequest& request, int status, std::string content_type,
                     std::string body);
  AwsResult<std::string> Run(const HttpRequest& request, const Entry** entry);
  Caller CallerOf(const Credential& credential) const;
  std::string NewRequestId();

  const AccountDefaults defaults_;
  Random random_;
  PaddedParser parser_;
  std::vector<std::unique_ptr<Registered>> services_;
  std::map<std::string, Entry, std::less<>> entries_;  // by target
};

}  // namespace kless::doors::aws
