#include "emulator/doors/http/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <cstdio>

#include "emulator/base/clock.h"
#include "emulator/base/duration.h"
#include "emulator/base/loop/event.h"
#include "emulator/base/system/log.h"
#include "emulator/doors/http/head.h"

namespace kless {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kScratchBytes = 64u << 10;
constexpr std::size_t kSliceBytes = 256u << 10;  // of a reply that are written under one timeout
// A client that sends this much after a request whose reply is a stream is disconnected.
constexpr std::size_t kPendingBehindStream = 64u << 10;
// How long a refused client may keep sending before its socket is closed: closing with unread bytes
// causes a reset, which can overtake the reply.
constexpr std::chrono::milliseconds kLinger{5'000};

// The function is a parameter, so that it lives in this coroutine's frame: a stream may be a lambda
// whose captures have to outlast every suspension of the task that it returns.
Task<> RunStream(std::function<Task<>(std::shared_ptr<BodyWriter>)> stream,
                 std::shared_ptr<BodyWriter> writer) {
  co_await stream(std::move(writer));
}

}  // namespace

HttpServerState::HttpServerState(EventLoop& event_loop, const Router& router,
                                 HttpServerOptions options, std::function<Task<>()> before_reply)
    : event_loop(event_loop),
      router(router),
      options(std::move(options)),
      before_reply(std::move(before_reply)),
      scratch(kScratchBytes) {}

std::string_view HttpServerState::Date() {
  // Every reply has this field, so the text is made once per second.  Its time is that of the
  // emulated world, like the dates in the documents that the reply holds.
  const std::int64_t nanos = event_loop.UnixNanos();
  if (nanos / kNanosPerSecond != date_second_) {
    date_second_ = nanos / kNanosPerSecond;
    date_ = FormatHttpDate(nanos);
  }
  return date_;
}

// A streamed reply in progress.
struct HttpConnection::Stream {
  explicit Stream(EventLoop& event_loop) : ended(event_loop) {}
  void Cancel() { signal.emit(asio::cancellation_type::terminal); }

  asio::cancellation_signal signal;
  Event ended;
  // An Event has no state, so this flag says whether the end is still to be waited for.
  bool finished = false;
  bool failed = false;  // ended by an exception other than cancellation
};

// The writer owns the connection: whoever keeps it longer than the connection's coroutine runs gets
// an error from Write, and never touches freed memory.
class HttpConnection::ChunkWriter final : public BodyWriter {
 public:
  explicit ChunkWriter(std::shared_ptr<HttpConnection> connection)
      : connection_(std::move(connection)) {}
  Task<Result<void>> Write(std::string chunk) override {
    return connection_->WriteChunk(std::move(chunk));
  }

 private:
  const std::shared_ptr<HttpConnection> connection_;
};

HttpConnection::HttpConnection(std::shared_ptr<HttpServerState> server, tcp::socket socket)
    : server_(std::move(server)), socket_(std::move(socket)), id_(server_->next_connection++) {
  server_->connections.emplace(id_, this);
  ++server_->stats.accepted;
  server_->stats.connections = static_cast<int>(server_->connections.size());
  if (server_->options.tls) tls_ = std::make_unique<TlsStream>(socket_, *server_->options.tls);
  Arm(Phase::kIdle, server_->options.idle_timeout);
}

HttpConnection::~HttpConnection() {
  server_->connections.erase(id_);
  server_->stats.connections = static_cast<int>(server_->connections.size());
  if (server_->connections.empty() && server_->on_last_gone) server_->on_last_gone();
}

// `self` is a parameter by value, so that the coroutine's frame keeps the connection alive; the
// server's map holds a plain pointer, which the destructor removes.  A request is read only after
// the reply to the one before it, which keeps pipelined replies in order without a queue.
Task<> HttpConnection::Serve(std::shared_ptr<HttpConnection> self) {
  const bool secured = co_await self->Secure();
  bool refused = false;
  while (secured) {
    const Outcome outcome = co_await self->ReadRequest();
    if (outcome == Outcome::kClosed) break;
    ++self->server_->stats.requests;
    refused = outcome == Outcome::kRefused;
    if (refused) {
      co_await self->Refuse();
    } else {
      co_await self->Answer();
    }
    if (self->gone_ || !self->keep_alive_) break;
  }
  if (refused && !self->gone_) co_await self->Linger();
  if (self->tls_ && secured && !self->gone_) {
    self->Arm(Phase::kLingering, kLinger);
    co_await self->tls_->Shutdown();
  }
  self->Cut();
}

Task<bool> HttpConnection::Secure() {
  if (!tls_) co_return true;
  Arm(Phase::kHeader, server_->options.header_timeout);
  const error_code ec = co_await tls_->Handshake();
  if (!ec) co_return true;
  // This reply is a courtesy to a person who typed http://, so it is written without waiting, and
  // no error of it matters.
  if (TlsStream::IsPlainHttp(ec)) {
    static constexpr std::string_view kReply =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 48\r\n"
        "Connection: close\r\n\r\nthis port speaks HTTPS; use an https:// address\n";
    error_code ignored;
    socket_.write_some(asio::buffer(kReply), ignored);
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
  co_return false;
}

// A deadline is a number that the server's sweeper compares now and then.  A timer for each
// connection would be set and cancelled several times in each request, while no client needs these
// timeouts to be exact.  They run on the OS clock, as server.h explains.
void HttpConnection::Arm(Phase phase, std::chrono::milliseconds timeout) {
  phase_ = phase;
  deadline_ = Steady::now() + timeout;
}

void HttpConnection::Disarm(Phase phase) {
  phase_ = phase;
  deadline_ = Steady::time_point::max();
}

void HttpConnection::CheckDeadline(Steady::time_point now) {
  if (now < deadline_) return;
  deadline_ = Steady::time_point::max();
  if (phase_ == Phase::kHeader || phase_ == Phase::kBody) {
    // Cancelling ends only the read: the socket stays open for the reply.
    timed_out_ = true;  // The reader replies with 408.
    error_code ignored;
    socket_.cancel(ignored);
  } else {
    if (phase_ == Phase::kWriting || phase_ == Phase::kStreaming) ReportStalled();
    Cut();
  }
}

void HttpConnection::ReportStalled() {
  ++server_->stats.stalled;
  error_code ignored;
  const auto client = socket_.remote_endpoint(ignored);
  Log(LogLevel::kWarning, "http",
      "closed the connection of " + client.address().to_string() + ":" +
          std::to_string(client.port()) + ": it did not read the reply to " + answering_ + " for " +
          FormatDuration(server_->options.write_timeout));
}

void HttpConnection::Drain() {
  keep_alive_ = false;
  // A request whose header is complete gets its reply; what has not come that far is safe to
  // repeat.
  if (phase_ == Phase::kIdle || phase_ == Phase::kHeader || phase_ == Phase::kLingering) Cut();
  // The copy does not depend on when the cancelled stream ends, upon which SendStream resets the
  // member.
  if (const auto stream = stream_) stream->Cancel();
}

// Closing makes each pending operation end with an error, and the coroutine then ends by itself.
// Destroying it here instead might destroy the very coroutine that is running.
void HttpConnection::Cut() {
  gone_ = true;
  error_code ignored;
  socket_.close(ignored);
}

void HttpConnection::Consume(std::size_t bytes) {
  pending_begin_ += bytes;
  if (pending_begin_ < pending_.size()) return;
  // A small buffer is kept, so that ordinary requests do not allocate each time.  A large one is
  // given back, since thousands of idle connections may have had one large request each.
  pending_begin_ = 0;
  pending_.clear();
  if (pending_.capacity() > 1024) pending_ = std::string();
}

void HttpConnection::Append(std::string_view bytes) {
  if (pending_begin_ > 0) pending_.erase(0, std::exchange(pending_begin_, 0));
  pending_.append(bytes);
}

Task<HttpConnection::Read> HttpConnection::ReadSome() {
  if (tls_) {
    const TlsStream::Read read = co_await tls_->ReadSome();
    if (timed_out_) co_return Read::kTimedOut;
    if (read.error) co_return Read::kClosed;
    Append(read.bytes);
    co_return Read::kData;
  }
  for (;;) {
    error_code ec;
    // Waiting for readiness instead of reading means that idle connections hold no buffer.
    co_await socket_.async_wait(tcp::socket::wait_read,
                                asio::redirect_error(asio::use_awaitable, ec));
    if (timed_out_) co_return Read::kTimedOut;
    if (ec) co_return Read::kClosed;
    // The buffer is shared by all connections.  Nothing may suspend between reading into it and
    // Append, or another connection would overwrite the bytes.
    const std::size_t bytes = socket_.read_some(asio::buffer(server_->scratch), ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) continue;
    if (ec) co_return Read::kClosed;
    Append(std::string_view(server_->scratch.data(), bytes));
    co_return Read::kData;
  }
}

// For kRequest the parser holds the request; for kRefused the refusal is set as well.
Task<HttpConnection::Outcome> HttpConnection::ReadRequest() {
  const HttpServerOptions& options = server_->options;
  timed_out_ = false;
  Arm(Phase::kIdle, options.idle_timeout);
  for (;;) {
    // A client that pipelines has sent its next request already, so what is pending is parsed
    // before the socket is awaited.
    if (!Pending().empty()) {
      if (!parser_) {
        // The parser exists from the first byte of a request, so that an idle connection holds
        // none.
        parser_ = std::make_unique<HttpParser>(server_->router, options.header_limit);
        Arm(Phase::kHeader, options.header_timeout);
      }
      Consume(parser_->Feed(Pending()));
      if (parser_->refusal().status != 0) {
        refusal_ = parser_->refusal();
        co_return Outcome::kRefused;
      }
      if (parser_->done()) break;
      if (phase_ == Phase::kHeader && parser_->header_done()) {
        if (parser_->expects_continue()) {
          const bool written = co_await WriteText("HTTP/1.1 100 Continue\r\n\r\n");
          if (!written) co_return Outcome::kClosed;
        }
        // This comes after the interim reply, whose writing has set a deadline of its own.
        Arm(Phase::kBody, options.body_timeout);
      }
    }
    const Read read = co_await ReadSome();
    if (read == Read::kClosed) co_return Outcome::kClosed;
    if (read == Read::kTimedOut) {
      refusal_.status = 408;
      refusal_.message = phase_ == Phase::kHeader ? "the request header did not arrive in time"
                                                  : "the request body did not arrive in time";
      co_return Outcome::kRefused;
    }
  }
  // A handler may wait in emulated time, which stands still while the clock is paused.  No timeout
  // of the socket may end that.
  Disarm(Phase::kHandling);
  keep_alive_ = parser_->keep_alive() && !server_->draining;
  co_return Outcome::kRequest;
}

void HttpConnection::NoteArrival(const HttpRequest& request) {
  request_id_ = server_->stats.requests;
  arrived_ = Steady::now();
  answering_ = request.method + " " + request.target;
  HttpMonitor* const monitor = server_->options.monitor;
  if (monitor) kind_ = monitor->OnArrival(request);
}

void HttpConnection::NoteReply(int status) {
  const auto took = std::chrono::nanoseconds(Steady::now() - arrived_);
  HttpMonitor* const monitor = server_->options.monitor;
  if (monitor) monitor->OnReply(kind_, status, took);
  if (!LogEnabled(LogLevel::kDebug)) return;
  const std::size_t space = answering_.find(' ');
  Log(LogLevel::kDebug, "http", "request",
      {{"id", request_id_},
       {"method", std::string_view(answering_).substr(0, space)},
       {"target", std::string_view(answering_).substr(space + 1)},
       {"status", std::uint64_t(status)},
       {"duration_ms", std::chrono::duration<double, std::milli>(took).count()}});
}

// The rest of the request is not read: the reply closes the connection.
Task<> HttpConnection::Refuse() {
  Disarm(Phase::kHandling);
  keep_alive_ = false;
  HttpRequest request = std::move(parser_->request());
  const bool is_head = request.method == "HEAD";
  NoteArrival(request);
  HttpResponse response = server_->router.RenderError(request, refusal_.status, refusal_.message);
  co_await Send(std::move(response), is_head);
}

Task<> HttpConnection::Answer() {
  HttpRequest request = std::move(parser_->request());
  const bool is_head = request.method == "HEAD";
  NoteArrival(request);
  HttpObserver* const observer = server_->options.observer;
  // The observer comes before the dispatch, because a recording numbers requests in the order of
  // arrival, which need not be that of the replies.
  const std::uint64_t observed = observer ? observer->OnRequest(request) : 0;
  HttpRequest as_get;
  if (is_head) {
    // Dispatch consumes its request, and only its reply tells whether a second attempt as GET is
    // needed.
    as_get = request;
    as_get.method = "GET";
  }
  HttpResponse response = co_await server_->router.Dispatch(std::move(request));
  if (is_head && response.status == 405) {
    // A path without a HEAD handler replies as to a GET, without the body.
    const bool has_get =
        std::any_of(response.headers.begin(), response.headers.end(), [](const auto& field) {
          return field.first == "Allow" && field.second.find("GET") != std::string::npos;
        });
    if (has_get) response = co_await server_->router.Dispatch(std::move(as_get));
  }
  if (observer) observer->OnAnswer(observed, response.status);
  if (response.stream && !is_head) {
    co_await SendStream(std::move(response));
  } else {
    co_await Send(std::move(response), is_head);
  }
}

Task<error_code> HttpConnection::WriteAll(std::array<asio::const_buffer, 3> buffers) {
  error_code ec;
  if (tls_) {
    ec = co_await tls_->Write(buffers);
  } else {
    co_await asio::async_write(socket_, buffers, asio::redirect_error(asio::use_awaitable, ec));
  }
  co_return ec;
}

Task<bool> HttpConnection::WriteText(std::string text) {
  Arm(Phase::kWriting, server_->options.write_timeout);
  std::array<asio::const_buffer, 3> buffers;
  buffers[0] = asio::buffer(text);
  const error_code ec = co_await WriteAll(buffers);
  if (ec) gone_ = true;
  co_return !ec;
}

Task<> HttpConnection::Send(HttpResponse response, bool without_body) {
  if (server_->before_reply) co_await server_->before_reply();
  // The server may have begun to close during the handler or the wait for the commit, so this is
  // asked only now.
  if (server_->draining) keep_alive_ = false;
  const bool old_client = parser_->is_http_10();
  parser_.reset();
  // The reply to a HEAD of a stream has no length.
  const BodyFraming framing = response.stream ? BodyFraming::kChunked : BodyFraming::kLength;
  const std::string_view connection = !keep_alive_ ? "close" : old_client ? "keep-alive" : "";
  const std::string head = RenderHead(response, framing, connection, server_->Date());
  std::string_view body = response.body;
  if (without_body || response.stream || response.status == 204) body = std::string_view();
  error_code ec;
  bool with_head = true;
  // The write timeout applies to each slice.  A client that reads a large reply slowly but steadily
  // is served, and one that has stopped reading is not.
  do {
    const std::string_view slice = body.substr(0, kSliceBytes);
    body.remove_prefix(slice.size());
    std::array<asio::const_buffer, 3> buffers;
    if (std::exchange(with_head, false)) buffers[0] = asio::buffer(head);
    buffers[1] = asio::buffer(slice);
    Arm(Phase::kWriting, server_->options.write_timeout);
    ec = co_await WriteAll(buffers);
  } while (!body.empty() && !ec);
  if (ec) gone_ = true;
  NoteReply(response.status);
}

Task<Result<void>> HttpConnection::WriteChunk(std::string chunk) {
  std::string_view left = chunk;
  while (!left.empty()) {
    // The sweeper or a drain may have cut the connection during the slice before.
    if (gone_) co_return MakeError(ErrorCode::kCancelled, "the client has disconnected");
    const std::string_view slice = left.substr(0, kSliceBytes);
    left.remove_prefix(slice.size());
    char size[20];
    const int digits = std::snprintf(size, sizeof size, "%zx\r\n", slice.size());
    std::array<asio::const_buffer, 3> buffers;
    buffers[0] = asio::buffer(size, static_cast<std::size_t>(digits));
    buffers[1] = asio::buffer(slice);
    buffers[2] = asio::buffer("\r\n", 2);
    if (!chunked_) buffers[0] = buffers[2] = asio::const_buffer();
    Arm(Phase::kStreaming, server_->options.write_timeout);
    const error_code ec = co_await WriteAll(buffers);
    Disarm(Phase::kStreaming);
    if (ec) {
      gone_ = true;  // A chunk cut in the middle breaks the framing.
      co_return MakeError(ErrorCode::kCancelled, "the client has disconnected");
    }
  }
  co_return Result<void>();
}

Task<> HttpConnection::SendStream(HttpResponse response) {
  if (server_->before_reply) co_await server_->before_reply();
  chunked_ = !parser_->is_http_10();
  parser_.reset();
  if (!chunked_ || server_->draining) keep_alive_ = false;
  std::string head = RenderHead(response, chunked_ ? BodyFraming::kChunked : BodyFraming::kToTheEnd,
                                keep_alive_ ? "" : "close", server_->Date());
  const bool written = co_await WriteText(std::move(head));
  NoteReply(response.status);
  if (!written || server_->draining) co_return;

  Disarm(Phase::kStreaming);
  const auto self = shared_from_this();
  const auto stream = std::make_shared<Stream>(server_->event_loop);
  stream_ = stream;
  ++server_->stats.streams;
  HttpMonitor* const monitor = server_->options.monitor;
  const std::size_t kind = kind_;
  if (monitor) monitor->OnStream(kind, 1);
  // The handler owns both, since it may be the last to run.  Its notification is for the wait
  // below, and the cancelled read is for the loop before that: this coroutine may be in either.
  auto on_end = [self, stream](std::exception_ptr failure) {
    stream->finished = true;
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const boost::system::system_error& error) {
        stream->failed = error.code() != asio::error::operation_aborted;
        if (stream->failed) Log(LogLevel::kError, "http", error.what());
      } catch (const std::exception& error) {
        stream->failed = true;
        Log(LogLevel::kError, "http", error.what());
      }
    }
    stream->ended.NotifyAll();
    error_code ignored;
    if (self->watching_) self->socket_.cancel(ignored);
  };
  // The stream is a coroutine of its own, because this one has to read: of a client that sends
  // nothing more, only a read shows that it has gone.
  asio::co_spawn(server_->event_loop.executor(),
                 RunStream(std::move(response.stream), std::make_shared<ChunkWriter>(self)),
                 asio::bind_cancellation_slot(stream->signal.slot(), std::move(on_end)));
  // Until the stream ends, reading detects that the client has disconnected.
  while (!stream->finished && !gone_) {
    watching_ = true;
    const Read read = co_await ReadSome();
    watching_ = false;
    if (stream->finished) break;
    if (read != Read::kData || Pending().size() > kPendingBehindStream) gone_ = true;
  }
  // A cancelled stream ends in a later handler.  Until it has ended it may write to the socket, so
  // neither the final chunk nor the next reply may come before.
  if (!stream->finished) stream->Cancel();
  while (!stream->finished) co_await stream->ended.Wait();
  stream_.reset();
  --server_->stats.streams;
  if (monitor) monitor->OnStream(kind, -1);
  if (stream->failed || server_->draining) keep_alive_ = false;
  // A failed stream has no proper end, so that the client notices.
  if (chunked_ && !gone_ && !stream->failed) co_await WriteText("0\r\n\r\n");
}

Task<> HttpConnection::Linger() {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  Arm(Phase::kLingering, std::min(kLinger, server_->options.idle_timeout));
  timed_out_ = false;
  Consume(Pending().size());
  while (!server_->draining) {
    const Read read = co_await ReadSome();
    if (read != Read::kData) break;
    Consume(Pending().size());
  }
}

}  // namespace kless
