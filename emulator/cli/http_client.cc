// The library was built with OpenSSL support, which affects the layout of its classes.
#define CPPHTTPLIB_OPENSSL_SUPPORT
#include "emulator/cli/http_client.h"

#include <httplib.h>

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <filesystem>

#include "emulator/base/strings.h"
#include "emulator/cli/system.h"

namespace kless::cli {
namespace {

constexpr std::chrono::seconds kRequestPatience{3600};        // idle?timeout=... may take long
constexpr std::chrono::seconds kStreamPatience{86400 * 365};  // a followed feed may be silent
constexpr std::time_t kConnectSeconds = 5;
constexpr const char* kDefaultCertificate = "kless-data/tls.crt";

// 299 - "text"; RFC 9111 section 5.5.
std::string WarningText(const std::string& header) {
  const auto open = header.find('"');
  const auto close = header.rfind('"');
  if (open == std::string::npos || close <= open) return header;
  std::string text;
  for (std::size_t i = open + 1; i < close; ++i) {
    if (header[i] == '\\' && i + 1 < close) ++i;
    text.push_back(header[i]);
  }
  return text;
}

HttpReply MakeReply(const httplib::Response& response) {
  HttpReply reply;
  reply.status = response.status;
  reply.body = response.body;
  const auto [first, last] = response.headers.equal_range("Warning");
  for (auto header = first; header != last; ++header) {
    reply.warnings.push_back(WarningText(header->second));
  }
  return reply;
}

}  // namespace

std::string CertificateToTrust() {
  const std::string named = EnvironmentVariable("KLESS_CERTIFICATE");
  if (!named.empty()) return named;
  std::error_code ignored;
  return std::filesystem::exists(kDefaultCertificate, ignored) ? kDefaultCertificate : "";
}

struct HttpClient::Connection {
  Connection(std::string endpoint, const std::string& address)
      : endpoint(std::move(endpoint)), client(address) {
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    client.set_url_encode(false);
    // A server names the manager of fields after it.
    client.set_default_headers({{"User-Agent", "kless/" KLESS_VERSION}});
    client.set_connection_timeout(kConnectSeconds);
    client.set_read_timeout(request_patience);
    const std::string certificate = CertificateToTrust();
    if (!certificate.empty()) client.set_ca_cert_path(certificate);
  }

  Error Failure(httplib::Error error) const {
    if (error == httplib::Error::Connection || error == httplib::Error::ConnectionTimeout) {
      return MakeError(ErrorCode::kUnavailable,
                       "no kless answers at " + endpoint +
                           "; start one with 'kless serve', or name another with --server or "
                           "KLESS_ENDPOINT");
    }
    if (error == httplib::Error::SSLServerVerification ||
        error == httplib::Error::SSLLoadingCerts) {
      return MakeError(ErrorCode::kUnavailable,
                       "the certificate of " + endpoint +
                           " is not trusted; set KLESS_CERTIFICATE to the tls.crt in the data "
                           "directory of that kless");
    }
    if (error == httplib::Error::SSLConnection) {
      return MakeError(ErrorCode::kUnavailable,
                       endpoint + " does not speak TLS; a kless without --tls is at http://");
    }
    if (error == httplib::Error::Read || error == httplib::Error::Write) {
      return MakeError(ErrorCode::kUnavailable,
                       endpoint +
                           " gave no complete answer; if it ended, its log has the reason, and a "
                           "kless with --tls is at https://");
    }
    return MakeError(ErrorCode::kUnavailable,
                     "the request to " + endpoint + " failed: " + httplib::to_string(error));
  }

  const std::string endpoint;
  std::chrono::seconds request_patience = kRequestPatience;
  std::chrono::seconds stream_patience = kStreamPatience;
  httplib::Client client;
};

HttpClient::HttpClient(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

void HttpClient::SetPatience(std::chrono::seconds patience) {
  connection_->request_patience = patience;
  connection_->stream_patience = patience;
  connection_->client.set_read_timeout(patience);
}

const std::string& HttpClient::endpoint() const { return connection_->endpoint; }

Result<HttpClient> HttpClient::Create(const std::string& endpoint) {
  const Error malformed =
      MakeError(ErrorCode::kInvalidArgument,
                "'" + endpoint + "' is not an endpoint such as http://127.0.0.1:8080");
  const bool secure = endpoint.starts_with("https://");
  if (!secure && !endpoint.starts_with("http://")) return malformed;
  const std::string scheme = secure ? "https://" : "http://";
  std::string_view rest = std::string_view(endpoint).substr(scheme.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const auto colon = rest.rfind(':');
  const bool has_port = colon != std::string_view::npos && !rest.ends_with(']');
  std::string_view host = has_port ? rest.substr(0, colon) : rest;
  const auto port =
      has_port ? ParseUnsigned(rest.substr(colon + 1)) : std::uint64_t{secure ? 443u : 80u};
  if (host.empty() || host.find('/') != std::string_view::npos || !port || *port == 0 ||
      *port > 65535) {
    return malformed;
  }
  return HttpClient(std::make_unique<Connection>(
      endpoint, scheme + std::string(host) + ":" + std::to_string(*port)));
}

Result<HttpReply> HttpClient::Send(const std::string& method, const std::string& path,
                                   const std::string& body, const std::string& content_type) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  if (!body.empty()) request.headers.emplace("Content-Type", content_type);
  const httplib::Result result = connection_->client.send(request);
  if (!result) return connection_->Failure(result.error());
  return MakeReply(*result);
}

Result<HttpReply> HttpClient::Stream(const std::string& path,
                                     const std::function<bool(std::string_view)>& line) {
  connection_->client.set_read_timeout(connection_->stream_patience);
  bool stopped = false;
  int status = 0;
  std::string pending;
  const auto result = connection_->client.Get(
      path,
      [&](const httplib::Response& response) {
        status = response.status;
        return true;
      },
      [&](const char* data, std::size_t length) {
        pending.append(data, length);
        if (status / 100 != 2) return true;
        std::size_t begin = 0;
        for (auto end = pending.find('\n'); end != std::string::npos && !stopped;
             end = pending.find('\n', begin)) {
          stopped = !line(std::string_view(pending).substr(begin, end - begin));
          begin = end + 1;
        }
        pending.erase(0, begin);
        return !stopped;
      });
  connection_->client.set_read_timeout(connection_->request_patience);
  if (!result && !stopped) return connection_->Failure(result.error());
  HttpReply reply;
  reply.status = status;
  if (status / 100 != 2) reply.body = pending;
  return reply;
}

std::string PercentEncode(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace kless::cli
