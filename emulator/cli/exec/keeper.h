// Keeper: the two processes of a command that cleans up even if the process that the user started
// is killed.
//
// The front is that process.  It only passes signals on and waits.  The keeper, its child, does the
// work and is the parent of all other processes.  It outlives the front, learns of its death even
// after a SIGKILL, and is the subreaper of its descendants; what to end and remove then is the
// caller's to do (IsFrontGone, KillDescendants).  If the keeper itself is killed, only children
// that asked the kernel for it end with it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <set>

#include "emulator/cli/signal_queue.h"

namespace kless::cli {

class Keeper {
 public:
  // Forks.  In the front, returns the exit code of `work` once it has ended (128 + n if signal n
  // ended the keeper).  In the keeper, runs `work` and exits with its result.  REQUIRES: one
  // thread, and nothing that must not be in two processes.
  static int Run(const std::function<int(Keeper&)>& work);

  // SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2, passed on by the front; SIGCHLD; and
  // IsFrontGone().
  SignalQueue& signals() { return signals_; }
  static bool IsFrontGone(const QueuedSignal& signal);
  // The process group of the front: the terminal's foreground group, if the user waits for it.
  pid_t front_group() const { return front_group_; }
  // Takes the exit codes of adopted descendants that have ended, but not those of `own`.
  static void ReapOrphans(const std::set<pid_t>& own);
  // Kills every descendant except `spared`, and returns once they have ended.
  static void KillDescendants(const std::set<pid_t>& spared);

 private:
  Keeper(pid_t front, pid_t front_group, const SignalQueue& inherited);

  SignalQueue signals_;
  const pid_t front_group_;
};

}  // namespace kless::cli
