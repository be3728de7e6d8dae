#include "emulator/cli/exec/keeper.h"

#include <dirent.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "emulator/base/strings.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/system.h"

namespace kless::cli {
namespace {

int FrontGoneSignal() { return SIGRTMIN; }

// Returns the parent of a process according to /proc; 0 if the process has gone.
pid_t ParentOf(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  // The line is "PID (NAME) STATE PARENT ..."; the name may contain anything.
  const auto end = text.rfind(')');
  if (end == std::string::npos || text.size() < end + 5) return 0;
  return static_cast<pid_t>(std::atol(text.c_str() + end + 4));
}

std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::vector<pid_t> children;
  DIR* const folder = opendir("/proc");
  if (folder == nullptr) return children;
  while (const dirent* const entry = readdir(folder)) {
    const auto process = ParseUnsigned(entry->d_name);
    if (process && ParentOf(static_cast<pid_t>(*process)) == parent) {
      children.push_back(static_cast<pid_t>(*process));
    }
  }
  closedir(folder);
  return children;
}

// Passes signals on until the keeper has ended.
int WaitInFront(pid_t keeper, SignalQueue& signals) {
  while (true) {
    int status = 0;
    const pid_t ended = waitpid(keeper, &status, WNOHANG);
    if (ended == keeper) {
      return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    if (ended < 0 && errno != EINTR) return kExecFailed;
    pollfd readable{signals.descriptor(), POLLIN, 0};
    poll(&readable, 1, -1);
    while (const auto signal = signals.Take()) {
      if (signal->number != SIGCHLD) SignalQueue::Pass(keeper, *signal);
    }
  }
}

}  // namespace

Keeper::Keeper(pid_t front, pid_t front_group, const SignalQueue& inherited)
    : signals_({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD, FrontGoneSignal()},
               // The keeper writes to a terminal that is not its own, and to connections that may
               // break.
               {SIGTTOU, SIGPIPE}, inherited),
      front_group_(front_group) {
  // It has a group of its own, so that it can clean up when the front's whole group is killed.
  setpgid(0, 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_PDEATHSIG, FrontGoneSignal());
  if (getppid() != front) kill(getpid(), FrontGoneSignal());  // it died before prctl
}

int Keeper::Run(const std::function<int(Keeper&)>& work) {
  std::fflush(nullptr);
  signal(SIGCHLD, SIG_DFL);  // if it were ignored, there would be no exit codes
  // Signals are blocked before the fork: none is lost while the keeper starts.
  SignalQueue signals({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD}, {});
  const pid_t front = getpid();
  const pid_t front_group = getpgrp();
  const pid_t keeper_process = fork();
  if (keeper_process < 0) {
    Fail("cannot create a process");
    return kExecFailed;
  }
  if (keeper_process > 0) return WaitInFront(keeper_process, signals);
  int exit_code = kExecFailed;
  {
    Keeper keeper(front, front_group, signals);
    try {
      exit_code = work(keeper);
    } catch (const std::exception& error) {
      Fail(std::string(error.what()));
    }
  }
  std::fflush(nullptr);
  _exit(exit_code);
}

bool Keeper::IsFrontGone(const QueuedSignal& signal) { return signal.number == FrontGoneSignal(); }

void Keeper::ReapOrphans(const std::set<pid_t>& own) {
  while (true) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    if (own.contains(info.si_pid)) return;
    waitpid(info.si_pid, nullptr, WNOHANG);
  }
}

void Keeper::KillDescendants(const std::set<pid_t>& spared) {
  // The children of a killed process become this process's own, so that killing children is enough.
  while (true) {
    bool any = false;
    for (const pid_t child : ChildrenOf(getpid())) {
      if (spared.contains(child)) continue;
      any = true;
      kill(child, SIGKILL);
      while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
    if (!any) return;
  }
}

}  // namespace kless::cli
