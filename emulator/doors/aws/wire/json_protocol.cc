#include "emulator/doors/aws/wire/json_protocol.h"

#include <algorithm>
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
// A shorter reply is one packet anyway.
constexpr std::size_t kGzipFromBytes = 1024;
constexpr std::size_t kRequestIdLength = 52;

const std::string& HeaderOf(const HttpRequest& request, const std::string& name) {
  static const std::string kNone;
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? kNone : found->second;
}

// "application/json; charset=utf-8" is "application/json".
std::string_view MediaTypeOf(const HttpRequest& request) {
  std::string_view type = HeaderOf(request, "content-type");
  type = type.substr(0, type.find(';'));
  while (type.starts_with(' ')) type.remove_prefix(1);
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

bool AcceptsGzip(const HttpRequest& request) {
  const std::string& accepted = HeaderOf(request, "accept-encoding");
  if (accepted.empty()) return false;
  for (std::string_view coding : Split(accepted, ',')) {
    while (coding.starts_with(' ')) coding.remove_prefix(1);
    const std::size_t semicolon = coding.find(';');
    std::string_view name = coding.substr(0, semicolon);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (name != "gzip") continue;
    if (semicolon == std::string_view::npos) return true;
    const std::string_view quality = coding.substr(semicolon);
    return quality.find("q=0") == std::string_view::npos ||
           quality.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
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
  if (LowerCase(HeaderOf(request, "content-encoding")) == "gzip") {
    GunzipProblem problem{};
    auto body = Gunzip(request.body, kBodyBytesMax, &problem);
    if (!body && problem == GunzipProblem::kTooLarge) return TooLarge();
    if (!body) {
      return Reply(request, 400, content_type, ErrorBody(SerializationError(""), ""));
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
  const auto found = entries_.find(HeaderOf(request, "x-amz-target"));
  if (found == entries_.end()) return UnknownOperationError();
  *entry = &found->second;
  const Service& service = *found->second.service;
  auto credential = ParseSignature({request.headers, request.query}, service.signing_name);
  if (credential.has_error()) return credential.error();
  if (!has_body) return SerializationError("");
  auto checked = Validate(*found->second.input, body, service.java_package);
  if (checked.has_error()) return checked.error();
  const Caller caller = CallerOf(credential.value());
  return found->second.operation->run({found->second.operation->name,
                                       Input(body.get_object().value_unsafe()), caller,
                                       HeaderOf(request, "host")});
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
  response.headers.emplace_back("x-amzn-RequestId", NewRequestId());
  if (!HeaderOf(request, "origin").empty()) {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  }
  return response;
}

HttpResponse JsonProtocol::Reply(const HttpRequest& request, int status, std::string content_type,
                                 std::string body) {
  HttpResponse response = Begin(request);
  response.status = status;
  response.content_type = std::move(content_type);
  if (body.size() >= kGzipFromBytes && AcceptsGzip(request)) {
    body = Gzip(body);
    response.headers.emplace_back("Content-Encoding", "gzip");
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
  if (HeaderOf(request, "origin").empty()) return UnknownOperation(request);
  HttpResponse response = Begin(request);
  response.content_type = "";
  const std::string& headers = HeaderOf(request, "access-control-request-headers");
  const std::string& method = HeaderOf(request, "access-control-request-method");
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
