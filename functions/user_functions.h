// UserFunctions: functions that users register while the world runs: a command, or a URL of this
// machine, that takes the DynamoDB Streams event as JSON.
//
// Each is one more function of the pool with an event source mapping of its own, both under its
// name.  Real time only: programs outside do not know a virtual clock.  Registrations live in the
// store beside the mappings' positions, so that a restart, a copy or a fork of the data file has
// them; what one call changes is in one transaction.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/command.h"
#include "functions/event_source_mapping.h"
#include "functions/user_function.h"

namespace kless {

// How functions that are URLs are reached; the wiring brings one that has sockets.
class UrlCaller {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  virtual ~UrlCaller() = default;
  // kInvalidArgument: not a URL of this machine; says what one looks like.
  virtual Result<void> Check(const std::string& url) const = 0;
  // POSTs `body` as application/json; completes with the body of a 2xx answer.  kUnavailable: it
  // cannot be reached, or the connection broke.  kTimedOut: not by `deadline`.  kInternal: any
  // other answer.
  virtual Task<Result<std::string>> Post(std::string url, std::string body, Headers headers,
                                         TimePoint deadline) = 0;
};

class UserFunctions {
 public:
  struct World {
    Scheduler& scheduler;
    Store& store;
    FunctionPool& pool;
    Faults& faults;
    const LatencyProfile& profile;
    EventSourceMappings& mappings;
    UrlCaller& urls;
  };
  // Everything, and `telemetry` if it is not null, outlives this.  `reserved`: names that are the
  // emulator's own, whether or not they are in use now.
  UserFunctions(World world, std::uint64_t seed, Telemetry* telemetry,
                std::set<std::string> reserved);

  // Registers what the store has; the caller starts the mappings.  What does not fit into this
  // world (a runtime that its latency profile does not know) is logged, stays in the store and does
  // not run.
  void Load();
  // Variables of every command from now on: where the daemon is.
  void SetEndpoint(std::map<std::string, std::string> variables);

  // json: as in user_function.h.  kInvalidArgument, kAlreadyExists; nothing is left behind then.
  Result<void> Create(const nlohmann::json& json);
  // kNotFound, kInvalidArgument.  A change of the mapping is in force once the invocations of the
  // old one have ended: until then it reads Disabled.
  Result<void> Patch(const std::string& name, const nlohmann::json& patch);
  // Function, mapping and position go; invocations under way run to their end.  kNotFound.
  Result<void> Remove(const std::string& name);
  // Null: not a user's.
  const UserFunction* Find(const std::string& name) const;

  // What a start in virtual time leaves out: the names in the store.
  static std::vector<std::string> StoredNames(const Store& store);

 private:
  // Shared with the handler, which reads the newest definition at each invocation.
  struct Entry {
    UserFunction function;
    bool removed = false;
    bool renewing = false;  // a task waits for the end of the old mapping
    bool anew = false;      // the next mapping does not go on where an old one stood
  };
  using EntryPtr = std::shared_ptr<Entry>;

  Result<void> Check(const UserFunction& function) const;
  Result<void> Add(UserFunction function);
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

  const World world_;
  const std::uint64_t seed_;
  Telemetry* const telemetry_;
  const std::set<std::string> reserved_;
  CommandRunner commands_;
  std::map<std::string, std::string> endpoint_;
  std::map<std::string, EntryPtr> entries_;
  std::map<std::string, std::string> unfit_;  // stored, not running: JSON by name
};

}  // namespace kless
