// FunctionCode: a function that brings its own program, and FunctionRuntimes, which runs such.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "functions/pool/environment_host.h"
#include "functions/pool/function.h"

namespace kless {

struct FunctionCode {
  std::string name;
  std::string version = "$LATEST";
  std::string arn;      // what the runtime is told
  std::string region;   // "us-east-1"
  std::string runtime;  // "python3.12", "nodejs20.x"; others run the program `bootstrap`
  std::string handler;  // "app.handler"
  std::string folder;   // absolute; seen as /var/task
  std::vector<std::string> layers;  // folders, the first below the others; seen together as /opt
  std::map<std::string, std::string> environment;
  std::string log_group;  // "/aws/lambda/NAME"
};

struct FunctionLogLine {
  std::string function;
  std::string environment;  // the log stream
  std::int64_t unix_nanos = 0;
  std::string text;  // without its end; long lines come in pieces
};

// Gives the event of an invocation as JSON.
using EventTextOf = std::function<std::string(const FunctionEvent&)>;
using FunctionLog = std::function<void(const FunctionLogLine&)>;

// What the pool needs to know of a function that runs outside of it.
class RunningFunction {
 public:
  virtual ~RunningFunction() = default;
  virtual EnvironmentHost& host() = 0;
  // A handler that must not outlive this object.
  virtual Handler handler() = 0;
  // For environments that start later; the pool retires the others (FunctionPool::Reset).
  virtual void SetCode(FunctionCode code) = 0;
};

class FunctionRuntimes {
 public:
  virtual ~FunctionRuntimes() = default;
  // kInvalidArgument: the code cannot be run here; the message names the folder or program that is
  // missing, and the remedy.
  virtual Result<void> Check(const FunctionCode& code) const = 0;
  // The environment variables by which functions reach the daemon; for environments started later.
  virtual void SetEndpoint(std::map<std::string, std::string> variables) = 0;
  // The result must outlive the pool's function and every environment of it, and be destroyed
  // before this object.
  virtual std::unique_ptr<RunningFunction> Run(FunctionCode code, EventTextOf event_text,
                                               FunctionLog log) = 0;
};

}  // namespace kless
