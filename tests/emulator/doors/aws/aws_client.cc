#include "tests/emulator/doors/aws/aws_client.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace kless::doors {
namespace {

Task<> DispatchAws(const Router& router, HttpRequest request, std::shared_ptr<AwsAnswer> answer) {
  answer->response = co_await router.Dispatch(std::move(request));
  answer->status = answer->response.status;
}

}  // namespace

json AwsAnswer::Json() const { return json::parse(response.body); }

std::string AwsAnswer::Header(const std::string& name) const {
  for (const auto& [header, value] : response.headers) {
    if (header == name) return value;
  }
  return "";
}

std::string AwsAnswer::Type() const {
  const std::string type = Json().value("__type", "");
  return type.substr(type.find('#') + 1);
}

std::string AwsAnswer::Message() const {
  const json body = Json();
  return body.value("message", body.value("Message", ""));
}

std::string AwsClient::Authorization(const std::string& key, const std::string& region) {
  return "AWS4-HMAC-SHA256 Credential=" + key + "/20260101/" + region +
         "/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=ab";
}

HttpRequest AwsClient::Signed(const std::string& target, const std::string& body) {
  HttpRequest request;
  request.method = "POST";
  request.path = "/";
  request.headers = {{"authorization", Authorization()},
                     {"content-type", "application/x-amz-json-1.0"},
                     {"host", "localhost:8080"},
                     {"x-amz-date", "20260101T000000Z"},
                     {"x-amz-target", target}};
  request.body = body;
  return request;
}

AwsAnswer AwsClient::Send(HttpRequest request) {
  auto answer = std::make_shared<AwsAnswer>();
  Spawn(event_loop_, "request", DispatchAws(router_, std::move(request), answer));
  event_loop_.Run(event_loop_.Now());
  return *answer;
}

AwsAnswer AwsClient::SendAndWait(HttpRequest request) {
  auto answer = std::make_shared<AwsAnswer>();
  Spawn(event_loop_, "request", DispatchAws(router_, std::move(request), answer));
  event_loop_.Run();
  return *answer;
}

AwsAnswer AwsClient::Call(const std::string& target, const std::string& body) {
  return Send(Signed(target, body));
}

}  // namespace kless::doors
