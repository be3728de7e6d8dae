// SignalQueue: signals as things to read, one by one, instead of handlers that interrupt.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <initializer_list>
#include <optional>

namespace kless::cli {

struct QueuedSignal {
  int number = 0;
  bool from_terminal = false;  // Ctrl-C and the like, which reach the whole foreground group
};

class SignalQueue {
 public:
  // Blocks `signals` in this process: they wait until they are taken.  Also blocks `silenced`,
  // which nothing takes.
  SignalQueue(std::initializer_list<int> signals, std::initializer_list<int> silenced);
  // The same in a forked child, whose mask before was that of `parent`.
  SignalQueue(std::initializer_list<int> signals, std::initializer_list<int> silenced,
              const SignalQueue& parent)
      : SignalQueue(signals, silenced) {
    before_ = parent.before_;
  }
  ~SignalQueue();
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;

  // Readable when a signal waits.
  int descriptor() const { return descriptor_; }
  // The oldest one; nullopt: none waits.
  std::optional<QueuedSignal> Take();
  // In a forked child, before exec: the mask that there was before.
  void RestoreMask() const { sigprocmask(SIG_SETMASK, &before_, nullptr); }

  // Sends a signal to a process that takes it from a queue of its own, with its origin.
  static void Pass(pid_t process, const QueuedSignal& signal);

 private:
  sigset_t before_{};
  int descriptor_ = -1;
};

}  // namespace kless::cli
