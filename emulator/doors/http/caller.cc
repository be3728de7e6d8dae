#include "emulator/doors/http/caller.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <vector>

#include "emulator/base/strings.h"
#include "emulator/doors/http/parser.h"

namespace kless {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 64u << 10;
// How much of an error response is shown in the message.
constexpr std::size_t kShownBytes = 500;

struct LocalUrl {
  std::string authority;  // as given in the URL
  std::string target;     // path and query
  std::vector<tcp::endpoint> endpoints;
};

Error NotLocal(const std::string& url, const std::string& why) {
  return MakeError(
      ErrorCode::kInvalidArgument,
      "function configuration: 'url' '" + url + "' " + why +
          "; it looks like http://127.0.0.1:9000/path (localhost, 127.x.x.x or [::1])");
}

Result<LocalUrl> ParseUrl(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (url.starts_with("https://"))
    return NotLocal(url, "must be http: functions are called without TLS");
  if (!url.starts_with(kScheme)) return NotLocal(url, "does not begin with http://");
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') {
      return NotLocal(url, "contains a space or a control character");
    }
  }
  LocalUrl parsed;
  const std::string_view rest = std::string_view(url).substr(kScheme.size());
  const auto end = rest.find_first_of("/?#");
  parsed.authority = rest.substr(0, end);
  if (end != std::string_view::npos) parsed.target = rest.substr(end, rest.find('#') - end);
  if (!parsed.target.starts_with('/')) parsed.target.insert(0, "/");

  const std::string_view authority = parsed.authority;
  if (authority.find('@') != std::string_view::npos) return NotLocal(url, "names a user");
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  const auto port = has_port ? ParseUnsigned(authority.substr(colon + 1)) : std::uint64_t{80};
  if (!port || *port == 0 || *port > 65535) return NotLocal(url, "has no port from 1 to 65535");
  std::string host(has_port ? authority.substr(0, colon) : authority);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto add = [&](const asio::ip::address& address) {
    parsed.endpoints.emplace_back(address, static_cast<asio::ip::port_type>(*port));
  };
  if (host == "localhost") {
    add(asio::ip::address_v4::loopback());
    add(asio::ip::address_v6::loopback());
    return parsed;
  }
  error_code failed;
  const auto address = asio::ip::make_address(host, failed);
  if (failed || !address.is_loopback()) return NotLocal(url, "is not on this machine");
  add(address);
  return parsed;
}

std::string Head(const LocalUrl& url, const UrlCaller::Headers& headers, std::size_t length) {
  std::string head = "POST " + url.target + " HTTP/1.1\r\nHost: " + url.authority +
                     "\r\nUser-Agent: kless/" KLESS_VERSION
                     "\r\nContent-Type: application/json\r\nAccept: application/json"
                     "\r\nConnection: close\r\nContent-Length: " +
                     std::to_string(length) + "\r\n";
  for (const auto& [name, value] : headers) head.append(name + ": " + value + "\r\n");
  return head + "\r\n";
}

// One request and its response.
class Exchange {
 public:
  Exchange(asio::io_context& context, std::string url)
      : url_(std::move(url)), socket_(context), parser_(kMaxPayloadBytes) {}

  // May also run between two attempts to connect.
  void End() {
    ended_ = true;
    Close();
  }

  Task<Result<std::string>> Run(LocalUrl target, std::string body, UrlCaller::Headers headers) {
    error_code ec;
    for (const tcp::endpoint& endpoint : target.endpoints) {
      if (socket_.is_open()) Close();
      co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, ec));
      if (ended_) ec = asio::error::operation_aborted;
      if (!ec || ended_) break;
    }
    if (ec) co_return Broken("cannot be reached: " + ec.message());
    const std::string head = Head(target, headers, body.size());
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head), asio::buffer(body)};
    // A server that responds without reading the whole request has responded all the same.
    co_await asio::async_write(socket_, buffers, asio::redirect_error(asio::use_awaitable, ec));
    std::vector<char> buffer(kReadBytes);
    while (!parser_.done()) {
      const std::size_t got = co_await socket_.async_read_some(
          asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ec));
      if (ec == asio::error::eof) {
        if (!parser_.FeedEnd()) co_return Broken("did not respond: " + parser_.problem());
        break;
      }
      if (ec) co_return Broken("broke the connection: " + ec.message());
      if (!parser_.Feed(std::string_view(buffer.data(), got))) {
        co_return Broken("did not respond: " + parser_.problem());
      }
    }
    if (parser_.status() / 100 == 2) co_return std::move(parser_.body());
    const std::string shown = parser_.body().substr(0, kShownBytes);
    co_return MakeError(ErrorCode::kInternal, url_ + " answered " +
                                                  std::to_string(parser_.status()) +
                                                  (shown.empty() ? "" : ": " + shown));
  }

 private:
  void Close() {
    error_code ignored;
    socket_.close(ignored);
  }
  Error Broken(const std::string& what) const {
    return MakeError(ErrorCode::kUnavailable, url_ + " " + what);
  }

  const std::string url_;
  tcp::socket socket_;
  HttpReplyParser parser_;
  bool ended_ = false;
};

}  // namespace

Result<void> HttpCaller::Check(const std::string& url) const {
  const auto parsed = ParseUrl(url);
  return parsed.has_error() ? Result<void>(parsed.error()) : Result<void>();
}

Task<Result<std::string>> HttpCaller::Post(std::string url, std::string body, Headers headers,
                                           TimePoint deadline) {
  KLESS_CO_TRY(auto parsed, ParseUrl(url));
  const auto exchange = std::make_shared<Exchange>(event_loop_.context(), url);
  // Cancelled explicitly, not by a destructor: the event loop may be gone when this frame is
  // dropped.
  const EventLoop::TimerId timer =
      event_loop_.CallAt(deadline, [weak = std::weak_ptr<Exchange>(exchange)] {
        if (const auto running = weak.lock()) running->End();
      });
  Result<std::string> answer =
      co_await exchange->Run(std::move(parsed), std::move(body), std::move(headers));
  if (!event_loop_.Cancel(timer)) {
    co_return MakeError(ErrorCode::kTimedOut, url + " did not respond by the deadline");
  }
  co_return answer;
}

}  // namespace kless
