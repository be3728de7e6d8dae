// The HTTP server over real loopback sockets: the server's loop runs in the test's thread, a client
// with plain blocking sockets in another.
#include "emulator/doors/http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/base/loop/event_loop.h"

namespace kless {
namespace {

using namespace std::chrono_literals;

constexpr int kPatience = 10'000;  // milliseconds a client waits before the test fails

// A blocking client.
class Client {
 public:
  explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { Close(); }
  Client(Client&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)),
        connected_(other.connected_),
        read_(std::move(other.read_)) {}

  bool connected() const { return connected_; }
  void Close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  bool HasBytes() {
    pollfd waiting{socket_, POLLIN, 0};
    return !read_.empty() || ::poll(&waiting, 1, 0) > 0;
  }
  // Reads everything up to and including `end`, or until the connection closes.
  std::string ReadThrough(std::string_view end) {
    std::size_t at;
    while ((at = read_.find(end)) == std::string::npos) {
      if (!Fill()) return std::exchange(read_, "");
    }
    std::string text = read_.substr(0, at + end.size());
    read_.erase(0, at + end.size());
    return text;
  }
  std::string ReadBytes(std::size_t count) {
    while (read_.size() < count && Fill()) {
    }
    std::string text = read_.substr(0, count);
    read_.erase(0, count);
    return text;
  }
  std::string ReadToEnd() {
    while (Fill()) {
    }
    return std::exchange(read_, "");
  }
  // Head and body of one reply with a Content-Length.
  std::string ReadReply() {
    std::string reply = ReadThrough("\r\n\r\n");
    const auto at = reply.find("Content-Length: ");
    if (at != std::string::npos) reply += ReadBytes(std::stoul(reply.substr(at + 16)));
    return reply;
  }
  std::string Exchange(std::string_view request) {
    Send(request);
    return ReadReply();
  }

 private:
  bool Fill() {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, kPatience) <= 0) {
      ADD_FAILURE() << "nothing came in " << kPatience << " ms; so far: " << read_;
      return false;
    }
    char bytes[16384];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    read_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string read_;
};

std::string Get(std::string_view path, std::string_view more = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(more) + "\r\n";
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    options_.port = 0;
    router_.Add("GET", "/hello", [this](HttpRequest request) { return Hello(std::move(request)); });
    router_.Add("POST", "/echo", [](HttpRequest request) { return Echo(std::move(request)); });
    router_.Add("GET", "/big", [](HttpRequest) { return Big(); });
    router_.Add("GET", "/slow", [this](HttpRequest) { return Slow(); });
    router_.Add("GET", "/ticks", [this](HttpRequest) { return Ticks(); });
    router_.SetBodyLimit("/echo", 1000);
    router_.SetErrorRenderer("/echo", [](const HttpRequest&, int status, std::string message) {
      HttpResponse response;
      response.status = status;
      response.body = "echo says: " + message;
      return response;
    });
  }

  // Runs `client` against the server until it returns.
  void Run(std::function<void(int port)> client) {
    auto listening = HttpServer::Listen(event_loop_, router_, options_, before_reply_);
    ASSERT_FALSE(listening.has_error()) << listening.error().message;
    server_ = std::move(listening).value();
    const int port = server_->port();
    std::thread thread([this, port, client = std::move(client)] {
      client(port);
      event_loop_.Stop();
    });
    event_loop_.Run();
    thread.join();
  }

  // Runs `action` on the loop's thread.
  void OnLoop(std::function<void()> action) { event_loop_.Post(std::move(action)); }

  // Opens the gate for the request that waits, or will wait, at it.
  void OpenGate() {
    OnLoop([this] {
      if (gate_.waiters() == 0) {
        OpenGate();
      } else {
        gate_.NotifyAll();
      }
    });
  }
  // Called in the client's thread: waits until the loop has run everything that was ready.
  void Sync() {
    std::atomic<bool> done = false;
    OnLoop([&done] {
      done = true;
      done.notify_all();
    });
    done.wait(false);
  }

  Task<HttpResponse> Hello(HttpRequest request) {
    ++hellos_;
    HttpResponse response;
    response.content_type = "text/plain";
    response.body = "hello " + request.query["name"];
    co_return response;
  }
  static Task<HttpResponse> Echo(HttpRequest request) {
    HttpResponse response;
    response.body = request.body + "|" + request.headers["x-note"];
    co_return response;
  }
  static Task<HttpResponse> Big() {
    HttpResponse response;
    response.body = std::string(8u << 20, 'b');
    co_return response;
  }
  Task<HttpResponse> Slow() {
    slow_started_ = true;
    slow_started_.notify_all();
    co_await gate_.Wait();
    HttpResponse response;
    response.body = "slow";
    co_return response;
  }
  Task<> WaitForGate() {
    hook_called_ = true;
    hook_called_.notify_all();
    co_await gate_.Wait();
  }
  Task<HttpResponse> Ticks() {
    HttpResponse response;
    response.stream = [this](std::shared_ptr<BodyWriter> writer) {
      return WriteTicks(std::move(writer));
    };
    co_return response;
  }
  Task<> WriteTicks(std::shared_ptr<BodyWriter> writer) {
    try {
      for (int i = 0; i < ticks_; ++i) {
        auto written = co_await writer->Write(padding_ + "tick\n");
        if (written.has_error()) co_return;
        if (i + 1 < ticks_) co_await gate_.Wait();
      }
    } catch (const boost::system::system_error& error) {
      stream_cancelled_ = error.code() == asio::error::operation_aborted;
      stream_cancelled_.notify_all();
      throw;
    }
  }

  asio::io_context context_;
  RealEventLoop event_loop_{context_};
  Router router_;
  HttpServerOptions options_;
  std::function<Task<>()> before_reply_;
  std::unique_ptr<HttpServer> server_;
  Event gate_{event_loop_};
  int hellos_ = 0;
  int ticks_ = 3;
  std::string padding_;
  std::atomic<bool> slow_started_ = false;
  std::atomic<bool> hook_called_ = false;
  std::atomic<bool> stream_cancelled_ = false;
};

TEST_F(HttpServerTest, OneConnectionServesRequestAfterRequest) {
  Run([](int port) {
    Client client(port);
    for (int i = 0; i < 3; ++i) {
      const std::string reply = client.Exchange(Get("/hello?name=a%20b"));
      EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << reply;
      EXPECT_NE(reply.find("\r\nContent-Type: text/plain\r\n"), std::string::npos);
      EXPECT_TRUE(reply.ends_with("\r\n\r\nhello a b"));
      EXPECT_EQ(reply.find("Connection:"), std::string::npos);
    }
    client.Send(Get("/hello", "Connection: close\r\n"));
    EXPECT_NE(client.ReadToEnd().find("Connection: close"), std::string::npos);
  });
  EXPECT_EQ(server_->stats().requests, 4u);
  EXPECT_EQ(server_->stats().accepted, 1u);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Run([](int port) {
    Client client(port);
    std::string burst;
    for (int i = 0; i < 500; ++i) burst += Get("/hello?name=" + std::to_string(i));
    client.Send(burst);
    for (int i = 0; i < 500; ++i) {
      EXPECT_TRUE(client.ReadReply().ends_with("hello " + std::to_string(i)));
    }
  });
}

TEST_F(HttpServerTest, RequestMayArriveByteByByte) {
  Run([](int port) {
    Client client(port);
    for (const char c : Get("/hello?name=x")) client.Send(std::string_view(&c, 1));
    EXPECT_TRUE(client.ReadReply().ends_with("hello x"));
  });
}

TEST_F(HttpServerTest, ChunkedRequestBodyIsJoined) {
  Run([](int port) {
    Client client(port);
    client.Send(
        "POST /echo HTTP/1.1\r\nHost: test\r\nX-Note: a\r\nx-note: b\r\n"
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    client.Send("6;name=value\r\n world\r\n0\r\nTrailer: ignored\r\n\r\n");
    EXPECT_TRUE(client.ReadReply().ends_with("\r\n\r\nhello world|a, b"));
    EXPECT_TRUE(client.Exchange(Get("/hello?name=next")).ends_with("hello next"));
  });
}

TEST_F(HttpServerTest, ExpectContinueIsAnsweredBeforeTheBody) {
  Run([](int port) {
    Client client(port);
    client.Send(
        "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.ReadThrough("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_TRUE(client.Exchange("body").ends_with("\r\n\r\nbody|"));
  });
}

TEST_F(HttpServerTest, BodyAboveTheLimitIsRefusedUnreadInTheWordsOfItsDoor) {
  Run([](int port) {
    for (const char* more :
         {"Content-Length: 1001\r\nExpect: 100-continue\r\n", "Content-Length: 20000000\r\n"}) {
      Client client(port);
      client.Send("POST /echo HTTP/1.1\r\nHost: test\r\n" + std::string(more) + "\r\n");
      const std::string reply = client.ReadReply();
      EXPECT_TRUE(reply.starts_with("HTTP/1.1 413 ")) << reply;
      EXPECT_NE(reply.find("Connection: close"), std::string::npos);
      EXPECT_TRUE(reply.ends_with("echo says: request body above 1000 bytes"));
    }
    // A client that sends its body anyway can still read the reply.
    Client stubborn(port);
    stubborn.Send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 20000000\r\n\r\n");
    stubborn.Send(std::string(20'000'000, 'x'));
    EXPECT_TRUE(stubborn.ReadReply().starts_with("HTTP/1.1 413 "));
    Client chunked(port);
    chunked.Send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
                 std::string(1000, 'x') + "\r\n1\r\n");
    EXPECT_TRUE(chunked.ReadReply().starts_with("HTTP/1.1 413 "));
  });
}

TEST_F(HttpServerTest, MalformedRequestsAreRefused) {
  const struct {
    std::string request;
    std::string status;
  } cases[] = {
      {"nonsense\r\n\r\n", "400"},
      {"GET /hello\r\n\r\n", "400"},
      {"GET hello HTTP/1.1\r\nHost: test\r\n\r\n", "400"},
      {"GET /%zz HTTP/1.1\r\nHost: test\r\n\r\n", "400"},
      {"GET /hello HTTP/1.1\r\n\r\n", "400"},
      {"GET /hello HTTP/1.1\r\nHost: test\r\nno colon\r\n\r\n", "400"},
      {"GET /hello HTTP/2.0\r\nHost: test\r\n\r\n", "505"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
      {"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
       "400"},
      {"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n"
       "\r\n0\r\n\r\n",
       "400"},
      {"POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
      {"POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nExpect: tea\r\n\r\n", "417"},
      {"GET /hello HTTP/1.1\r\nHost: test\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n", "431"},
      {"GET /" + std::string(70'000, 'x'), "431"},
      {"GET /none HTTP/1.1\r\nHost: test\r\n\r\n", "404"},
      {"PUT /hello HTTP/1.1\r\nHost: test\r\n\r\n", "405"},
  };
  Run([&cases](int port) {
    for (const auto& test : cases) {
      Client client(port);
      const std::string reply = client.Exchange(test.request);
      EXPECT_TRUE(reply.starts_with("HTTP/1.1 " + test.status + " "))
          << test.request.substr(0, 80) << "\n-> " << reply;
      if (test.status != "404" && test.status != "405") {
        EXPECT_NE(reply.find("Connection: close"), std::string::npos) << reply;
      }
    }
  });
  EXPECT_EQ(hellos_, 0);
}

TEST_F(HttpServerTest, HeadAnswersAsGetWithoutTheBody) {
  Run([](int port) {
    Client client(port);
    client.Send("HEAD /hello?name=abc HTTP/1.1\r\nHost: test\r\n\r\n" + Get("/hello?name=d"));
    const std::string head = client.ReadThrough("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK"));
    EXPECT_NE(head.find("Content-Length: 9\r\n"), std::string::npos);
    EXPECT_TRUE(client.ReadReply().ends_with("hello d"));
  });
}

TEST_F(HttpServerTest, OldClientsAreServed) {
  Run([](int port) {
    Client client(port);
    client.Send("GET /hello?name=old HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(client.ReadToEnd().ends_with("hello old"));
    Client keeping(port);
    EXPECT_NE(keeping.Exchange("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                  .find("Connection: keep-alive"),
              std::string::npos);
    EXPECT_TRUE(keeping.Exchange(Get("http://test/hello?name=abs")).ends_with("hello abs"));
  });
}

TEST_F(HttpServerTest, ReplyOfEightMebibytesArrivesWhole) {
  Run([this](int port) {
    Client client(port);
    client.Send(Get("/big"));
    Sync();  // The server has filled the socket and waits.
    Sync();
    const std::string reply = client.ReadReply();
    EXPECT_EQ(reply.size() - reply.find("\r\n\r\n") - 4, 8u << 20);
  });
}

TEST_F(HttpServerTest, UnfinishedRequestsTimeOutEvenWhileTheEmulatedClockStands) {
  options_.header_timeout = 60ms;
  options_.body_timeout = 60ms;
  options_.idle_timeout = 120ms;
  event_loop_.SetPaused(true);
  Run([](int port) {
    Client idle(port);
    Client header(port);
    header.Send("GET /hello HT");
    Client body(port);
    body.Send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf");
    EXPECT_TRUE(header.ReadReply().starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(body.ReadReply().ends_with("echo says: the request body did not arrive in time"));
    EXPECT_EQ(idle.ReadToEnd(), "");
  });
}

TEST_F(HttpServerTest, OneConnectionTooManyIsTurnedAway) {
  options_.max_connections = 2;
  Run([](int port) {
    Client first(port);
    Client second(port);
    EXPECT_TRUE(first.Exchange(Get("/hello")).starts_with("HTTP/1.1 200"));
    EXPECT_TRUE(second.Exchange(Get("/hello")).starts_with("HTTP/1.1 200"));
    Client third(port);
    EXPECT_TRUE(third.Exchange(Get("/hello")).starts_with("HTTP/1.1 503 "));
    first.Close();
    std::string reply;
    for (int i = 0; i < 100 && !reply.starts_with("HTTP/1.1 200"); ++i) {
      Client fourth(port);
      reply = fourth.Exchange(Get("/hello"));
    }
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 200"));
  });
  EXPECT_GE(server_->stats().refused, 1u);
}

TEST_F(HttpServerTest, NoReplyIsSentBeforeTheHookCompletes) {
  before_reply_ = [this] { return WaitForGate(); };
  Run([this](int port) {
    Client client(port);
    client.Send(Get("/hello?name=late"));
    hook_called_.wait(false);
    Sync();
    EXPECT_FALSE(client.HasBytes());
    OpenGate();
    EXPECT_TRUE(client.ReadReply().ends_with("hello late"));
  });
}

TEST_F(HttpServerTest, TwoThousandIdleAndHalfSentConnectionsBlockNoOthers) {
  if (RaiseOpenFileLimit() < 4200) GTEST_SKIP() << "the limit of open files is too low";
  Run([](int port) {
    std::vector<Client> clients;
    clients.reserve(2000);
    for (int i = 0; i < 2000; ++i) {
      clients.emplace_back(port);
      ASSERT_TRUE(clients.back().connected());
      if (i % 2 == 0) clients.back().Send("POST /echo HTTP/1.1\r\nHost: te");
    }
    Client last(port);
    EXPECT_TRUE(last.Exchange(Get("/hello?name=last")).ends_with("hello last"));
    clients[0].Send("st\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_TRUE(clients[0].ReadReply().ends_with("\r\n\r\nok|"));
  });
}

TEST_F(HttpServerTest, StreamFlushesEachChunkAndTheConnectionStaysOpen) {
  Run([this](int port) {
    Client client(port);
    client.Send(Get("/ticks"));
    EXPECT_NE(client.ReadThrough("\r\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
    EXPECT_EQ(client.ReadThrough("tick\n\r\n"), "5\r\ntick\n\r\n");
    OpenGate();
    EXPECT_EQ(client.ReadThrough("tick\n\r\n"), "5\r\ntick\n\r\n");
    client.Send(Get("/hello?name=behind"));  // Waits until the stream has ended.
    OpenGate();
    EXPECT_EQ(client.ReadThrough("0\r\n\r\n"), "5\r\ntick\n\r\n0\r\n\r\n");
    EXPECT_TRUE(client.ReadReply().ends_with("hello behind"));
  });
  EXPECT_FALSE(stream_cancelled_);
  EXPECT_EQ(server_->stats().streams, 0);
}

TEST_F(HttpServerTest, StreamIsCancelledWhenItsClientGoes) {
  Run([this](int port) {
    Client client(port);
    client.Send(Get("/ticks"));
    client.ReadThrough("tick\n\r\n");
    client.Close();
    stream_cancelled_.wait(false);
  });
  EXPECT_TRUE(stream_cancelled_);
  EXPECT_EQ(event_loop_.failed_tasks(), 0u);
}

TEST_F(HttpServerTest, StreamToAClientThatDoesNotReadIsCut) {
  options_.write_timeout = 100ms;
  ticks_ = 100'000'000;
  padding_ = std::string(100'000, 'x');
  Run([this](int port) {
    Client client(port);
    client.Send(Get("/ticks"));
    client.ReadThrough("tick\n\r\n");
    std::atomic<bool> streaming = true;
    // Opens the gate repeatedly; the socket fills up, and the write times out.
    std::function<void()> open = [this, &open, &streaming] {
      gate_.NotifyAll();
      streaming = server_->stats().streams > 0;
      if (streaming) {
        event_loop_.Post(open);
      } else {
        EXPECT_EQ(server_->stats().stalled, 1u);
        streaming.notify_all();
      }
    };
    OnLoop(open);
    streaming.wait(true);
  });
}

TEST_F(HttpServerTest, CloseLetsRequestsFinishEndsStreamsAndCutsTheRest) {
  Run([this](int port) {
    Client idle(port);
    idle.Exchange(Get("/hello"));
    Client half(port);
    half.Send("GET /hel");
    Client streaming(port);
    streaming.Send(Get("/ticks"));
    streaming.ReadThrough("tick\n\r\n");
    Client slow(port);
    slow.Send(Get("/slow"));
    slow_started_.wait(false);
    std::atomic<bool> closed = false;
    OnLoop([this, &closed] {
      Spawn(event_loop_, "close", [](HttpServer* server, std::atomic<bool>* done) -> Task<> {
        co_await server->Close(10s);
        *done = true;
        done->notify_all();
      }(server_.get(), &closed));
    });
    EXPECT_EQ(idle.ReadToEnd(), "");
    EXPECT_EQ(half.ReadToEnd(), "");
    EXPECT_EQ(streaming.ReadToEnd(), "0\r\n\r\n");
    EXPECT_FALSE(closed);
    EXPECT_FALSE(Client(port).connected());
    OpenGate();
    const std::string reply = slow.ReadToEnd();
    EXPECT_TRUE(reply.ends_with("slow"));
    EXPECT_NE(reply.find("Connection: close"), std::string::npos);
    closed.wait(false);
  });
}

TEST_F(HttpServerTest, CloseCutsWhatOutlastsItsPatience) {
  Run([this](int port) {
    Client slow(port);
    slow.Send(Get("/slow"));
    slow_started_.wait(false);
    OnLoop([this] { Spawn(event_loop_, "close", server_->Close(50ms)); });
    EXPECT_EQ(slow.ReadToEnd(), "");
  });
}

TEST_F(HttpServerTest, PortInUseIsAnErrorThatNamesAddressPortAndRemedy) {
  const auto first = HttpServer::Listen(event_loop_, router_, options_, nullptr);
  ASSERT_FALSE(first.has_error());
  options_.port = first.value()->port();
  const auto second = HttpServer::Listen(event_loop_, router_, options_, nullptr);
  ASSERT_TRUE(second.has_error());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(second.error().message, "127.0.0.1:" + std::to_string(options_.port) +
                                        " is in use by another process; choose another port with "
                                        "--port");
  options_.address = "not an address";
  EXPECT_EQ(HttpServer::Listen(event_loop_, router_, options_, nullptr).error().message,
            "not an IP address: not an address");
}

class NotingObserver final : public HttpObserver {
 public:
  std::uint64_t OnRequest(const HttpRequest& request) override {
    notes += request.method + " " + request.path + " ";
    return notes.size();
  }
  void OnAnswer(std::uint64_t, int status) override { notes += std::to_string(status) + "; "; }
  std::string notes;
};

TEST_F(HttpServerTest, AnObserverHearsOfEachRequestOnceAndOfItsAnswer) {
  NotingObserver observer;
  options_.observer = &observer;
  Run([](int port) {
    Client client(port);
    client.Send("HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n");
    client.ReadThrough("\r\n\r\n");
    client.Exchange(Get("/nowhere"));
  });
  EXPECT_EQ(observer.notes, "HEAD /hello 200; GET /nowhere 404; ");
}

}  // namespace
}  // namespace kless
