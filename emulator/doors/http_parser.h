// HttpParser: bytes in, one HttpRequest out.  HttpReplyParser: bytes in, one reply out.  The only
// users of Boost.Beast; no sockets.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "emulator/base/router.h"

namespace kless {

// What to answer to a request that is not worth dispatching.
struct HttpRefusal {
  int status = 0;  // 0: none
  std::string message;
};

class HttpParser {
 public:
  // header_limit: bytes of the header, and of each header of a chunk.  The router gives the limit
  // of the body by the path; it outlives the parser.
  HttpParser(const Router& router, std::size_t header_limit);
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  // Parses as far as it can and returns the bytes used; the caller keeps the others and passes them
  // again with more behind them.  Not to be called once done or refused.
  std::size_t Feed(std::string_view bytes);

  bool started() const;      // the first byte has been parsed
  bool header_done() const;  // the header is complete and no reason to refuse was found in it
  bool done() const;         // the whole request is there
  const HttpRefusal& refusal() const;

  // The request as far as it is known; to be moved from once done or refused.
  HttpRequest& request();
  bool is_http_10() const;
  // Whether the client wants the connection to go on; once the header is done.
  bool keep_alive() const;
  // "Expect: 100-continue" came with a body still to be sent.
  bool expects_continue() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

// Of the answer to one request that is no HEAD.  Informational answers (1xx) are passed over.
class HttpReplyParser {
 public:
  // body_limit: bytes.
  explicit HttpReplyParser(std::size_t body_limit);
  ~HttpReplyParser();
  HttpReplyParser(const HttpReplyParser&) = delete;
  HttpReplyParser& operator=(const HttpReplyParser&) = delete;

  // False: it is malformed or above a limit, as problem() says.  Not to be called once done.
  bool Feed(std::string_view bytes);
  // The connection was closed; false: too early.
  bool FeedEnd();
  bool done() const;
  const std::string& problem() const;

  // Once done.
  int status() const;
  std::string& body();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace kless
