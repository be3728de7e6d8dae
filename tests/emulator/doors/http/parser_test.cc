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
