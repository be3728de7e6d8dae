#include "emulator/doors/http/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "emulator/doors/http/router.h"

namespace kless {
namespace {

// The status with which a request from a web page of `origin` is refused; 0: it is not.
int RefusalOf(const std::string& method, const std::string& host, const std::string& origin) {
  const Router router;
  HttpParser parser(router, 4096);
  parser.Feed(method + " /echo HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin +
              "\r\nContent-Length: 2\r\n\r\nok");
  return parser.refusal().status;
}

TEST(HttpParserTest, WebPagesOfOtherOriginsMayNotWrite) {
  for (const auto& [host, origin] : std::vector<std::pair<std::string, std::string>>{
           {"127.0.0.1:80", "https://evil.example"},
           {"127.0.0.1:80", "http://127.0.0.1:81"},
           {"127.0.0.1:80", "null"},
           {"127.0.0.1:80", ""},
           {"127.0.0.1:80", "file://127.0.0.1:80"},
           // The owner of the name points it to this machine once the page is loaded.
           {"evil.example:80", "http://evil.example:80"},
           {"127.0.0.1.evil.example", "http://127.0.0.1.evil.example"},
           {"", "http://"}}) {
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
      EXPECT_EQ(RefusalOf(method, host, origin), 403) << method << " " << host << " " << origin;
    }
    EXPECT_EQ(RefusalOf("GET", host, origin), 0) << host << " " << origin;
  }
}

TEST(HttpParserTest, ThePagesOfThisMachineMayUseTheServicesOfAws) {
  const auto refusal = [](const std::string& path, const std::string& origin) {
    Router router;
    HttpParser parser(router, 65536);
    parser.Feed("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nOrigin: " + origin +
                "\r\nContent-Length: 0\r\n\r\n");
    return parser.refusal().status;
  };
  for (const char* const origin : {"http://localhost:3000", "https://127.0.0.1", "whatever"}) {
    EXPECT_EQ(refusal("/", origin), 0) << origin;
    EXPECT_EQ(refusal("/kless/v1/functions", origin), 403) << origin;
  }
  for (const char* const origin : {"http://example.com", "null", "http://localhost.example.com"}) {
    EXPECT_EQ(refusal("/", origin), 403) << origin;
  }
}

TEST(HttpParserTest, PagesOfTheServerItselfMayWrite) {
  for (const std::string host :
       {"127.0.0.1:80", "[::1]:80", "[::1]", "localhost:80", "LocalHost", "kless.localhost:80"}) {
    EXPECT_EQ(RefusalOf("POST", host, "http://" + host), 0) << host;
    EXPECT_EQ(RefusalOf("POST", host, "https://" + host), 0) << host;
  }
}

TEST(HttpParserTest, ClientsThatAreNotBrowsersMayWrite) {
  const Router router;
  HttpParser parser(router, 4096);
  parser.Feed("POST /echo HTTP/1.1\r\nHost: kless.example\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(parser.refusal().status, 0);
  EXPECT_TRUE(parser.done());
}

}  // namespace
}  // namespace kless
