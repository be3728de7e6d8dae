// HttpParser parses one HttpRequest from bytes; it uses no sockets.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "emulator/doors/http/router.h"

namespace kless {

// The reply to a request that is not dispatched.
struct HttpRefusal {
  int status = 0;  // 0: none
  std::string message;
};

class HttpParser {
 public:
  // `header_limit`: bytes of the header, and of each chunk's header.  The router, which must
  // outlive the parser, provides the limit of the body by the path.
  HttpParser(const Router& router, std::size_t header_limit);
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  // Parses as far as it can and returns the number of bytes used; the caller keeps the rest and
  // passes it again with more bytes appended.  Must not be called once done or refused.
  std::size_t Feed(std::string_view bytes);

  bool started() const;      // the first byte has been parsed
  bool header_done() const;  // the header is complete and not refused
  bool done() const;         // the request is complete
  const HttpRefusal& refusal() const;

  // The request parsed so far; may be moved from once done or refused.
  HttpRequest& request();
  bool is_http_10() const;
  // Whether the client wants to keep the connection; valid once the header is done.
  bool keep_alive() const;
  // Whether "Expect: 100-continue" was received and the body has not been sent yet.
  bool expects_continue() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace kless
