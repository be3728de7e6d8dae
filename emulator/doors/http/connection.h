// HttpConnection: one accepted socket and the coroutine that serves it.  Private to the HTTP
// server.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/loop/task.h"
#include "emulator/doors/http/parser.h"
#include "emulator/doors/http/router.h"
#include "emulator/doors/http/server.h"
#include "emulator/doors/http/tls.h"

namespace kless {

class HttpConnection;

// The state that the server and its connections share.  It must outlive every connection.
struct HttpServerState {
  HttpServerState(EventLoop& event_loop, const Router& router, HttpServerOptions options,
                  std::function<Task<>()> before_reply);
  // The current Date field, in the emulated world's time.
  std::string_view Date();

  EventLoop& event_loop;
  const Router& router;
  const HttpServerOptions options;
  const std::function<Task<>()> before_reply;
  // All sockets are read into this one buffer; bytes that are not parsed at once move to their
  // connection.
  std::vector<char> scratch;
  std::map<std::uint64_t, HttpConnection*> connections;  // those whose coroutine is running
  std::function<void()> on_last_gone;
  std::uint64_t next_connection = 1;
  HttpServerStats stats;
  bool draining = false;

 private:
  std::string date_;
  std::int64_t date_second_ = -1;
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Steady = std::chrono::steady_clock;

  HttpConnection(std::shared_ptr<HttpServerState> server, boost::asio::ip::tcp::socket socket);
  ~HttpConnection();

  static Task<> Serve(std::shared_ptr<HttpConnection> self);

  // Called by the sweeper: acts if the deadline has passed.
  void CheckDeadline(Steady::time_point now);
  // Called when the server closes: a connection without a complete request is closed now, a stream
  // is ended, and the others may finish.
  void Drain();
  // Closes the socket; the coroutine ends soon after.
  void Cut();

 private:
  class ChunkWriter;
  struct Stream;
  enum class Phase { kIdle, kHeader, kBody, kHandling, kWriting, kStreaming, kLingering };
  enum class Read { kData, kClosed, kTimedOut };
  enum class Outcome { kRequest, kRefused, kClosed };

  void Arm(Phase phase, std::chrono::milliseconds timeout);
  void Disarm(Phase phase);
  // Reports that the client has not read its reply in time.
  void ReportStalled();
  std::string_view Pending() const { return std::string_view(pending_).substr(pending_begin_); }
  void Consume(std::size_t bytes);
  void Append(std::string_view bytes);
  // Returns false if there is no secure connection, so that no reply can be sent.
  Task<bool> Secure();
  // Waits for bytes and appends them to the pending ones.
  Task<Read> ReadSome();
  Task<Outcome> ReadRequest();
  // Called on arrival and at the end of a request: the monitor counts it, and a debug line logs it.
  void NoteArrival(const HttpRequest& request);
  void NoteReply(int status);
  Task<> Refuse();
  Task<> Answer();
  Task<boost::system::error_code> WriteAll(std::array<boost::asio::const_buffer, 3> buffers);
  Task<bool> WriteText(std::string text);
  Task<> Send(HttpResponse response, bool without_body);
  Task<> SendStream(HttpResponse response);
  Task<Result<void>> WriteChunk(std::string chunk);
  Task<> Linger();

  const std::shared_ptr<HttpServerState> server_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsStream> tls_;  // null for plain HTTP
  const std::uint64_t id_;
  Phase phase_ = Phase::kIdle;
  Steady::time_point deadline_;
  std::string answering_;         // the request being replied to, for the log
  std::uint64_t request_id_ = 0;  // its number, counted by the server
  Steady::time_point arrived_;    // when it was complete
  std::size_t kind_ = 0;          // the monitor's number for its kind
  bool timed_out_ = false;
  bool keep_alive_ = true;
  bool gone_ = false;      // nothing more can be written
  bool chunked_ = true;    // framing of the current stream
  bool watching_ = false;  // reading during a stream, to detect the client's disconnection
  std::string pending_;    // read but not parsed yet, from pending_begin_
  std::size_t pending_begin_ = 0;
  std::unique_ptr<HttpParser> parser_;  // null while idle
  HttpRefusal refusal_;
  std::shared_ptr<Stream> stream_;  // null unless a stream is in progress
};

}  // namespace kless
