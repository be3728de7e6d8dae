// Tests HttpCaller with a server in the same loop that sends canned bytes.
#include "emulator/doors/http/caller.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <optional>

namespace kless {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

class HttpCallerTest : public testing::Test {
 protected:
  HttpCallerTest()
      : acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        url("http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port())) {}
  ~HttpCallerTest() override { event_loop.DropAll(); }

  // The result of a POST to which the server sends these bytes before it closes the connection.
  Result<std::string> Post(std::vector<std::string> answer, const std::string& path = "/") {
    Spawn(event_loop, "server", Serve(std::move(answer)));
    return PostTo(url + path);
  }
  Result<std::string> PostTo(std::string target, const std::string& body = "{}") {
    std::optional<Result<std::string>> result;
    Spawn(event_loop, "test", Wait(&result, std::move(target), body));
    event_loop.Run();
    return std::move(*result);
  }

  asio::io_context context{1};
  RealEventLoop event_loop{context};
  tcp::acceptor acceptor;
  const std::string url;
  HttpCaller caller{event_loop};
  std::string request;  // as the server received it
  bool silent = false;  // the server never responds, and advances the clock

 private:
  Task<> Serve(std::vector<std::string> answer) {
    tcp::socket socket(context);
    co_await acceptor.async_accept(socket, asio::use_awaitable);
    std::array<char, 4096> buffer{};
    request.clear();
    error_code ec;
    while (!ec && !request.ends_with("}")) {
      const std::size_t got = co_await socket.async_read_some(
          asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ec));
      request.append(buffer.data(), got);
    }
    if (silent) {
      event_loop.Advance(std::chrono::hours(2));
      co_await socket.async_read_some(asio::buffer(buffer),
                                      asio::redirect_error(asio::use_awaitable, ec));
    }
    for (const std::string& part : answer) {
      co_await asio::async_write(socket, asio::buffer(part),
                                 asio::redirect_error(asio::use_awaitable, ec));
    }
  }
  Task<> Wait(std::optional<Result<std::string>>* result, std::string target, std::string body) {
    const TimePoint deadline = event_loop.Now() + std::chrono::hours(1);
    UrlCaller::Headers headers = {{"Lambda-Runtime-Aws-Request-Id", "id-1"}};
    Result<std::string> answer =
        co_await caller.Post(std::move(target), std::move(body), std::move(headers), deadline);
    result->emplace(std::move(answer));
    event_loop.Stop();
  }
};

TEST_F(HttpCallerTest, TheBodyIsPostedAsJsonAndTheAnswersComesBack) {
  const auto answer =
      Post({"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", "{\"a\":", "1}"}, "/run?fast=1");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer.value(), R"({"a":1})");
  EXPECT_TRUE(request.starts_with("POST /run?fast=1 HTTP/1.1\r\nHost: 127.0.0.1:")) << request;
  EXPECT_NE(request.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(request.find("\r\nContent-Length: 2\r\n"), std::string::npos);
  EXPECT_NE(request.find("\r\nLambda-Runtime-Aws-Request-Id: id-1\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("\r\n\r\n{}"));
}

TEST_F(HttpCallerTest, ChunksBodiesUntilTheEndAndInformationalAnswersAreUnderstood) {
  EXPECT_EQ(Post({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n1\r\n]\r\n",
                  "0\r\n\r\n"})
                .value(),
            "[1]");
  EXPECT_EQ(Post({"HTTP/1.0 200 OK\r\n\r\n", "[2]"}).value(), "[2]");
  EXPECT_EQ(Post({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"}).value(), "");
}

TEST_F(HttpCallerTest, AnyAnswerButA2xxIsAnErrorThatShowsIt) {
  const auto answer = Post({"HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\nboom"});
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, ErrorCode::kInternal);
  EXPECT_EQ(answer.error().message, url + "/ answered 500: boom");
  EXPECT_EQ(Post({"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"}).error().message,
            url + "/ answered 302");
}

TEST_F(HttpCallerTest, WhatBreaksIsUnavailable) {
  const auto closed = Post({});
  ASSERT_TRUE(closed.has_error());
  EXPECT_EQ(closed.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(closed.error().message,
            url + "/ did not respond: the connection was closed before the end of the response");
  EXPECT_EQ(Post({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12"}).error().message,
            url + "/ did not respond: the connection was closed before the end of the response");
  EXPECT_NE(Post({"SSH-2.0-x\r\n\r\n"}).error().message.find("the response is not HTTP"),
            std::string::npos);
  EXPECT_NE(Post({"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"})
                .error()
                .message.find("the response body is above"),
            std::string::npos);
  acceptor.close();
  EXPECT_NE(PostTo(url).error().message.find("cannot be reached: "), std::string::npos);
}

TEST_F(HttpCallerTest, AtTheDeadlineItGivesUp) {
  silent = true;
  const auto answer = Post({});
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, ErrorCode::kTimedOut);
  EXPECT_EQ(answer.error().message, url + "/ did not respond by the deadline");
}

TEST_F(HttpCallerTest, OnlyUrlsOfThisMachineAreTaken) {
  for (const char* good : {"http://127.0.0.1", "http://127.1.2.3:80/a/b?c=d", "http://[::1]:9000/",
                           "http://localhost:1/", "http://localhost?x"}) {
    EXPECT_TRUE(caller.Check(good).has_value()) << good;
  }
  const auto problem = [&](const char* bad) {
    const auto checked = caller.Check(bad);
    return checked.has_error() ? checked.error().message : std::string();
  };
  EXPECT_EQ(problem("http://10.0.0.1:9000/"),
            "function configuration: 'url' 'http://10.0.0.1:9000/' is not on this machine; it "
            "looks like http://127.0.0.1:9000/path (localhost, 127.x.x.x or [::1])");
  for (const char* bad :
       {"http://example.com/", "http://127.0.0.1.example.com/", "http://localhost.example.com/",
        "http://me@127.0.0.1/", "http://127.0.0.1:0/", "http://127.0.0.1:65536/", "http://[::2]/",
        "http://0.0.0.0/", "https://127.0.0.1/", "ftp://127.0.0.1/", "127.0.0.1:9000", "http://",
        "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://[::ffff:10.0.0.1]/"}) {
    EXPECT_NE(problem(bad), "") << bad;
  }
}

}  // namespace
}  // namespace kless
