// The project's only coroutine type, and the only way to start a coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

namespace kless {

class EventLoop;

template <class T = void>
using Task = boost::asio::awaitable<T>;

// Runs `task` on the event loop's thread.  An exception that leaves it is logged with `name` and
// counted in EventLoop::failed_tasks(); operation_aborted (cancellation, shutdown) is not a
// failure.
void Spawn(EventLoop& event_loop, std::string name, Task<> task);

}  // namespace kless
