// Replies: what the replies of all protocols of AWS have in common: request ids, headers, content
// coding, checksum; and the replies that need no operation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "emulator/base/random.h"
#include "emulator/doors/aws/wire/service.h"
#include "emulator/doors/http/router.h"

namespace kless::doors::aws {

// Bytes of a body, also after decompression.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
constexpr std::size_t kBodyBytesMax = 16u << 20;

class Replies {
 public:
  explicit Replies(std::uint64_t seed) : random_(seed, "aws-door") {}

  // `service` decides on request id and checksum; null: as DynamoDB's.
  HttpResponse Make(const HttpRequest& request, const Service* service, int status,
                    std::string content_type, std::string body);
  // The same with a request id that the body contains, too.
  HttpResponse MakeWithId(const HttpRequest& request, const std::string& id, bool has_checksum,
                          int status, std::string content_type, std::string body);
  std::string NewRequestId() { return random_.Uuid(); }

  // 404 with a body in XML: another method, or another content type.
  HttpResponse UnknownOperation(const HttpRequest& request);
  HttpResponse Preflight(const HttpRequest& request);
  HttpResponse TooLarge();
  // What the HTTP server refuses: 400, 403, 408, 431, 500.
  HttpResponse Refused(const HttpRequest& request, int status, const std::string& message);

 private:
  HttpResponse Begin(const HttpRequest& request, const std::string& id);
  std::string NewLongRequestId();

  Random random_;
};

}  // namespace kless::doors::aws
