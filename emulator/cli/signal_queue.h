// SignalQueue: signals that are read, one by one, instead of handlers that interrupt.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <initializer_list>
#include <optional>

namespace kless::cli {

struct QueuedSignal {
  int number = 0;
  bool from_terminal = false;  // such as Ctrl-C, which reaches the whole foreground group
};

class SignalQueue {
 public:
  // Blocks `signals` in this process: they wait until they are taken.  Also blocks `silenced`,
  // which are never taken.
  SignalQueue(std::initializer_list<int> signals, std::initializer_list<int> silenced);
  // The same in a forked child whose earlier mask was that of `parent`.
  SignalQueue(std::initializer_list<int> signals, std::initializer_list<int> silenced,
              const SignalQueue& parent)
      : SignalQueue(signals, silenced) {
    before_ = parent.before_;
  }
  ~SignalQueue();
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;

  // Readable when a signal is pending.
  int descriptor() const { return descriptor_; }
  // Returns the oldest signal; nullopt if none is pending.
  std::optional<QueuedSignal> Take();
  // The signals that were blocked before this queue was made: those of a program that is started.
  const sigset_t& mask_before() const { return before_; }

  // Sends a signal to a process that takes it from its own queue, with its origin.
  static void Pass(pid_t process, const QueuedSignal& signal);

 private:
  sigset_t before_{};
  int descriptor_ = -1;
};

}  // namespace kless::cli
