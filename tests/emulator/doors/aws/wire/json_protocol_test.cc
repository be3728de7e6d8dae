#include "emulator/doors/aws/wire/json_protocol.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emulator/doors/aws/door.h"
#include "emulator/doors/aws/wire/compression.h"
#include "emulator/doors/aws/wire/json_text.h"
#include "tests/emulator/doors/aws/aws_client.h"

namespace kless::doors {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

aws::AwsResult<std::string> Echo(const aws::OperationRequest& request) {
  const std::string name = request.input.TextOr("Name");
  if (name == "missing") {
    return aws::AwsError{.type = "ResourceNotFoundException",
                         .message = "Requested resource not found",
                         .members = ""};
  }
  return aws::JsonObjectText()
      .String("Name", name)
      .String("Account", request.caller.account)
      .String("Region", request.caller.region)
      .String("Host", request.host)
      .Finish();
}

class JsonProtocolTest : public AwsClient {
 protected:
  JsonProtocolTest() {
    router_.Add("GET", "/", [](HttpRequest) -> Task<HttpResponse> {
      HttpResponse response;
      response.body = "the index";
      co_return response;
    });
    aws::Service service;
    service.target_prefix = "Echo_1";
    service.signing_name = "dynamodb";
    service.java_package = "com.example.echo";
    service.shapes = "Name = string 1..5000 [a-z]+\nEchoInput = structure Name!\n";
    service.operations = {{"Echo", "EchoInput", Echo}};
    service.has_checksums = true;
    door_.Add(std::move(service));
    door_.Register(router_);
  }

  AwsAnswer Echo1(const std::string& body) { return Call("Echo_1.Echo", body); }
  static HttpRequest Plain(const std::string& method) {
    HttpRequest request;
    request.method = method;
    request.path = "/";
    return request;
  }

  AwsDoor door_{{}, 7};
};

TEST_F(JsonProtocolTest, a3_AReplyHasRequestIdChecksumAndTheTypeOfTheRequest) {
  const AwsAnswer answer = Echo1(R"({"Name":"abc"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.Header("x-amzn-RequestId"), MatchesRegex("[0-9A-Z]{52}"));
  EXPECT_EQ(answer.Header("x-amz-crc32"), std::to_string(aws::Crc32(answer.response.body)));
  EXPECT_EQ(answer.response.content_type, "application/x-amz-json-1.0");
  EXPECT_EQ(answer.Json()["Name"], "abc");
  EXPECT_EQ(answer.Json()["Host"], "localhost:8080");
  HttpRequest request = Signed("Echo_1.Echo", R"({"Name":"abc"})");
  request.headers["content-type"] = "application/json; charset=utf-8";
  EXPECT_EQ(Send(request).response.content_type, "application/json");
}

TEST_F(JsonProtocolTest, TwoRepliesHaveDifferentRequestIds) {
  EXPECT_NE(Echo1("{}").Header("x-amzn-RequestId"), Echo1("{}").Header("x-amzn-RequestId"));
}

TEST_F(JsonProtocolTest, RegionAndAccountComeFromTheCredentialScope) {
  EXPECT_EQ(Echo1(R"({"Name":"a"})").Json()["Account"], "000000000000");
  HttpRequest request = Signed("Echo_1.Echo", R"({"Name":"a"})");
  request.headers["authorization"] = Authorization("123456789012", "eu-west-3");
  const AwsAnswer answer = Send(request);
  EXPECT_EQ(answer.Json()["Account"], "123456789012");
  EXPECT_EQ(answer.Json()["Region"], "eu-west-3");
}

TEST_F(JsonProtocolTest, a4_TheHealthCheckNamesTheRegionAndEndsWithABlank) {
  const AwsAnswer answer = Send(Plain("GET"));
  EXPECT_EQ(answer.response.body, "healthy: dynamodb.us-east-1.amazonaws.com ");
  EXPECT_EQ(answer.Header("x-amz-crc32"), "3128867991");
}

TEST_F(JsonProtocolTest, BrowsersKubernetesClientsAndCurlGetTheIndex) {
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"accept", "text/html,*/*"}, {"accept", "application/json"}, {"user-agent", "curl/8"}}) {
    HttpRequest request = Plain("GET");
    request.headers[name] = value;
    EXPECT_EQ(Send(request).response.body, "the index");
  }
}

TEST_F(JsonProtocolTest, a5_OtherMethodsAndContentTypesAre404InXml) {
  HttpRequest wrong = Signed("Echo_1.Echo", "{}");
  wrong.headers["content-type"] = "application/x-amz-json-1.1";
  for (const HttpRequest& request : {Plain("PUT"), Plain("DELETE"), Plain("OPTIONS"), wrong}) {
    const AwsAnswer answer = Send(request);
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.response.body, "<UnknownOperationException/>\n");
    EXPECT_EQ(answer.Header("x-amz-crc32"), "3552371480");
  }
}

TEST_F(JsonProtocolTest, a6_TheRootPathTakesBodiesOf16MiBAndRefusesMoreWithoutABody) {
  EXPECT_EQ(router_.BodyLimit("/"), 16u << 20);
  EXPECT_EQ(router_.BodyLimit("/other"), 1u << 20);
  const HttpResponse refused = router_.RenderError(Plain("POST"), 413, "too large");
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.body, "");
}

TEST_F(JsonProtocolTest, a7_ABodyThatIsNotJsonIsASerializationException) {
  for (const char* const body : {"hi", "{", "\"\xff\"", "{} {}"}) {
    const AwsAnswer answer = Echo1(body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.response.body,
              R"({"__type":"com.amazon.coral.service#SerializationException"})");
    EXPECT_EQ(answer.Header("x-amz-crc32"), "3948637019");
  }
}

TEST_F(JsonProtocolTest, a8_AnUnknownTargetIsAnUnknownOperation) {
  for (const char* const target : {"", "whatever", "Echo_1.Ech", "Echo_1.Echo.Echo"}) {
    EXPECT_EQ(Call(target, "{}").response.body,
              R"({"__type":"com.amazon.coral.service#UnknownOperationException"})");
  }
}

TEST_F(JsonProtocolTest, a9_OriginsAreAllowedAndPreflightsAnswered) {
  HttpRequest request = Signed("Echo_1.Echo", R"({"Name":"a"})");
  request.headers["origin"] = "http://localhost:3000";
  EXPECT_EQ(Send(request).Header("Access-Control-Allow-Origin"), "*");
  HttpRequest preflight = Plain("OPTIONS");
  preflight.headers = {{"origin", "whatever"},
                       {"access-control-request-headers", "a, b"},
                       {"access-control-request-method", "POST"}};
  const AwsAnswer answer = Send(preflight);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.response.body, "");
  EXPECT_EQ(answer.Header("Access-Control-Allow-Headers"), "a, b");
  EXPECT_EQ(answer.Header("Access-Control-Allow-Methods"), "POST");
  EXPECT_EQ(answer.Header("Access-Control-Max-Age"), "172800");
}

TEST_F(JsonProtocolTest, a10_AnErrorOfTheServiceHasItsNameSpace) {
  const AwsAnswer answer = Echo1(R"({"Name":"missing"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.response.body, R"({"__type":"com.example.echo#ResourceNotFoundException",)"
                                  R"("message":"Requested resource not found"})");
}

TEST_F(JsonProtocolTest, a12_TheChecksComeInAwsOrder) {
  HttpRequest request = Signed("unknown", "not json");
  request.headers.erase("authorization");
  EXPECT_EQ(Send(request).Type(), "SerializationException");
  request.body = R"({"Name":23})";
  EXPECT_EQ(Send(request).Type(), "UnknownOperationException");
  request.headers["x-amz-target"] = "Echo_1.Echo";
  EXPECT_EQ(Send(request).Type(), "MissingAuthenticationTokenException");
  request.headers["authorization"] = Authorization();
  EXPECT_EQ(Send(request).Message(), "NUMBER_VALUE cannot be converted to String");
  request.body = R"({"Name":"MISSING"})";
  EXPECT_THAT(Send(request).Message(), HasSubstr("1 validation error detected"));
}

TEST_F(JsonProtocolTest, a16_BodiesMayBeCompressedBothWays) {
  using aws::ContentCoding;
  HttpRequest request = Signed("Echo_1.Echo", "");
  const std::string body = R"({"Name":")" + std::string(4500, 'a') + "\"}";
  for (const ContentCoding coding : {ContentCoding::kGzip, ContentCoding::kDeflate}) {
    request.body = aws::Encode(coding, body);
    request.headers["content-encoding"] = aws::ContentCodingName(coding);
    request.headers.erase("accept-encoding");
    const AwsAnswer plain = Send(request);
    EXPECT_EQ(plain.Json()["Name"].get<std::string>().size(), 4500);
    request.headers["accept-encoding"] = aws::ContentCodingName(coding);
    const AwsAnswer answer = Send(request);
    EXPECT_EQ(answer.Header("Content-Encoding"), aws::ContentCodingName(coding));
    EXPECT_EQ(answer.Header("x-amz-crc32"), std::to_string(aws::Crc32(answer.response.body)));
    aws::DecodingProblem problem{};
    EXPECT_EQ(aws::Decode(coding, answer.response.body, 1 << 20, &problem), plain.response.body);
  }
  const auto compressed = [](const std::string& text) {
    return aws::Encode(ContentCoding::kGzip, text);
  };
  request.headers["content-encoding"] = "gzip";
  request.body = compressed(body.substr(0, 10)) + compressed(body.substr(10));
  EXPECT_EQ(Send(request).status, 200) << "two members of gzip are one body";
  for (const std::string& broken : {std::string("not gzip"), std::string(), request.body.substr(1),
                                    request.body.substr(0, request.body.size() - 1)}) {
    request.body = broken;
    EXPECT_EQ(Send(request).status, 500);
  }
  request.headers["content-encoding"] = "br";
  request.body = body;
  EXPECT_EQ(Send(request).status, 500);
}

TEST_F(JsonProtocolTest, ABodyThatGrowsBeyondTheLimitIsRefused) {
  HttpRequest request = Signed(
      "Echo_1.Echo", aws::Encode(aws::ContentCoding::kGzip, std::string((16u << 20) + 1, ' ')));
  request.headers["content-encoding"] = "gzip";
  EXPECT_EQ(Send(request).status, 413);
}

TEST_F(JsonProtocolTest, HeadersAbove16KBytesAreRefused) {
  HttpRequest request = Signed("Echo_1.Echo", R"({"Name":"a"})");
  request.headers["x-long"] = std::string(15000, 'x');
  EXPECT_EQ(Send(request).status, 200);
  request.headers["x-long"] = std::string(16384, 'x');
  EXPECT_EQ(Send(request).status, 400);
}

}  // namespace
}  // namespace kless::doors
