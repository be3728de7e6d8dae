// HttpCaller: calls user functions that are URLs: one POST over one connection, HTTP/1.1 without
// TLS, to this machine only.
//
// Deadlines are in the event loop's time, like those of all invocations.
#pragma once

#include <string>

#include "emulator/base/error.h"
#include "emulator/base/loop/event_loop.h"
#include "functions/pool/user/user_functions.h"

namespace kless {

class HttpCaller final : public UrlCaller {
 public:
  // The event loop must outlive every Post().
  explicit HttpCaller(EventLoop& event_loop) : event_loop_(event_loop) {}

  // http://HOST[:PORT][/PATH][?QUERY] with HOST localhost, 127.x.x.x or [::1].
  Result<void> Check(const std::string& url) const override;
  Task<Result<std::string>> Post(std::string url, std::string body, Headers headers,
                                 TimePoint deadline) override;

 private:
  EventLoop& event_loop_;
};

}  // namespace kless
