// The text of a reply's head.  Plain strings: uses neither sockets nor an HTTP library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/doors/http/router.h"

namespace kless {

enum class BodyFraming {
  kLength,    // Content-Length: the size of HttpResponse::body
  kChunked,   // Transfer-Encoding: chunked
  kToTheEnd,  // HTTP/1.0 stream: until the connection closes
};

// "Not Found" for 404; "Unknown" for a code without a standard phrase.
std::string_view ReasonPhrase(int status);

// RFC 9110 IMF-fixdate, "Thu, 01 Jan 2026 00:00:00 GMT".
std::string FormatHttpDate(std::int64_t unix_nanos);

// Status line and header fields, with the final empty line.  Line breaks in header values become
// spaces, so that no value can end its field.  `connection` is the value of the Connection field,
// "" for none.
std::string RenderHead(const HttpResponse& response, BodyFraming framing,
                       std::string_view connection, std::string_view date);

}  // namespace kless
