#include "emulator/doors/http/parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "emulator/base/strings.h"

namespace kless {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

// A body's memory is reserved up to this size by its announced length, and then grows with the
// received bytes.
constexpr std::uint64_t kReserveBytes = 256u << 10;

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

// "127.0.0.1:8080", "[::1]:8080", "localhost": an address, or a name that every resolver takes for
// this machine.  Any other name could be made to point here by the owner of its domain.
bool IsAddressOrLocalhost(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  error_code error;
  asio::ip::make_address(std::string(authority), error);
  return !error || authority == "localhost" || authority.ends_with(".localhost");
}

// Browsers send the header Origin with every write of a web page.  Whether the page was served from
// where the request goes.
bool IsOwnPage(std::string_view origin, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) {
      origin.remove_prefix(scheme.size());
      return beast::iequals({origin.data(), origin.size()}, {host.data(), host.size()}) &&
             IsAddressOrLocalhost(LowerCase(std::string(host)));
    }
  }
  return false;
}

// The root path is AWS's, whose SDKs run in web pages, too: pages that this machine serves may use
// them.  A browser sends an origin with a scheme, or "null" for a page that hides its own; any
// other text is not from a browser.
bool MayUseAws(const HttpRequest& request, std::string_view origin) {
  if (request.path != "/" || origin == "null") return false;
  const std::size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ||
         IsAddressOrLocalhost(LowerCase(std::string(origin.substr(scheme + 3))));
}

}  // namespace

// Fills the plain struct from the callbacks of Beast's parser, without a container in between.
class HttpParser::Impl final : public http::basic_parser<true> {
 public:
  Impl(const Router& router, std::size_t limit) : header_bytes(limit), router_(router) {
    header_limit(static_cast<std::uint32_t>(limit));
    eager(true);
  }

  void Refuse(int status, std::string message) {
    if (refusal.status == 0) refusal = HttpRefusal{status, std::move(message)};
  }

  void RefuseError(error_code error, std::string_view bytes) {
    if (error == http::error::header_limit) {
      Refuse(431, "request header above " + std::to_string(header_bytes) + " bytes");
    } else if (error == http::error::body_limit) {
      Refuse(413,
             "request body above " + std::to_string(router_.BodyLimit(request.path)) + " bytes");
    } else if (error == http::error::bad_version &&
               bytes.substr(0, bytes.find("\r\n")).find(" HTTP/") != std::string_view::npos) {
      Refuse(505, "only HTTP/1.0 and HTTP/1.1 are supported");
    } else {
      Refuse(400, "malformed request: " + error.message());
    }
  }

  const std::size_t header_bytes;
  HttpRequest request;
  HttpRefusal refusal;
  int version = 11;
  bool expects_continue = false;

 private:
  void on_request_impl(http::verb, beast::string_view method, beast::string_view target,
                       int http_version, error_code&) override {
    version = http_version;
    request.method = View(method);
    std::string_view text = View(target);
    // RFC 9112 section 3.2.2: a server accepts the absolute form.
    if (text.starts_with("http://")) {
      const auto slash = text.find('/', 7);
      text = slash == std::string_view::npos ? std::string_view("/") : text.substr(slash);
    }
    const auto parsed = ParseTarget(text, &request);
    if (parsed.has_error()) {
      Refuse(400, parsed.error().message);
    } else {
      body_limit(router_.BodyLimit(request.path));
    }
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}

  void on_field_impl(http::field field, beast::string_view name_text, beast::string_view value_text,
                     error_code&) override {
    if (is_header_done()) return;  // Trailers are not used.
    const std::string_view value = View(value_text);
    if (field == http::field::transfer_encoding && !beast::iequals(value_text, "chunked")) {
      Refuse(501, "transfer coding not supported: " + std::string(value));
    } else if (field == http::field::expect && version >= 11) {
      expects_continue = beast::iequals(value_text, "100-continue");
      if (!expects_continue) Refuse(417, "expectation not supported: " + std::string(value));
    }
    std::string name = LowerCase(std::string(View(name_text)));
    const auto [at, inserted] = request.headers.try_emplace(std::move(name), value);
    if (!inserted) at->second.append(", ").append(value);
  }

  void on_header_impl(error_code&) override {
    // RFC 9112 section 3.2.
    const auto host = request.headers.find("host");
    if (version >= 11 && host == request.headers.end()) Refuse(400, "no Host header");
    // There is no authentication: without this any page in a browser on this machine could write.
    const auto origin = request.headers.find("origin");
    if (origin == request.headers.end() || request.method == "GET" || request.method == "HEAD" ||
        request.method == "OPTIONS") {
      return;
    }
    if (MayUseAws(request, origin->second)) return;
    if (!IsOwnPage(origin->second, host == request.headers.end() ? "" : host->second)) {
      Refuse(403, "a web page of " + origin->second + " may not write here");
    }
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) {
      request.body.reserve(static_cast<std::size_t>(std::min(*length, kReserveBytes)));
    }
  }
  std::size_t on_body_impl(beast::string_view bytes, error_code&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  const Router& router_;
};

HttpParser::HttpParser(const Router& router, std::size_t header_limit)
    : impl_(std::make_unique<Impl>(router, header_limit)) {}
HttpParser::~HttpParser() = default;

std::size_t HttpParser::Feed(std::string_view bytes) {
  std::size_t used = 0;
  // RFC 9112 section 2.2: empty lines before a request are ignored.
  while (!impl_->got_some() && used < bytes.size() &&
         (bytes[used] == '\r' || bytes[used] == '\n')) {
    ++used;
  }
  while (used < bytes.size() && !done() && impl_->refusal.status == 0) {
    const std::string_view left = bytes.substr(used);
    error_code ec;
    const std::size_t parsed = impl_->put(asio::buffer(left), ec);
    if (ec && ec != http::error::need_more) {
      impl_->RefuseError(ec, left);
      break;
    }
    used += parsed;
    if (!ec) continue;
    // Only unfinished headers, of requests and of chunks, are left over.
    if (bytes.size() - used > impl_->header_bytes) {
      impl_->RefuseError(http::error::header_limit, left);
    }
    break;
  }
  return used;
}

bool HttpParser::started() const { return impl_->got_some(); }
bool HttpParser::header_done() const {
  return impl_->is_header_done() && impl_->refusal.status == 0;
}
bool HttpParser::done() const { return impl_->is_done(); }
const HttpRefusal& HttpParser::refusal() const { return impl_->refusal; }
HttpRequest& HttpParser::request() { return impl_->request; }
bool HttpParser::is_http_10() const { return impl_->version < 11; }
bool HttpParser::keep_alive() const { return impl_->is_header_done() && impl_->keep_alive(); }
bool HttpParser::expects_continue() const {
  return impl_->expects_continue && !impl_->is_done() && impl_->request.body.empty();
}

}  // namespace kless
