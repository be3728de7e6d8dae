// HttpClient: the only way in which commands reach a daemon.  HTTP/1.1 with keep-alive, plain or
// TLS.  Blocking; not shared between threads.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"

namespace kless::cli {

struct HttpReply {
  int status = 0;
  std::string body;
  std::vector<std::string> warnings;  // texts of the Warning headers
};

class HttpClient {
 public:
  // `endpoint` is "http://HOST:PORT" or "https://HOST:PORT". kInvalidArgument: anything else.  For
  // https the certificate must be the one in the file that KLESS_CERTIFICATE names, else in
  // ./kless-data/tls.crt if that exists, else one that the system trusts.
  static Result<HttpClient> Create(const std::string& endpoint);
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  // `path` is percent-encoded, with its query. kUnavailable: the daemon cannot be reached, or the
  // connection broke; the message names the endpoint and the remedy.
  Result<HttpReply> Send(const std::string& method, const std::string& path,
                         const std::string& body = "",
                         const std::string& content_type = "application/json");
  // Sends a GET and passes each line of a 2xx response to `line` as it arrives, until the end or
  // until `line` returns false.  Any other response is returned.
  Result<HttpReply> Stream(const std::string& path,
                           const std::function<bool(std::string_view)>& line);

  // How long a reply, or the next part of a stream, may take: an hour and a year by default.
  void SetPatience(std::chrono::seconds patience);

  const std::string& endpoint() const;

 private:
  struct Connection;
  explicit HttpClient(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

// The PEM file of the certificate that an https endpoint must have; "": those that the system
// trusts.
std::string CertificateToTrust();

// For one path segment or one query value.
std::string PercentEncode(std::string_view text);

}  // namespace kless::cli
