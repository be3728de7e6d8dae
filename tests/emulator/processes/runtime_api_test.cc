#include "emulator/processes/runtime_api.h"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kless::processes {
namespace {

using asio::ip::tcp;

class RuntimeApiTest : public testing::Test, public RuntimeApi::Listener {
 public:
  void OnNext() override { calls_.emplace_back("next"); }
  void OnResponse(std::string body) override { calls_.push_back("response " + body); }
  void OnResponseTooLarge() override { calls_.emplace_back("too large"); }
  void OnError(RuntimeError error) override {
    calls_.push_back("error " + error.type + " " + error.body);
  }
  void OnInitError(RuntimeError error) override {
    calls_.push_back("init error " + error.type + " " + error.body);
  }

 protected:
  void SetUp() override {
    ASSERT_FALSE(api_->Listen().has_error());
    Connect();
  }
  void TearDown() override { event_loop_.DropAll(); }
  void Connect() {
    client_.emplace(context_);
    client_->connect(
        {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(api_->port())});
    client_->non_blocking(true);
  }
  void Write(const std::string& text) { asio::write(*client_, asio::buffer(text)); }
  void Send(const std::string& method, const std::string& path, const std::string& body = "",
            const std::string& headers = "") {
    Write(method + " /2018-06-01/runtime/" + path + " HTTP/1.1\r\nHost: x\r\n" + headers +
          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  // Lets the server work until the condition holds.
  template <typename Condition>
  void Until(Condition condition) {
    for (int i = 0; i < 100'000 && !condition(); ++i) context_.poll();
    context_.restart();
    ASSERT_TRUE(condition());
  }
  // The next reply: its head and its body.
  std::string Reply() {
    std::string text;
    std::size_t end = std::string::npos;
    Until([&] {
      char buffer[4096];
      boost::system::error_code error;
      const std::size_t bytes = client_->read_some(asio::buffer(buffer), error);
      text.append(buffer, bytes);
      end = text.find("\r\n\r\n");
      if (end == std::string::npos) return error == asio::error::eof;
      const auto length = text.find("Content-Length: ");
      return text.size() >= end + 4 + std::stoul(text.substr(length + 16));
    });
    return text;
  }
  void Invoke(const std::string& id) {
    Send("GET", "invocation/next");
    Until([&] { return api_->waiting(); });
    api_->Send({id, "{\"x\":1}", {{"Lambda-Runtime-Deadline-Ms", "7"}}});
    const std::string reply = Reply();
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n")) << reply;
    EXPECT_NE(reply.find("Lambda-Runtime-Aws-Request-Id: " + id), std::string::npos);
    EXPECT_NE(reply.find("Lambda-Runtime-Deadline-Ms: 7"), std::string::npos);
    EXPECT_TRUE(reply.ends_with("{\"x\":1}"));
  }

  asio::io_context context_{1};
  RealEventLoop event_loop_{context_};
  std::vector<std::string> calls_;
  std::unique_ptr<RuntimeApi> api_ = std::make_unique<RuntimeApi>(event_loop_, *this);
  std::optional<tcp::socket> client_;
};

TEST_F(RuntimeApiTest, h1_h3_TheNextInvocationIsWaitedForAndAnswered) {
  Invoke("a");
  Send("POST", "invocation/a/response", "\"done\"");
  EXPECT_TRUE(Reply().starts_with("HTTP/1.1 202 Accepted\r\n"));
  Invoke("b");
  Send("POST", "invocation/b/error", "{}", "Lambda-Runtime-Function-Error-Type: Bad\r\n");
  EXPECT_TRUE(Reply().ends_with("{\"status\":\"OK\"}\n"));
  Until([&] { return calls_.size() == 4; });
  EXPECT_EQ(calls_,
            (std::vector<std::string>{"next", "response \"done\"", "next", "error Bad {}"}));
}

TEST_F(RuntimeApiTest, h2_AnswersThatDoNotFitAreRefused) {
  Send("POST", "invocation/a/response", "1");
  EXPECT_TRUE(Reply().starts_with("HTTP/1.1 400 Bad Request"));
  Invoke("a");
  Send("POST", "invocation/other/response", "1");
  const std::string other = Reply();
  EXPECT_TRUE(other.starts_with("HTTP/1.1 400 Bad Request"));
  EXPECT_TRUE(other.ends_with(
      "{\"errorMessage\":\"Invalid request ID\",\"errorType\":\"InvalidRequestID\"}\n"));
  Send("POST", "invocation/a/response", "1");
  Reply();
  Send("POST", "invocation/a/response", "2");
  const std::string again = Reply();
  EXPECT_TRUE(again.starts_with("HTTP/1.1 403 Forbidden"));
  EXPECT_NE(again.find("InvalidStateTransition"), std::string::npos);
}

TEST_F(RuntimeApiTest, h2_AResponseAboveTheLimitEndsTheInvocation) {
  Invoke("a");
  Write(
      "POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\nContent-Length: 7000000\r\n\r\n");
  EXPECT_TRUE(Reply().starts_with("HTTP/1.1 413 "));
  Until([&] { return calls_.size() == 2; });
  EXPECT_EQ(calls_[1], "too large");
}

TEST_F(RuntimeApiTest, h4_AnErrorOfTheInitIsOneOnlyBeforeTheFirstInvocation) {
  Send("POST", "init/error", "{\"a\":1}", "Lambda-Runtime-Function-Error-Type: Bad\r\n");
  EXPECT_TRUE(Reply().starts_with("HTTP/1.1 202 Accepted"));
  Until([&] { return calls_.size() == 1; });
  EXPECT_EQ(calls_[0], "init error Bad {\"a\":1}");
  Invoke("a");
  Send("POST", "init/error", "{}");
  EXPECT_TRUE(Reply().starts_with("HTTP/1.1 403 Forbidden"));
}

TEST_F(RuntimeApiTest, h6_ASecondNextBeforeTheAnswerIsRefused) {
  Invoke("a");
  Send("GET", "invocation/next");
  EXPECT_TRUE(Reply().starts_with("HTTP/1.1 403 Forbidden"));
}

TEST_F(RuntimeApiTest, OtherPathsAndMethodsAreNotThere) {
  Send("GET", "invocation");
  EXPECT_TRUE(Reply().starts_with("HTTP/1.1 404 Not Found"));
  Send("POST", "invocation/next");
  EXPECT_TRUE(Reply().starts_with("HTTP/1.1 405 Method Not Allowed"));
  Write("nonsense\r\n\r\n");
  EXPECT_TRUE(Reply().starts_with("HTTP/1.1 400 Bad Request"));
}

TEST_F(RuntimeApiTest, ARuntimeThatGoesAwayNoLongerWaits) {
  Send("GET", "invocation/next");
  Until([&] { return api_->waiting(); });
  client_->close();
  Until([&] { return !api_->waiting(); });
  Connect();
  Invoke("a");
}

}  // namespace
}  // namespace kless::processes
