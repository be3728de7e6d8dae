// UserFunctions: functions that users register while the world runs: a command, or a URL of this
// machine, that receives the DynamoDB Streams event as JSON.
//
// Each is a function of the pool with an event source mapping of its own, both under its name.
// Real time only: external programs do not know a virtual clock.  Registrations are stored next to
// the mappings' positions, so that a restart, a copy or a fork of the data file keeps them; each
// call changes them in one transaction.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/loop/command.h"
#include "functions/pool/function_code.h"
#include "functions/pool/function_logs.h"
#include "functions/pool/function_settings.h"
#include "functions/pool/mapping/event_source_mapping.h"
#include "functions/pool/mapping/stream_event.h"
#include "functions/pool/user/user_function.h"

namespace kless {

// Reaches functions that are URLs; the wiring supplies an implementation with sockets.
class UrlCaller {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  virtual ~UrlCaller() = default;
  // kInvalidArgument: not a URL of this machine; the message describes a valid one.
  virtual Result<void> Check(const std::string& url) const = 0;
  // POSTs `body` as application/json; completes with the body of a 2xx response. kUnavailable: it
  // cannot be reached, or the connection broke. kTimedOut: no response by `deadline`. kInternal:
  // any other response.
  virtual Task<Result<std::string>> Post(std::string url, std::string body, Headers headers,
                                         TimePoint deadline) = 0;
};

class UserFunctions {
 public:
  struct Context {
    EventLoop& event_loop;
    Store& store;
    FunctionPool& pool;
    Faults& faults;
    const LatencyProfile& profile;
    EventSourceMappings& mappings;
    UrlCaller& urls;
    RecordSourcePtr source = nullptr;      // of every mapping; null: see stream_event.h
    FunctionRuntimes* runtimes = nullptr;  // null: functions with a handler are refused
  };
  // Returns the fields that the configuration has for a function of this name
  // (AllFunctionSettings): for a new one, to complete what its creator gives; for a stored one, to
  // override what the store has.
  using Configured = std::function<FunctionTexts(const std::string& name, bool is_new)>;
  // All references, and `telemetry` if it is not null, must outlive this object.  `reserved` are
  // the names of the emulator's own functions, whether or not they are in use; `configured` may be
  // null.
  UserFunctions(Context context, std::uint64_t seed, Telemetry* telemetry,
                std::set<std::string> reserved, Configured configured = nullptr);

  // Registers the stored functions; the caller starts the mappings.  A function that does not fit
  // into this world (its runtime is not in the latency profile) is logged, stays in the store and
  // does not run.
  void Load();
  // Sets variables for every later command and environment: the daemon's address.
  void SetEndpoint(std::map<std::string, std::string> variables);

  // `json` is described in user_function.h.  On an error (kInvalidArgument, kAlreadyExists) nothing
  // is left.
  Result<void> Create(const nlohmann::json& json);
  // Errors: kNotFound, kInvalidArgument.  A changed mapping takes effect once the invocations of
  // the old one have ended; until then its state is Updating or Disabling.
  Result<void> Patch(const std::string& name, const nlohmann::json& patch);
  // Removes the function, its mapping and its position; running invocations finish.  Errors:
  // kNotFound.
  Result<void> Remove(const std::string& name);
  // Returns null if there is no user function of this name.
  const UserFunction* Find(const std::string& name) const;
  // What functions with a handler wrote.
  const FunctionLogs& logs() const { return logs_; }

  // The names of the stored functions, which a start in virtual time leaves out.
  static std::vector<std::string> StoredNames(const Store& store);

 private:
  // Shared with the handler, which uses the newest definition at each invocation.
  struct Entry {
    UserFunction function;
    bool removed = false;
    bool renewing = false;  // a task waits for the end of the old mapping
    bool fresh = false;     // the next mapping does not continue at the position of the old one
    RunningFunction* running = nullptr;  // of a handler
  };
  using EntryPtr = std::shared_ptr<Entry>;

  nlohmann::json WithConfigured(nlohmann::json given, bool is_new) const;
  Result<void> Check(const UserFunction& function) const;
  Result<void> Add(UserFunction function);
  Result<void> CheckCode(const UserFunction& function) const;
  Result<void> Register(const EntryPtr& entry);
  Result<void> AddMapping(const UserFunction& function);
  Task<> Renew(EntryPtr entry);
  Task<Result<std::string>> Invoke(EntryPtr entry, std::shared_ptr<const FunctionEvent> event,
                                   std::shared_ptr<InvocationContext> context);
  Task<Result<std::string>> RunCommand(std::shared_ptr<const UserFunction> function,
                                       std::string input,
                                       std::shared_ptr<InvocationContext> context);
  std::map<std::string, std::string> VariablesOf(const UserFunction& function,
                                                 const InvocationContext& context) const;
  std::int64_t UnixMillisecondsOf(TimePoint time) const;
  void Save();

  const Context context_;
  const std::uint64_t seed_;
  Telemetry* const telemetry_;
  const std::set<std::string> reserved_;
  const Configured configured_;
  // The pool may still end environments of functions that were removed.
  std::vector<std::unique_ptr<RunningFunction>> running_;
  FunctionLogs logs_;
  CommandRunner commands_;
  std::map<std::string, std::string> endpoint_;
  std::map<std::string, EntryPtr> entries_;
  std::map<std::string, std::string> unfit_;  // stored, not running: JSON by name
};

}  // namespace kless
