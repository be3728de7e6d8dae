// RuntimeApi: the Runtime API of one environment, on a loopback port of its own.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
//
// A runtime asks for the next invocation, which ends its init the first time, and answers with a
// response or an error.  Answers that do not fit are refused as AWS's runtime interface emulator
// does: 400 for another request ID, 403 where the state does not allow it, 413 above the limit.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "emulator/base/error.h"
#include "emulator/base/loop/event_loop.h"

namespace kless::processes {

// What a runtime gets with 200 for `next`.
struct RuntimeInvocation {
  std::string request_id;
  std::string payload;                         // JSON
  std::map<std::string, std::string> headers;  // "Lambda-Runtime-Deadline-Ms", ...
};

// An error as a runtime reports it.
struct RuntimeError {
  std::string type;  // the header Lambda-Runtime-Function-Error-Type; may be empty
  std::string body;  // {"errorMessage", "errorType", "stackTrace"}; any bytes
};

class RuntimeApi {
 public:
  // Each is called in a step of its own, on the loop's thread.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnNext() = 0;  // a runtime waits for an invocation
    virtual void OnResponse(std::string body) = 0;
    virtual void OnResponseTooLarge() = 0;
    virtual void OnError(RuntimeError error) = 0;
    virtual void OnInitError(RuntimeError error) = 0;
  };

  // Both must outlive this object.
  RuntimeApi(EventLoop& event_loop, Listener& listener);
  // Closes the port and every connection; nothing is called any more.
  ~RuntimeApi();
  RuntimeApi(const RuntimeApi&) = delete;
  RuntimeApi& operator=(const RuntimeApi&) = delete;

  // kUnavailable: no port can be opened.
  Result<void> Listen();
  int port() const;
  // Whether a runtime waits for an invocation.
  bool waiting() const;
  // Gives the waiting runtime its invocation; waiting() must hold.
  void Send(RuntimeInvocation invocation);

 private:
  class Server;
  const std::shared_ptr<Server> server_;
};

}  // namespace kless::processes
