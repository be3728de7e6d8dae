// The project's only coroutine type, and the only way to start a coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

namespace kless {

class Scheduler;

template <class T = void>
using Task = boost::asio::awaitable<T>;

// Runs `task` on the scheduler's thread.  An exception that leaves it is logged with `name` and
// counted in Scheduler::failed_tasks(); operation_aborted (cancellation, shutdown) is not a
// failure.
void Spawn(Scheduler& scheduler, std::string name, Task<> task);

}  // namespace kless
