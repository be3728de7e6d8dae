// RuntimeRequestParser: the requests of Lambda's Runtime API, as HTTP/1.1 on a connection of its
// own.  It uses no sockets.
//
// The clients are runtimes: small programs that speak plain HTTP.  A body has a length or comes in
// chunks, with trailers; everything else of HTTP is refused.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace kless::processes {

struct RuntimeRequest {
  std::string method;  // "GET"
  std::string path;    // "/2018-06-01/runtime/invocation/next", without a query
  // Names in lowercase; trailers of chunks are among them.  Of equal names the last one counts.
  std::map<std::string, std::string> headers;
  std::string body;
  bool keep_alive = true;
};

// Bytes of a header, of all trailers, and of the line that begins a chunk.
constexpr std::size_t kRuntimeHeaderMax = 64u << 10;

class RuntimeRequestParser {
 public:
  enum class State { kMore, kDone, kMalformed, kTooLarge };

  explicit RuntimeRequestParser(std::size_t body_limit) : body_limit_(body_limit) {}

  // Takes bytes as they arrive and says how far it is.  kTooLarge: the body is above its limit;
  // what has come of it is not kept.  After kMalformed or kTooLarge the connection cannot go on.
  State Feed(std::string_view bytes);
  // After kDone: the request; what followed it is kept for the next one, which Feed("") looks at.
  RuntimeRequest Take();
  // The path of the request so far, also after kTooLarge.
  const std::string& path() const { return request_.path; }

 private:
  enum class Part { kHeader, kLength, kChunkSize, kChunk, kChunkEnd, kTrailers, kDone };

  State Step();
  State ReadHeader();
  State BeginBody();
  State ReadChunkSize();
  bool ReadFields(std::string_view lines);

  const std::size_t body_limit_;
  std::string bytes_;  // not parsed yet
  Part part_ = Part::kHeader;
  std::size_t left_ = 0;  // of the body or chunk
  RuntimeRequest request_;
};

}  // namespace kless::processes
