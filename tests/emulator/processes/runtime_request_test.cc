#include "emulator/processes/runtime_request.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kless::processes {
namespace {

using State = RuntimeRequestParser::State;

constexpr std::size_t kLimit = 100;

State Parse(std::string_view text) { return RuntimeRequestParser(kLimit).Feed(text); }

TEST(RuntimeRequestTest, ARequestIsReadWhereverItsBytesAreCut) {
  const std::string text =
      "POST /2018-06-01/runtime/invocation/1/response?x=1 HTTP/1.1\r\nHost: a\r\n"
      "Content-Length: 5\r\nX-Name:  some text \r\n\r\nhello";
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    RuntimeRequestParser parser(kLimit);
    ASSERT_EQ(parser.Feed(std::string_view(text).substr(0, cut)), State::kMore) << cut;
    ASSERT_EQ(parser.Feed(std::string_view(text).substr(cut)), State::kDone) << cut;
    const RuntimeRequest request = parser.Take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/2018-06-01/runtime/invocation/1/response");
    EXPECT_EQ(request.headers.at("x-name"), "some text");
    EXPECT_EQ(request.body, "hello");
    EXPECT_TRUE(request.keep_alive);
  }
}

TEST(RuntimeRequestTest, ChunksAreJoinedAndTheirTrailersAreHeaders) {
  const std::string text =
      "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;note=1\r\nde\r\n0\r\n"
      "Lambda-Runtime-Function-Error-Type: Broken\r\n\r\n";
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    RuntimeRequestParser parser(kLimit);
    ASSERT_EQ(parser.Feed(std::string_view(text).substr(0, cut)), State::kMore) << cut;
    ASSERT_EQ(parser.Feed(std::string_view(text).substr(cut)), State::kDone) << cut;
    RuntimeRequest request = parser.Take();
    EXPECT_EQ(request.body, "abcde");
    EXPECT_EQ(request.headers["lambda-runtime-function-error-type"], "Broken");
  }
  RuntimeRequestParser parser(kLimit);
  EXPECT_EQ(parser.Feed("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            State::kDone);
}

TEST(RuntimeRequestTest, WhatFollowsARequestIsTheNextOne) {
  RuntimeRequestParser parser(kLimit);
  ASSERT_EQ(parser.Feed("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nConnection: close\r\n\r\n"),
            State::kDone);
  EXPECT_EQ(parser.Take().path, "/a");
  ASSERT_EQ(parser.Feed(""), State::kDone);
  const RuntimeRequest second = parser.Take();
  EXPECT_EQ(second.path, "/b");
  EXPECT_FALSE(second.keep_alive);
  EXPECT_EQ(parser.Feed(""), State::kMore);
}

TEST(RuntimeRequestTest, ABodyAboveTheLimitIsTooLargeBeforeItHasCome) {
  EXPECT_EQ(Parse("POST /a HTTP/1.1\r\nContent-Length: 100\r\n\r\n"), State::kMore);
  EXPECT_EQ(Parse("POST /a HTTP/1.1\r\nContent-Length: 101\r\n\r\n"), State::kTooLarge);
  EXPECT_EQ(Parse("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n"),
            State::kTooLarge);
  EXPECT_EQ(Parse("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n64\r\n"),
            State::kTooLarge);
}

TEST(RuntimeRequestTest, WhatIsNotHttpIsRefused) {
  for (const char* const text :
       {"hello\r\n\r\n", "GET /a\r\n\r\n", "GET /a HTTP/2\r\n\r\n", "GET a HTTP/1.1\r\n\r\n",
        "G@T /a HTTP/1.1\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n", "GET /a HTTP/1.1\r\nx\r\n\r\n",
        "GET /a HTTP/1.1\r\n: x\r\n\r\n", "GET /a HTTP/1.1\r\na b: x\r\n\r\n",
        "POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /a HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
        "POST /a HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /a HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
        "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc"}) {
    EXPECT_EQ(Parse(text), State::kMalformed) << text;
  }
  EXPECT_EQ(Parse(std::string(kRuntimeHeaderMax + 1, 'x')), State::kMalformed);
}

}  // namespace
}  // namespace kless::processes
