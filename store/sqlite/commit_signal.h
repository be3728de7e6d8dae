// CommitSignal: wakes coroutines that wait for a commit or for records, in the order in which they
// came.
//
// The waiting coroutines share it: one that was made ready just before the store was destroyed
// finds it closed rather than gone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "emulator/base/loop/event.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/base/loop/task.h"

namespace kless {

class CommitSignal {
 public:
  explicit CommitSignal(EventLoop& event_loop);

  std::uint64_t commits() const { return commits_; }
  // Called after a commit: `latest` is the newest visible record.
  void Notify(std::uint64_t latest);
  // Drops all waiters, including those that are ready already.
  void Close();

  // See ChangeFeed::WaitBeyond.
  static Task<bool> WaitBeyond(std::shared_ptr<CommitSignal> signal, std::uint64_t after,
                               std::optional<TimePoint> deadline);
  // Completes once that many commits have been made.
  static Task<> WaitCommits(std::shared_ptr<CommitSignal> signal, std::uint64_t commits);

  void set_latest(std::uint64_t latest) { latest_ = latest; }

 private:
  std::uint64_t commits_ = 0;
  std::uint64_t latest_ = 0;
  bool closed_ = false;
  std::unique_ptr<Event> records_;
  std::unique_ptr<Event> committed_;
};

}  // namespace kless
