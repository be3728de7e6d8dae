// Functions: the functions of Lambda: their definitions, their code, and the pool's functions that
// run them.
//
// Each change is one step and is saved in the turn's transaction, code included, so that a restart,
// a snapshot and a copy of the data file have it.  All accounts and regions see the same functions;
// an ARN keeps those of the creator.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/random.h"
#include "emulator/base/system/scratch_folder.h"
#include "emulator/lambda/failure.h"
#include "emulator/lambda/function_definition.h"
#include "emulator/logs/log_store.h"
#include "functions/pool/function_code.h"
#include "functions/pool/pool.h"
#include "store/store.h"

namespace kless::lambda {

// The limit of the code of all functions:
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::size_t kTotalCodeBytesMax = 80'530'636'800;

// How a client names a function: NAME, ACCOUNT:function:NAME, or its ARN, each with or without
// :QUALIFIER.
struct FunctionName {
  std::string name;
  std::string qualifier;  // "": none
};
// nullopt: not a name of a function.
std::optional<FunctionName> ParseFunctionName(std::string_view text);

class Functions {
 public:
  struct Context {
    EventLoop& event_loop;
    Store& store;
    FunctionPool& pool;
    FunctionRuntimes& runtimes;
    logs::LogStore& logs;
  };
  // All references must outlive it.
  Functions(Context context, std::uint64_t seed);

  // Registers the stored functions.  One that does not fit (another function of the pool has its
  // name) is logged and stays in the store.
  void Load();

  // `zip` is the code.  Sets what the service decides: sizes, hash, revision, date.
  Outcome<const FunctionDefinition*> Create(FunctionDefinition function, std::string zip);
  // ResourceNotFoundException names `arn`, the function as the client asked for it.
  Outcome<const FunctionDefinition*> Get(const std::string& name, const std::string& arn) const;
  const FunctionDefinition* Find(const std::string& name) const;
  std::vector<const FunctionDefinition*> All() const;  // in order of name
  // `change` is applied to a copy; new environments begin with it.
  Outcome<const FunctionDefinition*> Update(const std::string& name, const std::string& arn,
                                            const std::function<void(FunctionDefinition&)>& change);
  Outcome<const FunctionDefinition*> UpdateCode(const std::string& name, const std::string& arn,
                                                std::string zip);
  Outcome<void> Delete(const std::string& name, const std::string& arn);
  // The zip archive as it was given; "" if there is none.
  std::string Code(const std::string& name) const;
  // The concurrency that no function has reserved.
  int UnreservedConcurrency() const;

 private:
  struct Entry {
    FunctionDefinition definition;
    std::unique_ptr<ScratchFolder> folder;  // has the code
    RunningFunction* running = nullptr;
  };

  Outcome<std::unique_ptr<ScratchFolder>> Unpack(const std::string& zip) const;
  Outcome<void> Register(Entry& entry);
  void Touch(FunctionDefinition& function);
  void Save(const FunctionDefinition& function);
  void Write(const FunctionLogLine& line);

  const Context context_;
  Random random_;
  std::map<std::string, Entry> functions_;
  // The pool may still end environments of functions that were removed.
  std::vector<std::unique_ptr<RunningFunction>> running_;
  std::vector<std::unique_ptr<ScratchFolder>> old_folders_;  // environments may still run there
};

}  // namespace kless::lambda
