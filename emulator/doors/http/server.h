// HttpServer: serves a Router by HTTP/1.1 on one port.  Only doors/http open sockets.
//
// It supports keep-alive, pipelining (replies are in order), chunked bodies in both directions, TLS
// and Expect: 100-continue, but neither HTTP/2 nor compression.  There is one coroutine per
// connection; a connection that is idle or has sent half a request holds no buffer beyond the bytes
// it sent (over TLS: 16 KiB).
//
// Timeouts and Close() run on the OS clock, not on the EventLoop's: a client's patience is real
// time, whether the emulated clock stands still or runs 100 times faster.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "emulator/base/error.h"
#include "emulator/base/loop/task.h"
#include "emulator/doors/http/router.h"

namespace kless {

class EventLoop;
class TlsContext;

// Is notified of every dispatched request, and of the status of its reply.
class HttpObserver {
 public:
  virtual ~HttpObserver() = default;
  // Called on arrival.  Returns an id for OnAnswer.
  virtual std::uint64_t OnRequest(const HttpRequest& request) = 0;
  // Called once the reply is known, before it is committed and sent; for a stream, when it begins.
  // Not called for a cancelled request.
  virtual void OnAnswer(std::uint64_t id, int status) = 0;
};

// Counts the server's replies, including refused requests.  Unlike an observer it is also told of
// their end.
class HttpMonitor {
 public:
  virtual ~HttpMonitor() = default;
  // Called on arrival.  Returns a number for the calls below; equal kinds of requests share one.
  virtual std::size_t OnArrival(const HttpRequest& request) = 0;
  // Called once the reply has been written, or the client has gone; for a stream when it begins.
  // `took` is the real time since the complete request was received.
  virtual void OnReply(std::size_t kind, int status, std::chrono::nanoseconds took) = 0;
  // `change` is 1 when a stream begins, -1 when it ends.
  virtual void OnStream(std::size_t kind, int change) = 0;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  // an IP address, or "localhost"
  int port = 8080;                    // 0: chosen by the system
  // Further connections get a 503 and are closed.
  int max_connections = 4096;
  std::size_t header_limit = 64u << 10;  // bytes of one header, or of a chunk's header: 431
  std::chrono::milliseconds idle_timeout{180'000};  // between requests: closed silently
  // from the first byte to the end of the header: 408
  std::chrono::milliseconds header_timeout{15'000};
  // from the end of the header to that of the body: 408
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds write_timeout{30'000};  // for each 256 KiB of a reply
  std::shared_ptr<TlsContext> tls;                  // null for plain HTTP
  // null: no observer; must outlive the last request
  HttpObserver* observer = nullptr;
  // may be null; must outlive the last request
  HttpMonitor* monitor = nullptr;
};

struct HttpServerStats {
  int connections = 0;         // open connections
  int streams = 0;             // those with a watch or followed feed
  std::uint64_t accepted = 0;  // since the start
  std::uint64_t refused = 0;   // because of max_connections
  std::uint64_t requests = 0;  // replies, including errors
  // connections closed because the client did not read its reply in time
  std::uint64_t stalled = 0;
};

class HttpServer {
 public:
  // Binds and starts to accept.  `before_reply`, which may be empty, is awaited before the head of
  // every reply is sent (the wiring passes Store::Committed, so that no reply precedes the commit).
  // The event loop and the router must outlive the server. kUnavailable: the address is in use or
  // cannot be bound; the message names address, port and remedy.
  static Result<std::unique_ptr<HttpServer>> Listen(EventLoop& event_loop, const Router& router,
                                                    HttpServerOptions options,
                                                    std::function<Task<>()> before_reply);
  // Closes every socket immediately.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;  // the port that was bound
  HttpServerStats stats() const;

  // Existing connections continue.
  void StopAccepting();
  // Stops accepting, closes idle connections, ends streams, lets requests in flight finish (their
  // replies say Connection: close), and completes when no connection is left.  After `patience` of
  // real time the remaining ones are closed.
  Task<> Close(std::chrono::milliseconds patience);

 private:
  class Server;
  explicit HttpServer(std::shared_ptr<Server> server);
  std::shared_ptr<Server> server_;
};

// Raises the soft limit of open files to the hard one; returns the resulting limit.
std::uint64_t RaiseOpenFileLimit();

}  // namespace kless
