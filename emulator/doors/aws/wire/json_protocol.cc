#include "emulator/doors/aws/wire/json_protocol.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "emulator/base/check.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/compression.h"
#include "emulator/doors/aws/wire/validator.h"

namespace kless::doors::aws {
namespace {

constexpr const char* kJson10 = "application/x-amz-json-1.0";
constexpr const char* kJson = "application/json";
constexpr const char* kUnknownOperation = "<UnknownOperationException/>\n";
// Shorter replies are not compressed:
// https://github.com/scylladb/scylladb/blob/master/test/alternator/test_compressed_response.py
constexpr std::size_t kCompressedFromBytes = 4096;
// Names and values of the headers together:
// https://github.com/scylladb/scylladb/blob/master/test/alternator/test_manual_requests.py
constexpr std::size_t kHeaderBytesMax = 16u << 10;
constexpr std::size_t kRequestIdLength = 52;

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

bool IsAccount(std::string_view text) {
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

JsonProtocol::JsonProtocol(AccountDefaults defaults, std::uint64_t seed)
    : defaults_(std::move(defaults)), random_(seed, "aws-door") {}

void JsonProtocol::Add(Service service) {
  services_.push_back(std::make_unique<Registered>(std::move(service)));
  const Registered& added = *services_.back();
  for (const Operation& operation : added.service.operations) {
    const Shape* const input = added.shapes.Find(operation.input);
    KLESS_CHECK(input != nullptr && input->type == ShapeType::kStructure, operation.input);
    entries_[added.service.target_prefix + "." + operation.name] =
        Entry{&added.service, &operation, input};
  }
}

HttpResponse JsonProtocol::Answer(HttpRequest& request) {
  const std::string_view media_type = MediaTypeOf(request);
  const bool is_json_10 = media_type == kJson10;
  if (!request.body.empty() && !is_json_10 && media_type != kJson) {
    return UnknownOperation(request);
  }
  const char* const content_type = is_json_10 ? kJson10 : kJson;
  std::size_t header_bytes = 0;
  for (const auto& [name, value] : request.headers) header_bytes += name.size() + value.size();
  if (header_bytes > kHeaderBytesMax) return Reply(request, 400, "", "");
  if (const std::string& coding = request.Header("content-encoding"); !coding.empty()) {
    DecodingProblem problem{};
    auto body = Decoded(request, LowerCase(coding), &problem);
    if (!body && problem == DecodingProblem::kTooLarge) return TooLarge();
    if (!body) {
      // AWS takes a body that it cannot decompress for a mistake of its own.
      return Reply(request, 500, content_type,
                   ErrorBody(CoralError("InternalServerError", "Internal server error"), ""));
    }
    request.body = std::move(*body);
  }
  const Entry* entry = nullptr;
  auto result = Run(request, &entry);
  parser_.ShrinkIfLarge();
  if (result.has_value()) {
    return Reply(request, 200, content_type, std::move(result).value());
  }
  const AwsError& error = result.error();
  return Reply(request, error.status, content_type,
               ErrorBody(error, entry == nullptr ? "" : entry->service->java_package + "#"));
}

AwsResult<std::string> JsonProtocol::Run(const HttpRequest& request, const Entry** entry) {
  simdjson::dom::element body;
  const bool has_body = !request.body.empty();
  if (has_body && !parser_.Parse(request.body, body)) return SerializationError("");
  const auto found = entries_.find(request.Header("x-amz-target"));
  if (found == entries_.end()) return UnknownOperationError();
  *entry = &found->second;
  const Service& service = *found->second.service;
  auto credential = ParseSignature({request.headers, request.query}, service.signing_name);
  if (credential.has_error()) return credential.error();
  if (!has_body) return SerializationError("");
  auto checked = Validate(*found->second.input, body, service.java_package, service.older_texts);
  if (checked.has_error()) return checked.error();
  const Caller caller = CallerOf(credential.value());
  return found->second.operation->run({found->second.operation->name,
                                       Input(body.get_object().value_unsafe()), caller,
                                       request.Header("host")});
}

Caller JsonProtocol::CallerOf(const Credential& credential) const {
  return {credential.access_key,
          IsAccount(credential.access_key) ? credential.access_key : defaults_.account,
          credential.region};
}

std::string JsonProtocol::NewRequestId() {
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
HttpResponse JsonProtocol::Begin(const HttpRequest& request) {
  HttpResponse response;
  response.headers.emplace_back("Server", "Server");
  response.headers.emplace_back("x-amzn-RequestId", NewRequestId());
  if (!request.Header("origin").empty()) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
    response.headers.emplace_back("Access-Control-Expose-Headers",
                                  "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date");
  }
  return response;
}

HttpResponse JsonProtocol::Reply(const HttpRequest& request, int status, std::string content_type,
                                 std::string body) {
  HttpResponse response = Begin(request);
  response.status = status;
  response.content_type = std::move(content_type);
  if (body.size() >= kCompressedFromBytes) {
    if (const auto coding = PreferredCoding(request.Header("accept-encoding"))) {
      body = Encode(*coding, body);
      response.headers.emplace_back("Content-Encoding", ContentCodingName(*coding));
    }
  }
  response.headers.emplace_back("x-amz-crc32", std::to_string(Crc32(body)));
  response.body = std::move(body);
  return response;
}

HttpResponse JsonProtocol::Healthy(const HttpRequest& request) {
  return Reply(request, 200, "", "healthy: dynamodb." + defaults_.region + ".amazonaws.com ");
}

HttpResponse JsonProtocol::UnknownOperation(const HttpRequest& request) {
  return Reply(request, 404, "", kUnknownOperation);
}

HttpResponse JsonProtocol::Preflight(const HttpRequest& request) {
  if (request.Header("origin").empty()) return UnknownOperation(request);
  HttpResponse response = Begin(request);
  response.content_type = "";
  const std::string& headers = request.Header("access-control-request-headers");
  const std::string& method = request.Header("access-control-request-method");
  if (!headers.empty()) response.headers.emplace_back("Access-Control-Allow-Headers", headers);
  if (!method.empty()) response.headers.emplace_back("Access-Control-Allow-Methods", method);
  response.headers.emplace_back("Access-Control-Max-Age", "172800");
  return response;
}

HttpResponse JsonProtocol::TooLarge() {
  HttpResponse response;
  response.status = 413;
  response.content_type = "";
  return response;
}

HttpResponse JsonProtocol::Refused(const HttpRequest& request, int status,
                                   const std::string& message) {
  const char* const type = status == 403   ? "AccessDeniedException"
                           : status >= 500 ? "InternalFailure"
                                           : "SerializationException";
  return Reply(request, status, kJson, ErrorBody(CoralError(type, message), ""));
}

}  // namespace kless::doors::aws
