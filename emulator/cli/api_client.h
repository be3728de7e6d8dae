// ApiClient: the client of a daemon's two APIs for commands: requests as JSON, failures worded as
// by kubectl ("Error from server (NotFound): ...").
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "emulator/base/error.h"
#include "emulator/cli/http_client.h"

namespace CLI {
class App;
}

namespace kless::cli {

// Adds --server to a client command; `server` must outlive the parse.
void AddServerFlag(CLI::App& command, std::string* server);

class ApiClient {
 public:
  // `server` is the flag, else KLESS_ENDPOINT, else http://127.0.0.1:8080.
  static Result<ApiClient> Create(const std::string& server);

  // Returns the parsed body of a 2xx reply (null if it is empty).  Prints Warning headers to
  // stderr.  Errors contain the whole line to print.
  Result<nlohmann::json> Call(const std::string& method, const std::string& path);
  Result<nlohmann::json> Call(const std::string& method, const std::string& path,
                              const nlohmann::json& body);
  // The same with unparsed bodies.
  Result<std::string> CallRaw(const std::string& method, const std::string& path,
                              const std::string& body);

  HttpClient& http() { return http_; }

 private:
  explicit ApiClient(HttpClient http) : http_(std::move(http)) {}
  Result<nlohmann::json> Parse(const Result<std::string>& body) const;

  HttpClient http_;
};

// The error of a reply other than 2xx, in the words of its protocol: a Kubernetes Status, or the
// admin door's {"error":{"code","message"}}.
Error ErrorOfReply(const HttpReply& reply);

// The exit code for a wrong command line, variable, config file or scenario.
constexpr int kUsageError = 2;
// The exit code of `kless exec` if kless itself fails, as of env, timeout and docker: it is
// distinct from those of the command that it runs.
constexpr int kExecFailed = 125;

// Prints an error as a line on stderr; returns the exit code 1.
int Fail(const Error& error);
int Fail(const std::string& message);
// The same for errors in the user's input; returns kUsageError.
int FailUsage(const Error& error);
int FailUsage(const std::string& message);
// Calls FailUsage for kInvalidArgument and kUnsupported, else Fail: for errors of a command or its
// client, never for a daemon's reply (which is neither).
int FailByCode(const Error& error);

}  // namespace kless::cli
