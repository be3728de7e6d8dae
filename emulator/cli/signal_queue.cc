#include "emulator/cli/signal_queue.h"

#include <sys/signalfd.h>
#include <unistd.h>

namespace kless::cli {

SignalQueue::SignalQueue(std::initializer_list<int> signals, std::initializer_list<int> silenced) {
  sigset_t taken;
  sigemptyset(&taken);
  for (const int number : signals) sigaddset(&taken, number);
  sigset_t blocked = taken;
  for (const int number : silenced) sigaddset(&blocked, number);
  sigprocmask(SIG_BLOCK, &blocked, &before_);
  descriptor_ = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
}

SignalQueue::~SignalQueue() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::optional<QueuedSignal> SignalQueue::Take() {
  signalfd_siginfo info{};
  if (read(descriptor_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
    return std::nullopt;
  }
  QueuedSignal signal;
  signal.number = static_cast<int>(info.ssi_signo);
  signal.from_terminal =
      info.ssi_code == SI_KERNEL || (info.ssi_code == SI_QUEUE && info.ssi_int == 1);
  return signal;
}

void SignalQueue::Pass(pid_t process, const QueuedSignal& signal) {
  sigval value{};
  value.sival_int = signal.from_terminal ? 1 : 0;
  sigqueue(process, signal.number, value);
}

}  // namespace kless::cli
