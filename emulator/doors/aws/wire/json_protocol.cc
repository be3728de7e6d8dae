#include "emulator/doors/aws/wire/json_protocol.h"

#include <optional>
#include <utility>

#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/compression.h"

namespace kless::doors::aws {
namespace {

constexpr const char* kJson10 = "application/x-amz-json-1.0";
constexpr const char* kJson11 = "application/x-amz-json-1.1";
constexpr const char* kJson = "application/json";
// Names and values of the headers together:
// https://github.com/scylladb/scylladb/blob/master/test/alternator/test_manual_requests.py
constexpr std::size_t kHeaderBytesMax = 16u << 10;

// "application/json; charset=utf-8" is "application/json".
std::string_view MediaTypeOf(const HttpRequest& request) {
  const std::string_view type = request.Header("content-type");
  return Trim(type.substr(0, type.find(';')), " ");
}

// The body without its content coding.
std::optional<std::string> Decoded(const HttpRequest& request, const std::string& coding,
                                   DecodingProblem* problem) {
  if (coding == "identity") return request.body;
  if (coding == "gzip") return Decode(ContentCoding::kGzip, request.body, kBodyBytesMax, problem);
  if (coding == "deflate") {
    return Decode(ContentCoding::kDeflate, request.body, kBodyBytesMax, problem);
  }
  *problem = DecodingProblem::kMalformed;
  return std::nullopt;
}

}  // namespace

BegunRequest JsonProtocol::Begin(HttpRequest& request) {
  BegunRequest begun;
  begun.service = services_.ServiceOfTarget(request.Header("x-amz-target"));
  const std::string_view media_type = MediaTypeOf(request);
  const bool is_11 = begun.service != nullptr && begun.service->json == JsonVersion::k11;
  const char* const versioned = is_11 ? kJson11 : kJson10;
  if (!request.body.empty() && media_type != versioned && media_type != kJson) {
    begun.refused = replies_.UnknownOperation(request);
    return begun;
  }
  begun.content_type = media_type == versioned ? versioned : kJson;
  std::size_t header_bytes = 0;
  for (const auto& [name, value] : request.headers) header_bytes += name.size() + value.size();
  if (header_bytes > kHeaderBytesMax) {
    begun.refused = replies_.Make(request, begun.service, 400, "", "");
    return begun;
  }
  if (const std::string& coding = request.Header("content-encoding"); !coding.empty()) {
    DecodingProblem problem{};
    auto body = Decoded(request, LowerCase(coding), &problem);
    if (!body && problem == DecodingProblem::kTooLarge) {
      begun.refused = replies_.TooLarge();
      return begun;
    }
    if (!body) {
      // AWS takes a body that it cannot decompress for a mistake of its own.
      AwsError error = CoralError("InternalServerError", "Internal server error");
      error.status = 500;
      begun.result = std::move(error);
      return begun;
    }
    request.body = std::move(*body);
  }
  Run(request, &begun);
  parser_.ShrinkIfLarge();
  return begun;
}

void JsonProtocol::Run(const HttpRequest& request, BegunRequest* begun) {
  simdjson::dom::element body;
  const bool has_body = !request.body.empty();
  if (has_body && !parser_.Parse(request.body, body)) {
    begun->result = SerializationError("");
    return;
  }
  begun->entry = services_.FindTarget(request.Header("x-amz-target"));
  if (begun->entry == nullptr) {
    begun->result = UnknownOperationError();
    return;
  }
  begun->service = begun->entry->service;
  auto caller = ReadCaller(request, *begun->service, defaults_);
  if (caller.has_error()) {
    begun->result = caller.error();
  } else if (!has_body) {
    begun->result = SerializationError("");
  } else {
    RunOperation(request, caller.value(), body, begun);
  }
}

HttpResponse JsonProtocol::Finish(const HttpRequest& request, BegunRequest begun) {
  if (begun.refused) return std::move(*begun.refused);
  if (begun.result.has_value()) {
    return replies_.Make(request, begun.service, 200, std::move(begun.content_type),
                         std::move(begun.result).value());
  }
  const AwsError& error = begun.result.error();
  std::string prefix;
  if (begun.entry != nullptr && !begun.service->java_package.empty()) {
    prefix = begun.service->java_package + "#";
  }
  HttpResponse response = replies_.Make(request, begun.service, error.status,
                                        std::move(begun.content_type), ErrorBody(error, prefix));
  if (begun.service != nullptr && begun.service->is_query_compatible) {
    response.headers.emplace_back("x-amzn-query-error",
                                  (error.query_code.empty() ? error.type : error.query_code) +
                                      (error.status < 500 ? ";Sender" : ";Receiver"));
  }
  return response;
}

}  // namespace kless::doors::aws
