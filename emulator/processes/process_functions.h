// ProcessFunctions: functions that run as processes of this machine: one for each environment, over
// the Runtime API.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/system/isolation.h"
#include "emulator/processes/runtimes.h"
#include "functions/pool/function_code.h"

namespace kless::processes {

class ProcessFunctions final : public FunctionRuntimes {
 public:
  // The event loop must outlive this object.
  explicit ProcessFunctions(EventLoop& event_loop);
  ~ProcessFunctions() override;

  Result<void> Check(const FunctionCode& code) const override;
  void SetEndpoint(std::map<std::string, std::string> variables) override;
  std::unique_ptr<RunningFunction> Run(FunctionCode code, EventTextOf event_text,
                                       FunctionLog log) override;

 private:
  class Function;

  EventLoop& event_loop_;
  std::map<std::string, std::string> endpoint_;
  RuntimeClients clients_;
};

}  // namespace kless::processes
