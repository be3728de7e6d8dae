#include "emulator/doors/aws/wire/query_protocol.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "emulator/doors/aws/door.h"
#include "emulator/doors/aws/wire/json_text.h"
#include "emulator/doors/aws/wire/xml_text.h"
#include "tests/emulator/doors/aws/aws_client.h"

namespace kless::doors {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kShapes = R"(
Text = string
Count = integer
Flag = boolean
TextList = list Text
TextMap = map Text Text entry=Name,Value
PlainMap = map Text Count
Inner = structure Name:Text Texts:TextList@Text
InnerList = list Inner
EchoInput = structure Name:Text Count Flag Attributes:TextMap@Attribute Tags:TextList Counts:PlainMap
  Inners:InnerList@Inner
EchoOutput = structure Json:Text Attributes:TextMap@Attribute Tags:TextList Counts:PlainMap
  Inners:InnerList@Inner Flag
)";

// The input as it came, as a text and as members.
aws::AwsResult<std::string> EchoMembers(const aws::OperationRequest& request) {
  if (request.input.TextOr("Name") == "missing") {
    aws::AwsError error{.type = "QueueDoesNotExist", .message = "no <such> queue", .members = ""};
    error.query_code = "AWS.NonExistentQueue";
    return error;
  }
  aws::JsonObjectText reply;
  for (const auto& [name, value] : request.input.object()) {
    if (name != "Name" && name != "Count") reply.Raw(name, simdjson::minify(value));
  }
  if (const auto name = request.input.Find("Name")) {
    reply.String("Json", aws::CanonicalJson(*name));
  }
  return reply.Finish();
}

Task<aws::AwsResult<std::string>> Later(EventLoop& event_loop, std::string name) {
  co_await event_loop.SleepFor(std::chrono::seconds(5));
  co_return aws::JsonObjectText().String("Json", name).Finish();
}

class QueryProtocolTest : public AwsClient {
 protected:
  QueryProtocolTest() {
    aws::Service service;
    service.target_prefix = "EchoQueue";
    service.signing_name = "dynamodb";
    service.java_package = "com.example";
    service.shapes = kShapes;
    service.query = {"2012-11-05", "http://example.com/"};
    service.is_query_compatible = true;
    service.operations = {
        {"Echo", "EchoInput", EchoMembers, {}, "EchoOutput"},
        {"Wait",
         "EchoInput",
         {},
         [this](const aws::OperationRequest& request)
             -> aws::AwsResult<Task<aws::AwsResult<std::string>>> {
           return Later(event_loop_, request.input.TextOr("Name"));
         },
         "EchoOutput"},
        {"Silent", "EchoInput", [](const aws::OperationRequest&) { return std::string("{}"); }}};
    door_.Add(std::move(service));
    aws::Service newer;
    newer.target_prefix = "Newer_1";
    newer.signing_name = "dynamodb";
    newer.shapes = "Name = string 1..5\nNewerInput = structure Name!\n";
    newer.json = aws::JsonVersion::k11;
    newer.constraint_error = "InvalidParameterException";
    newer.operations = {{"Call", "NewerInput", EchoMembers}};
    door_.Add(std::move(newer));
    door_.Register(router_);
  }

  AwsAnswer Form(const std::string& form) {
    HttpRequest request = Signed("", form);
    request.headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8";
    request.headers.erase("x-amz-target");
    return Send(std::move(request));
  }
  std::string Body(const std::string& form) {
    return Form("Action=Echo&Version=2012-11-05&" + form).response.body;
  }

  AwsDoor door_{{}, 7};
};

TEST_F(QueryProtocolTest, AReplyIsXmlWithTheRequestIdOfTheHeader) {
  const AwsAnswer answer = Form("Action=Echo&Version=2012-11-05&Name=a%20%3Cb%3E+%26");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.response.content_type, "text/xml");
  EXPECT_EQ(answer.response.body,
            "<?xml version=\"1.0\"?><EchoResponse xmlns=\"http://example.com/\"><EchoResult>"
            "<Json>&quot;a &lt;b&gt; &amp;&quot;</Json></EchoResult><ResponseMetadata><RequestId>" +
                answer.Header("x-amzn-RequestId") +
                "</RequestId></ResponseMetadata></EchoResponse>");
}

TEST_F(QueryProtocolTest, AnOperationWithoutOutputHasNoResult) {
  EXPECT_THAT(Form("Action=Silent&Version=2012-11-05").response.body,
              HasSubstr("<SilentResponse xmlns=\"http://example.com/\"><ResponseMetadata>"));
}

TEST_F(QueryProtocolTest, FlattenedMapsAndListsKeepTheOrderOfTheirNumbers) {
  EXPECT_THAT(Body("Attribute.2.Name=b&Attribute.2.Value=2&Attribute.10.Name=c&Attribute.10.Value="
                   "3&Attribute.1.Name=a&Attribute.1.Value=1"),
              HasSubstr("<Attribute><Name>a</Name><Value>1</Value></Attribute>"
                        "<Attribute><Name>b</Name><Value>2</Value></Attribute>"
                        "<Attribute><Name>c</Name><Value>3</Value></Attribute>"));
}

TEST_F(QueryProtocolTest, OtherListsAndMapsHaveALevelOfTheirOwn) {
  EXPECT_THAT(Body("Tags.member.1=x&Tags.member.2=y"),
              HasSubstr("<Tags><member>x</member><member>y</member></Tags>"));
  EXPECT_THAT(Body("Tags.1=x"), HasSubstr("<Tags><member>x</member></Tags>"));
  EXPECT_THAT(Body("Counts.entry.1.key=k&Counts.entry.1.value=7"),
              HasSubstr("<Counts><entry><key>k</key><value>7</value></entry></Counts>"));
}

TEST_F(QueryProtocolTest, StructuresNest) {
  EXPECT_THAT(Body("Inner.1.Name=n&Inner.1.Text.1=t&Inner.1.Text.2=u&Inner.2.Name=m"),
              HasSubstr("<Inner><Name>n</Name><Text>t</Text><Text>u</Text></Inner>"
                        "<Inner><Name>m</Name></Inner>"));
}

TEST_F(QueryProtocolTest, NumbersAndFlagsAreReadByTheShape) {
  EXPECT_THAT(Body("Flag=true"), HasSubstr("<Flag>true</Flag>"));
  const AwsAnswer wrong = Form("Action=Echo&Version=2012-11-05&Count=many");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.response.body, HasSubstr("<Code>SerializationException</Code>"));
}

TEST_F(QueryProtocolTest, AKeyOfAMapIsDataWhateverItHolds) {
  EXPECT_THAT(Body("Attribute.1.Name=%22%3A%7B&Attribute.1.Value=%22"),
              HasSubstr("<Name>&quot;:{</Name><Value>&quot;</Value>"));
}

TEST_F(QueryProtocolTest, ErrorsHaveTheCodeOfTheQueryProtocol) {
  const AwsAnswer answer = Form("Action=Echo&Version=2012-11-05&Name=missing");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.response.body,
              HasSubstr("<ErrorResponse xmlns=\"http://example.com/\"><Error><Type>Sender</Type>"
                        "<Code>AWS.NonExistentQueue</Code><Message>no &lt;such&gt; queue</Message>"
                        "<Detail/></Error><RequestId>"));
}

TEST_F(QueryProtocolTest, InJsonTheHeaderNamesTheCodeOfTheQueryProtocol) {
  const AwsAnswer answer = Call("EchoQueue.Echo", R"({"Name":"missing"})");
  EXPECT_EQ(answer.Json().at("__type"), "com.example#QueueDoesNotExist");
  EXPECT_EQ(answer.Header("x-amzn-query-error"), "AWS.NonExistentQueue;Sender");
  EXPECT_EQ(answer.Header("x-amzn-RequestId").size(), 36u);
  EXPECT_EQ(answer.Header("x-amz-crc32"), "");
}

TEST_F(QueryProtocolTest, WhatIsNoRequestOfAServiceIsRefused) {
  EXPECT_THAT(Form("Action=Other&Version=2012-11-05").response.body,
              HasSubstr("<Code>InvalidAction</Code>"));
  EXPECT_THAT(Form("Version=2012-11-05").response.body, HasSubstr("<Code>MissingAction</Code>"));
  EXPECT_THAT(Form("Action=Echo&Version=2011-01-01").response.body,
              HasSubstr("<Code>NoSuchVersion</Code>"));
  EXPECT_THAT(Form("Action=%zz").response.body, HasSubstr("<Code>MalformedQueryString</Code>"));
  EXPECT_THAT(Body("Name=%ff"), HasSubstr("<Code>MalformedQueryString</Code>"));
  HttpRequest unsigned_request = Signed("", "Action=Echo&Version=2012-11-05");
  unsigned_request.headers["content-type"] = "application/x-www-form-urlencoded";
  unsigned_request.headers.erase("authorization");
  unsigned_request.headers.erase("x-amz-target");
  const AwsAnswer answer = Send(std::move(unsigned_request));
  EXPECT_EQ(answer.status, 403);
  EXPECT_THAT(answer.response.body, HasSubstr("<Code>MissingAuthenticationToken</Code>"));
}

TEST_F(QueryProtocolTest, AFormWithTooManyLevelsOrParametersIsRefused) {
  std::string deep = "a";
  for (int i = 0; i < 40; ++i) deep += ".1";
  EXPECT_THAT(Body(deep + "=x"), HasSubstr("<Code>MalformedQueryString</Code>"));
  std::string many;
  for (std::size_t i = 0; i <= aws::kFormParametersMax; ++i) many += "a=b&";
  EXPECT_THAT(Body(many), HasSubstr("<Code>MalformedQueryString</Code>"));
}

TEST_F(QueryProtocolTest, TheParametersOfAGetAreInItsTarget) {
  HttpRequest request = Signed("", "");
  request.method = "GET";
  request.headers.erase("x-amz-target");
  request.query = {{"Action", "Echo"}, {"Version", "2012-11-05"}, {"Name", "n"}};
  EXPECT_THAT(Send(request).response.body, HasSubstr("<Json>&quot;n&quot;</Json>"));
}

TEST_F(QueryProtocolTest, APathOfAnAccountTakesRequestsAndNoOtherPathDoes) {
  HttpRequest request = Signed("", "Action=Echo&Version=2012-11-05");
  request.headers["content-type"] = "application/x-www-form-urlencoded";
  request.headers.erase("x-amz-target");
  request.path = "/000000000000/queue";
  EXPECT_EQ(Send(request).status, 200);
  request.method = "PUT";
  EXPECT_EQ(Send(request).response.body, "<UnknownOperationException/>\n");
  request.path = "/some/path";
  EXPECT_EQ(Send(request).status, 404);
  EXPECT_EQ(Send(request).response.body, "no such path: /some/path\n");
}

TEST_F(QueryProtocolTest, AnOperationMayWait) {
  HttpRequest request = Signed("EchoQueue.Wait", R"({"Name":"late"})");
  EXPECT_EQ(Send(request).status, 0);  // not yet
  const AwsAnswer answer = SendAndWait(std::move(request));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Json().at("Json"), "late");
}

TEST_F(QueryProtocolTest, Json11HasItsContentTypeBareTypesAndAnErrorOfConstraintsOfItsOwn) {
  HttpRequest request = Signed("Newer_1.Call", R"({"Name":"longer"})");
  EXPECT_EQ(Send(request).status, 404);  // JSON 1.0
  request.headers["content-type"] = "application/x-amz-json-1.1";
  const AwsAnswer answer = Send(request);
  EXPECT_EQ(answer.response.content_type, "application/x-amz-json-1.1");
  EXPECT_EQ(answer.Json().at("__type"), "InvalidParameterException");
  EXPECT_EQ(answer.Header("x-amzn-query-error"), "");
}

TEST(XmlTextTest, CharactersThatXmlDoesNotHaveAreReplaced) {
  std::string text;
  aws::AppendXmlText(text, std::string_view("a\0b\r\n\t", 6));
  EXPECT_EQ(text,
            "a\xEF\xBF\xBD"
            "b&#xD;\n\t");
}

}  // namespace
}  // namespace kless::doors
