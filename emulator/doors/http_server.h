// HttpServer: HTTP/1.1 on one port in front of a Router.  The only place that opens sockets, and
// the only user of Boost.Beast beside its separate compilation.
//
// Keep-alive, pipelining (answered in order), chunked bodies in both directions, Expect:
// 100-continue, TLS.  No HTTP/2, no compression.  One coroutine per connection; a connection
// that is idle or has sent half a request holds no buffer beyond the bytes it sent (over TLS: 16
// KiB).
//
// Timeouts and Close() run on the OS clock, not on the Scheduler's: the patience of a client on the
// other side of a socket is real time, whether the emulated clock stands still or runs 100 times
// faster.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "emulator/base/error.h"
#include "emulator/base/router.h"
#include "emulator/base/task.h"

namespace kless {

class Scheduler;
class TlsContext;

// Hears of every request that is dispatched, and of what was answered.
class HttpObserver {
 public:
  virtual ~HttpObserver() = default;
  // On arrival.  Returns a number for OnAnswer.
  virtual std::uint64_t OnRequest(const HttpRequest& request) = 0;
  // Once the answer is known, before it is committed and goes out; of a stream when it begins.
  // Never for a request that is cancelled.
  virtual void OnAnswer(std::uint64_t id, int status) = 0;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  // an IP address, or "localhost"
  int port = 8080;                    // 0: the system chooses
  // One more is answered 503 and closed.
  int max_connections = 4096;
  std::size_t header_limit = 64u << 10;  // bytes of one header, or of a chunk's header: 431
  std::chrono::milliseconds idle_timeout{180'000};   // between requests: closed silently
  std::chrono::milliseconds header_timeout{15'000};  // first byte to the end of the header: 408
  std::chrono::milliseconds body_timeout{60'000};    // end of the header to that of the body: 408
  std::chrono::milliseconds write_timeout{30'000};   // for each 256 KiB of a reply
  std::shared_ptr<TlsContext> tls;                   // null: plain HTTP
  HttpObserver* observer = nullptr;                  // null: nobody; outlives the last request
};

struct HttpServerStats {
  int connections = 0;         // open now
  int streams = 0;             // watches and followed feeds among them
  std::uint64_t accepted = 0;  // since the start
  std::uint64_t refused = 0;   // over max_connections
  std::uint64_t requests = 0;  // answered, errors included
  std::uint64_t stalled = 0;   // replies cut because the client did not read them in time
};

class HttpServer {
 public:
  // Binds and starts to accept.  `before_reply` is awaited before the head of every reply goes out
  // (the wiring passes Store::Committed: nobody is answered before the commit); it may be empty.
  // The scheduler and the router outlive the server.  kUnavailable: the address is in use or cannot
  // be bound; the message names address, port and remedy.
  static Result<std::unique_ptr<HttpServer>> Listen(Scheduler& scheduler, const Router& router,
                                                    HttpServerOptions options,
                                                    std::function<Task<>()> before_reply);
  // Closes every socket at once.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;  // the bound one
  HttpServerStats stats() const;

  // Existing connections go on.
  void StopAccepting();
  // Stops accepting, closes idle connections, ends streams, lets requests in flight finish (their
  // replies say Connection: close), and completes when no connection is left.  After `patience` of
  // real time the rest is cut.
  Task<> Close(std::chrono::milliseconds patience);

 private:
  class Server;
  explicit HttpServer(std::shared_ptr<Server> server);
  std::shared_ptr<Server> server_;
};

// Raises the soft limit of open files to the hard one; returns the limit then in force.
std::uint64_t RaiseOpenFileLimit();

}  // namespace kless
