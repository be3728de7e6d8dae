#include "emulator/doors/http/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/system/log.h"
#include "emulator/doors/http/connection.h"

namespace kless {

using asio::ip::tcp;
using boost::system::error_code;

class HttpServer::Server : public std::enable_shared_from_this<Server> {
 public:
  Server(EventLoop& event_loop, const Router& router, HttpServerOptions options,
         std::function<Task<>()> before_reply)
      : state_(std::make_shared<HttpServerState>(event_loop, router, std::move(options),
                                                 std::move(before_reply))),
        acceptor_(event_loop.context()),
        sweep_timer_(event_loop.context()),
        drain_timer_(event_loop.context()) {}

  Result<void> Bind();
  void Start();
  void StopAccepting();
  void CutAll();
  static Task<> Close(std::shared_ptr<Server> self, std::chrono::milliseconds patience);
  int port() const { return port_; }
  const HttpServerStats& stats() const { return state_->stats; }

 private:
  static Task<> AcceptLoop(std::shared_ptr<Server> self);
  static Task<> SweepLoop(std::shared_ptr<Server> self);
  void Refuse(tcp::socket socket);

  const std::shared_ptr<HttpServerState> state_;
  tcp::acceptor acceptor_;
  asio::steady_timer sweep_timer_;
  asio::steady_timer drain_timer_;
  int port_ = 0;
  bool accepting_ = false;
  bool sweeping_ = false;
};

Result<void> HttpServer::Server::Bind() {
  const HttpServerOptions& options = state_->options;
  const bool is_v6 = options.address.find(':') != std::string::npos;
  const std::string where =
      (is_v6 ? "[" + options.address + "]" : options.address) + ":" + std::to_string(options.port);
  error_code ec;
  asio::ip::address address = asio::ip::address_v4::loopback();
  if (options.address != "localhost") address = asio::ip::make_address(options.address, ec);
  if (ec) return MakeError(ErrorCode::kInvalidArgument, "not an IP address: " + options.address);
  if (options.port < 0 || options.port > 65535) {
    return MakeError(ErrorCode::kInvalidArgument, "not a port: " + std::to_string(options.port));
  }
  const tcp::endpoint endpoint(address, static_cast<unsigned short>(options.port));
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  if (ec == asio::error::address_in_use) {
    return MakeError(ErrorCode::kUnavailable,
                     where + " is in use by another process; choose another port with --port");
  }
  if (ec) {
    const bool port = ec == boost::system::errc::permission_denied;  // below 1024 they are root's
    return MakeError(ErrorCode::kUnavailable,
                     "cannot listen on " + where + ": " + ec.message() + "; choose another " +
                         (port ? "port with --port" : "address of this machine with --address"));
  }
  port_ = acceptor_.local_endpoint(ec).port();
  return {};
}

void HttpServer::Server::Start() {
  accepting_ = true;
  // The server may be destroyed before its timer fires; the weak pointer avoids a cycle.
  state_->on_last_gone = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->drain_timer_.cancel();
  };
  Spawn(state_->event_loop, "http accept", AcceptLoop(shared_from_this()));
}

Task<> HttpServer::Server::AcceptLoop(std::shared_ptr<Server> self) {
  HttpServerState& state = *self->state_;
  while (self->accepting_) {
    error_code ec;
    tcp::socket socket =
        co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, ec));
    if (!self->accepting_ || ec == asio::error::operation_aborted) break;
    if (ec == asio::error::connection_aborted) continue;
    if (ec) {
      // No files or memory are left: closing connections frees them.
      Log(LogLevel::kWarning, "http", "cannot accept a connection: " + ec.message());
      asio::steady_timer pause(state.event_loop.context(), std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      continue;
    }
    socket.non_blocking(true, ec);
    socket.set_option(tcp::no_delay(true), ec);
    socket.set_option(asio::socket_base::keep_alive(true), ec);
    if (state.connections.size() >= static_cast<std::size_t>(state.options.max_connections)) {
      self->Refuse(std::move(socket));
      continue;
    }
    auto connection = std::make_shared<HttpConnection>(self->state_, std::move(socket));
    Spawn(state.event_loop, "http connection", HttpConnection::Serve(std::move(connection)));
    if (!std::exchange(self->sweeping_, true)) {
      Spawn(state.event_loop, "http sweeper", SweepLoop(self));
    }
  }
}

void HttpServer::Server::Refuse(tcp::socket socket) {
  static constexpr std::string_view kReply =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 1\r\n"
      "Content-Length: 21\r\nConnection: close\r\n\r\ntoo many connections\n";
  ++state_->stats.refused;
  error_code ignored;
  // Received bytes are read first: closing with unread bytes would cause a reset.
  socket.read_some(asio::buffer(state_->scratch), ignored);
  socket.write_some(asio::buffer(kReply), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

// One timer for all connections instead of one each makes setting a deadline a plain store; a
// timeout is late by at most an eighth of the shortest one, or a second.
Task<> HttpServer::Server::SweepLoop(std::shared_ptr<Server> self) {
  HttpServerState& state = *self->state_;
  const HttpServerOptions& options = state.options;
  const auto shortest = std::min(std::min(options.idle_timeout, options.header_timeout),
                                 std::min(options.body_timeout, options.write_timeout));
  const auto interval =
      std::clamp(shortest / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(1000));
  while (!state.connections.empty()) {
    error_code ec;
    self->sweep_timer_.expires_after(interval);
    co_await self->sweep_timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if (ec) break;
    const auto now = HttpConnection::Steady::now();
    for (const auto& [id, connection] : state.connections) connection->CheckDeadline(now);
  }
  self->sweeping_ = false;
}

void HttpServer::Server::StopAccepting() {
  accepting_ = false;
  error_code ignored;
  acceptor_.close(ignored);
}

void HttpServer::Server::CutAll() {
  StopAccepting();
  state_->draining = true;
  sweep_timer_.cancel();
  drain_timer_.cancel();
  for (const auto& [id, connection] : state_->connections) connection->Cut();
}

Task<> HttpServer::Server::Close(std::shared_ptr<Server> self, std::chrono::milliseconds patience) {
  self->StopAccepting();
  self->state_->draining = true;
  for (const auto& [id, connection] : self->state_->connections) connection->Drain();
  if (!self->state_->connections.empty()) {
    error_code ec;
    self->drain_timer_.expires_after(patience);  // Cancelled when the last connection has closed.
    co_await self->drain_timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
  for (const auto& [id, connection] : self->state_->connections) connection->Cut();
}

HttpServer::HttpServer(std::shared_ptr<Server> server) : server_(std::move(server)) {}
HttpServer::~HttpServer() { server_->CutAll(); }

Result<std::unique_ptr<HttpServer>> HttpServer::Listen(EventLoop& event_loop, const Router& router,
                                                       HttpServerOptions options,
                                                       std::function<Task<>()> before_reply) {
  auto server =
      std::make_shared<Server>(event_loop, router, std::move(options), std::move(before_reply));
  KLESS_TRY_VOID(server->Bind());
  server->Start();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(server)));
}

int HttpServer::port() const { return server_->port(); }
HttpServerStats HttpServer::stats() const { return server_->stats(); }
void HttpServer::StopAccepting() { server_->StopAccepting(); }
Task<> HttpServer::Close(std::chrono::milliseconds patience) {
  return Server::Close(server_, patience);
}

std::uint64_t RaiseOpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

}  // namespace kless
