#include "emulator/doors/aws/wire/replies.h"

#include <string_view>
#include <utility>

#include "emulator/doors/aws/wire/aws_error.h"
#include "emulator/doors/aws/wire/compression.h"

namespace kless::doors::aws {
namespace {

constexpr const char* kUnknownOperation = "<UnknownOperationException/>\n";
// Shorter replies are not compressed:
// https://github.com/scylladb/scylladb/blob/master/test/alternator/test_compressed_response.py
constexpr std::size_t kCompressedFromBytes = 4096;
constexpr std::size_t kRequestIdLength = 52;

}  // namespace

std::string Replies::NewLongRequestId() {
  static constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
  std::string id;
  id.reserve(kRequestIdLength);
  while (id.size() < kRequestIdLength) {
    std::uint64_t bits = random_.Bits();
    for (int i = 0; i < 12 && id.size() < kRequestIdLength; ++i, bits >>= 5) {
      id += kDigits[bits & 31];
    }
  }
  return id;
}

// What every reply has.
HttpResponse Replies::Begin(const HttpRequest& request, const std::string& id) {
  HttpResponse response;
  response.headers.emplace_back("Server", "Server");
  response.headers.emplace_back("x-amzn-RequestId", id);
  if (!request.Header("origin").empty()) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
    response.headers.emplace_back("Access-Control-Expose-Headers",
                                  "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date");
  }
  return response;
}

HttpResponse Replies::Make(const HttpRequest& request, const Service* service, int status,
                           std::string content_type, std::string body) {
  const bool is_dynamodb = service == nullptr || service->has_checksums;
  return MakeWithId(request, is_dynamodb ? NewLongRequestId() : NewRequestId(), is_dynamodb, status,
                    std::move(content_type), std::move(body));
}

HttpResponse Replies::MakeWithId(const HttpRequest& request, const std::string& id,
                                 bool has_checksum, int status, std::string content_type,
                                 std::string body) {
  HttpResponse response = Begin(request, id);
  response.status = status;
  response.content_type = std::move(content_type);
  if (body.size() >= kCompressedFromBytes) {
    if (const auto coding = PreferredCoding(request.Header("accept-encoding"))) {
      body = Encode(*coding, body);
      response.headers.emplace_back("Content-Encoding", ContentCodingName(*coding));
    }
  }
  if (has_checksum) response.headers.emplace_back("x-amz-crc32", std::to_string(Crc32(body)));
  response.body = std::move(body);
  return response;
}

HttpResponse Replies::UnknownOperation(const HttpRequest& request) {
  return Make(request, nullptr, 404, "", kUnknownOperation);
}

HttpResponse Replies::Preflight(const HttpRequest& request) {
  if (request.Header("origin").empty()) return UnknownOperation(request);
  HttpResponse response = Begin(request, NewLongRequestId());
  response.content_type = "";
  const std::string& headers = request.Header("access-control-request-headers");
  const std::string& method = request.Header("access-control-request-method");
  if (!headers.empty()) response.headers.emplace_back("Access-Control-Allow-Headers", headers);
  if (!method.empty()) response.headers.emplace_back("Access-Control-Allow-Methods", method);
  response.headers.emplace_back("Access-Control-Max-Age", "172800");
  return response;
}

HttpResponse Replies::TooLarge() {
  HttpResponse response;
  response.status = 413;
  response.content_type = "";
  return response;
}

HttpResponse Replies::Refused(const HttpRequest& request, int status, const std::string& message) {
  const char* const type = status == 403   ? "AccessDeniedException"
                           : status >= 500 ? "InternalFailure"
                                           : "SerializationException";
  return Make(request, nullptr, status, "application/json",
              ErrorBody(CoralError(type, message), ""));
}

}  // namespace kless::doors::aws
