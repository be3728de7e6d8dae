// AwsClient: sends requests of AWS's JSON protocol to a router, in virtual time, without sockets.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/http/router.h"

namespace kless::doors {

using nlohmann::json;

struct AwsAnswer {
  int status = 0;
  HttpResponse response;

  json Json() const;
  std::string Header(const std::string& name) const;  // "" if there is none
  std::string Type() const;                           // of an error, what follows the '#'
  std::string Message() const;                        // of an error
};

class AwsClient : public testing::Test {
 protected:
  // "Credential=KEY/20260101/us-east-1/dynamodb/aws4_request" and the rest.
  static std::string Authorization(const std::string& key = "AKID",
                                   const std::string& region = "us-east-1");
  static HttpRequest Signed(const std::string& target, const std::string& body);
  // Status 0: there is no reply yet.
  AwsAnswer Send(HttpRequest request);
  // The reply to a request that waits.
  AwsAnswer SendAndWait(HttpRequest request);
  // target: "DynamoDB_20120810.PutItem".
  AwsAnswer Call(const std::string& target, const std::string& body);
  AwsAnswer DynamoDb(const std::string& operation, const std::string& body) {
    return Call("DynamoDB_20120810." + operation, body);
  }

  asio::io_context context_{1};
  VirtualEventLoop event_loop_{context_};
  Router router_;
};

}  // namespace kless::doors
