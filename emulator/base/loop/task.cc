#include "emulator/base/loop/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/system/log.h"

namespace kless {

void Spawn(EventLoop& event_loop, std::string name, Task<> task) {
  // A spawned task has no caller, so whatever it throws ends here.  It is counted, because an
  // experiment whose tasks fail has a problem even if its results look right.  Cancellation is how
  // a task is told to stop, so it does not count.
  auto report = [&event_loop, name = std::move(name)](std::exception_ptr failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::operation_aborted) return;
      event_loop.CountFailedTask();
      Log(LogLevel::kError, name, error.what());
    } catch (const std::exception& error) {
      event_loop.CountFailedTask();
      Log(LogLevel::kError, name, error.what());
    }
  };
  asio::co_spawn(event_loop.executor(), std::move(task), std::move(report));
}

}  // namespace kless
