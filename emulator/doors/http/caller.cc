#include "emulator/doors/http/caller.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "emulator/base/strings.h"

namespace kless {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

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

// By hand: Boost.URL 1.81 reads http://127.0.0.1.example.com as a host and a path without a slash.
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

http::request<http::string_body> MakeRequest(const LocalUrl& url, std::string body,
                                             const UrlCaller::Headers& headers) {
  http::request<http::string_body> request(http::verb::post, url.target, 11, std::move(body));
  request.set(http::field::host, url.authority);
  request.set(http::field::user_agent, "kless/" KLESS_VERSION);
  request.set(http::field::content_type, "application/json");
  request.set(http::field::accept, "application/json");
  request.keep_alive(false);
  for (const auto& [name, value] : headers) request.set(name, value);
  request.prepare_payload();
  return request;
}

std::string WhyNoResponse(error_code ec) {
  if (ec == http::error::end_of_stream || ec == http::error::partial_message) {
    return "did not respond: the connection was closed before the end of the response";
  }
  if (ec == http::error::body_limit) {
    return "did not respond: the response body is above " + std::to_string(kMaxPayloadBytes) +
           " bytes";
  }
  if (ec.category() == error_code(http::error::bad_version).category()) {
    return "did not respond: the response is not HTTP: " + ec.message();
  }
  return "broke the connection: " + ec.message();
}

// One request and its response.
class Exchange {
 public:
  Exchange(asio::io_context& context, std::string url) : url_(std::move(url)), socket_(context) {}

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
    const auto request = MakeRequest(target, std::move(body), headers);
    // A server that responds without reading the whole request has responded all the same.
    co_await http::async_write(socket_, request, asio::redirect_error(asio::use_awaitable, ec));
    // Informational responses (1xx) come before the one that counts.
    for (unsigned status = 100; status / 100 == 1; status = parser_->get().result_int()) {
      parser_.emplace();
      parser_->body_limit(kMaxPayloadBytes);
      co_await http::async_read(socket_, buffer_, *parser_,
                                asio::redirect_error(asio::use_awaitable, ec));
      if (ec) co_return Broken(WhyNoResponse(ec));
    }
    http::response<http::string_body> response = parser_->release();
    if (response.result_int() / 100 == 2) co_return std::move(response.body());
    const std::string shown = response.body().substr(0, kShownBytes);
    co_return MakeError(ErrorCode::kInternal, url_ + " answered " +
                                                  std::to_string(response.result_int()) +
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
  beast::flat_buffer buffer_;
  std::optional<http::response_parser<http::string_body>> parser_;
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
