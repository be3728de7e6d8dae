// Connections have no buffers of their own: they wait until there is something to read, and then
// read into one buffer that all share, so that a hundred idle environments cost little memory.
#include "emulator/processes/runtime_api.h"

#include <fmt/core.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/processes/runtime_request.h"
#include "functions/pool/pool.h"

namespace kless::processes {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr std::string_view kPrefix = "/2018-06-01/runtime/";
constexpr std::size_t kReceiveBytes = 64u << 10;

std::string Reply(int status, std::string_view reason, std::string_view body,
                  const std::map<std::string, std::string>& headers, bool keep_alive) {
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
                  status, reason, body.size());
  for (const auto& [name, value] : headers) text += fmt::format("{}: {}\r\n", name, value);
  if (!keep_alive) text += "Connection: close\r\n";
  text += "\r\n";
  text += body;
  return text;
}

}  // namespace

class RuntimeApi::Server : public std::enable_shared_from_this<Server> {
 public:
  Server(EventLoop& event_loop, Listener& listener)
      : event_loop_(event_loop), listener_(&listener), acceptor_(event_loop.context()) {}

  Result<void> Listen();
  int port() const { return port_; }
  bool waiting() const { return waiting_ != nullptr; }
  void Send(RuntimeInvocation invocation);
  void Close();

 private:
  struct Connection : std::enable_shared_from_this<Connection> {
    explicit Connection(asio::io_context& context) : socket(context), parser(kMaxPayloadBytes) {}
    tcp::socket socket;
    RuntimeRequestParser parser;
    std::string output;
    bool reading = false;
    bool writing = false;
    bool closes = false;  // after what is being written
  };
  using ConnectionPtr = std::shared_ptr<Connection>;
  enum class State { kInitializing, kIdle, kInvoking };

  void Accept();
  void Read(const ConnectionPtr& connection);
  void Take(const ConnectionPtr& connection, RuntimeRequestParser::State state);
  void Handle(const ConnectionPtr& connection, RuntimeRequest request);
  void Answer(const ConnectionPtr& connection, RuntimeRequest request, std::string_view rest);
  void Write(const ConnectionPtr& connection, std::string text);
  void Drop(const ConnectionPtr& connection);
  void Refuse(const ConnectionPtr& connection, bool keep_alive, int status, std::string_view reason,
              std::string_view type, std::string_view message);
  // 403: the runtime is not in a state in which it may become `wanted`.
  void RefuseState(const ConnectionPtr& connection, bool keep_alive, std::string_view wanted);
  void Accepted(const ConnectionPtr& connection, bool keep_alive) {
    Write(connection, Reply(202, "Accepted", "{\"status\":\"OK\"}\n", {}, keep_alive));
  }
  // Calls the listener in a step of its own, unless this is closed by then.
  template <typename Call>
  void Tell(Call call) {
    event_loop_.Post([self = shared_from_this(), call = std::move(call)]() mutable {
      if (self->listener_ != nullptr) call(*self->listener_);
    });
  }

  EventLoop& event_loop_;
  Listener* listener_;  // null: closed
  tcp::acceptor acceptor_;
  int port_ = 0;
  std::set<ConnectionPtr> connections_;
  ConnectionPtr waiting_;  // its runtime waits for an invocation
  State state_ = State::kInitializing;
  std::string request_id_;  // of the newest invocation
};

Result<void> RuntimeApi::Server::Listen() {
  error_code error;
  const tcp::endpoint any_port(asio::ip::address_v4::loopback(), 0);
  acceptor_.open(any_port.protocol(), error);
  if (!error) acceptor_.bind(any_port, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return MakeError(ErrorCode::kUnavailable,
                     "cannot open a port for the Runtime API: " + error.message());
  }
  port_ = acceptor_.local_endpoint(error).port();
  Accept();
  return {};
}

void RuntimeApi::Server::Accept() {
  const auto connection = std::make_shared<Connection>(event_loop_.context());
  acceptor_.async_accept(connection->socket,
                         [self = shared_from_this(), connection](error_code error) {
                           if (error || self->listener_ == nullptr) return;
                           error_code ignored;
                           connection->socket.non_blocking(true, ignored);
                           connection->socket.set_option(tcp::no_delay(true), ignored);
                           self->connections_.insert(connection);
                           self->Read(connection);
                           self->Accept();
                         });
}

// A connection is read at all times, also to notice that the runtime goes away.
void RuntimeApi::Server::Read(const ConnectionPtr& connection) {
  if (std::exchange(connection->reading, true)) return;
  connection->socket.async_wait(tcp::socket::wait_read, [self = shared_from_this(),
                                                         connection](error_code error) {
    connection->reading = false;
    if (self->listener_ == nullptr || !self->connections_.contains(connection)) return;
    static std::array<char, kReceiveBytes> buffer;
    const std::size_t bytes = error ? 0 : connection->socket.read_some(asio::buffer(buffer), error);
    if (error == asio::error::would_block) return self->Read(connection);
    if (error) return self->Drop(connection);
    self->Take(connection, connection->parser.Feed({buffer.data(), bytes}));
  });
}

void RuntimeApi::Server::Take(const ConnectionPtr& connection, RuntimeRequestParser::State state) {
  using Parsed = RuntimeRequestParser::State;
  switch (state) {
    case Parsed::kMore:
      return Read(connection);
    case Parsed::kDone:
      // No runtime asks before it has its answer.
      if (connection->writing) return Drop(connection);
      Handle(connection, connection->parser.Take());
      return Read(connection);
    case Parsed::kTooLarge: {
      const std::string& path = connection->parser.path();
      const bool is_answer = state_ == State::kInvoking &&
                             path == fmt::format("{}invocation/{}/response", kPrefix, request_id_);
      if (is_answer) {
        state_ = State::kIdle;
        Tell([](Listener& listener) { listener.OnResponseTooLarge(); });
      }
      return Refuse(
          connection, false, 413, "Request Entity Too Large", "RequestEntityTooLarge",
          fmt::format("Exceeded maximum allowed payload size ({} bytes).", kMaxPayloadBytes));
    }
    case Parsed::kMalformed:
      return Refuse(connection, false, 400, "Bad Request", "InvalidRequest",
                    "The request is not HTTP/1.1.");
  }
}

void RuntimeApi::Server::Handle(const ConnectionPtr& connection, RuntimeRequest request) {
  const bool keep_alive = request.keep_alive;
  const std::string path = request.path;
  const std::string_view rest =
      path.starts_with(kPrefix) ? std::string_view(path).substr(kPrefix.size()) : "";
  const bool is_next = rest == "invocation/next";
  const bool is_init_error = rest == "init/error";
  const bool is_answer =
      rest.starts_with("invocation/") && (rest.ends_with("/response") || rest.ends_with("/error"));
  if (!is_next && !is_init_error && !is_answer) {
    return Write(connection, Reply(404, "Not Found", "404 page not found\n", {}, keep_alive));
  }
  if (request.method != (is_next ? "GET" : "POST")) {
    return Write(connection, Reply(405, "Method Not Allowed", "", {}, keep_alive));
  }
  if (is_next) {
    if (state_ == State::kInvoking || waiting_ != nullptr) {
      return RefuseState(connection, keep_alive, "Ready");
    }
    state_ = State::kIdle;
    waiting_ = connection;
    connection->closes = !keep_alive;
    return Tell([](Listener& listener) { listener.OnNext(); });
  }
  if (is_init_error) {
    if (state_ != State::kInitializing) return RefuseState(connection, keep_alive, "InitError");
    Accepted(connection, keep_alive);
    RuntimeError error{request.headers["lambda-runtime-function-error-type"],
                       std::move(request.body)};
    return Tell([error = std::move(error)](Listener& listener) mutable {
      listener.OnInitError(std::move(error));
    });
  }
  Answer(connection, std::move(request), rest.substr(std::string_view("invocation/").size()));
}

void RuntimeApi::Server::Answer(const ConnectionPtr& connection, RuntimeRequest request,
                                std::string_view rest) {
  const auto slash = rest.find('/');
  const bool is_error = rest.substr(slash) == "/error";
  const bool keep_alive = request.keep_alive;
  if (rest.substr(0, slash) != request_id_ || request_id_.empty()) {
    return Refuse(connection, keep_alive, 400, "Bad Request", "InvalidRequestID",
                  "Invalid request ID");
  }
  if (state_ != State::kInvoking) {
    return RefuseState(connection, keep_alive,
                       is_error ? "InvocationErrorResponse" : "InvocationResponse");
  }
  state_ = State::kIdle;
  Accepted(connection, keep_alive);
  // A streamed response that breaks off says so in its trailers.
  const std::string& type = request.headers["lambda-runtime-function-error-type"];
  if (is_error || !type.empty()) {
    RuntimeError error{type, std::move(request.body)};
    return Tell([error = std::move(error)](Listener& listener) mutable {
      listener.OnError(std::move(error));
    });
  }
  Tell([body = std::move(request.body)](Listener& listener) mutable {
    listener.OnResponse(std::move(body));
  });
}

void RuntimeApi::Server::Send(RuntimeInvocation invocation) {
  state_ = State::kInvoking;
  request_id_ = invocation.request_id;
  invocation.headers["Lambda-Runtime-Aws-Request-Id"] = std::move(invocation.request_id);
  const ConnectionPtr connection = std::exchange(waiting_, nullptr);
  Write(connection, Reply(200, "OK", invocation.payload, invocation.headers, !connection->closes));
}

void RuntimeApi::Server::Refuse(const ConnectionPtr& connection, bool keep_alive, int status,
                                std::string_view reason, std::string_view type,
                                std::string_view message) {
  std::string body = R"({"errorMessage":)";
  AppendJsonString(body, message);
  body += R"(,"errorType":)";
  AppendJsonString(body, type);
  body += "}\n";
  Write(connection, Reply(status, reason, body, {}, keep_alive));
}

void RuntimeApi::Server::RefuseState(const ConnectionPtr& connection, bool keep_alive,
                                     std::string_view wanted) {
  const char* const state = state_ == State::kInitializing ? "Started"
                            : state_ == State::kInvoking   ? "Running"
                                                           : "Ready";
  Refuse(connection, keep_alive, 403, "Forbidden", "InvalidStateTransition",
         fmt::format("State transition from {} to {} failed for runtime. Error: State transition "
                     "is not allowed",
                     state, wanted));
}

void RuntimeApi::Server::Write(const ConnectionPtr& connection, std::string text) {
  connection->closes = text.find("\r\nConnection: close\r\n") < text.find("\r\n\r\n");
  connection->output = std::move(text);
  connection->writing = true;
  asio::async_write(connection->socket, asio::buffer(connection->output),
                    [self = shared_from_this(), connection](error_code error, std::size_t) {
                      connection->writing = false;
                      std::string().swap(connection->output);
                      if (self->listener_ == nullptr) return;
                      if (error || connection->closes) return self->Drop(connection);
                      if (self->connections_.contains(connection)) {
                        self->Take(connection, connection->parser.Feed(""));
                      }
                    });
}

void RuntimeApi::Server::Drop(const ConnectionPtr& connection) {
  error_code ignored;
  connection->socket.close(ignored);
  if (waiting_ == connection) waiting_ = nullptr;
  connections_.erase(connection);
}

void RuntimeApi::Server::Close() {
  listener_ = nullptr;
  error_code ignored;
  acceptor_.close(ignored);
  for (const ConnectionPtr& connection : connections_) connection->socket.close(ignored);
  connections_.clear();
  waiting_ = nullptr;
}

RuntimeApi::RuntimeApi(EventLoop& event_loop, Listener& listener)
    : server_(std::make_shared<Server>(event_loop, listener)) {}
RuntimeApi::~RuntimeApi() { server_->Close(); }

Result<void> RuntimeApi::Listen() { return server_->Listen(); }
int RuntimeApi::port() const { return server_->port(); }
bool RuntimeApi::waiting() const { return server_->waiting(); }
void RuntimeApi::Send(RuntimeInvocation invocation) { server_->Send(std::move(invocation)); }

}  // namespace kless::processes
