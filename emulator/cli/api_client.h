// ApiClient: a daemon's two APIs as commands use them: requests as JSON, failures as kubectl words
// them ("Error from server (NotFound): ...").
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "emulator/base/error.h"
#include "emulator/cli/http_client.h"

namespace CLI {
class App;
}

namespace kless::cli {

// Adds --server to a client command; `server` outlives the parse.
void AddServerFlag(CLI::App& command, std::string* server);

class ApiClient {
 public:
  // `server`: the flag, else KLESS_ENDPOINT, else http://127.0.0.1:8080.
  static Result<ApiClient> Create(const std::string& server);

  // The parsed body of a 2xx answer (null if it is empty).  Prints Warning headers to stderr.
  // Errors carry the whole line to print.
  Result<nlohmann::json> Call(const std::string& method, const std::string& path);
  Result<nlohmann::json> Call(const std::string& method, const std::string& path,
                              const nlohmann::json& body);
  // The same with the bodies as they are.
  Result<std::string> CallRaw(const std::string& method, const std::string& path,
                              const std::string& body);

  HttpClient& http() { return http_; }

 private:
  explicit ApiClient(HttpClient http) : http_(std::move(http)) {}
  Result<nlohmann::json> Parse(const Result<std::string>& body) const;

  HttpClient http_;
};

// The error of a reply that is not 2xx, in the words of its protocol: a Kubernetes Status, or the
// admin door's {"error":{"code","message"}}.
Error ErrorOfReply(const HttpReply& reply);

// Exit code of a command line, variable, config file or scenario that is wrong.
constexpr int kUsageError = 2;

// Prints an error as a line on stderr; returns the exit code 1.
int Fail(const Error& error);
int Fail(const std::string& message);
// The same for what the user gave; returns kUsageError.
int FailUsage(const Error& error);
int FailUsage(const std::string& message);
// FailUsage for kInvalidArgument, else Fail: for errors that a command or its client made, never
// for what a daemon answered (which is never kInvalidArgument).
int FailByCode(const Error& error);

}  // namespace kless::cli
