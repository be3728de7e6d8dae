// Checkpointer: copies the WAL back into the database, on a thread and a connection of its own, so
// that the loop never waits for fsync.
//
// The one exception bounds the WAL: a writer that never pauses keeps adding pages behind the copy,
// so that the WAL could never begin anew.  Once it is long, and nearly all of it is copied, the
// loop stands still at the end of a turn for the last few pages.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "store/sqlite.h"

namespace kless {

class Checkpointer {
 public:
  // In WAL pages (4 KiB each): copy from here on; begin anew once nearly all is copied; begin anew
  // whatever is left to copy.  A longer way to the first copy merges more writes of one page: at
  // 4000 a write costs an eighth less CPU than at SQLite's 1000, and opening after a crash reads 16
  // MB.
  static constexpr int kCopyPages = 4000;
  static constexpr int kResetPages = 12000;
  static constexpr int kLimitPages = 2 * kResetPages;
  // "Nearly all": so little is left that the loop may wait for it.
  static constexpr int kRemainderPages = 600;
  // How long the loop at most waits for other readers of the file.
  static constexpr int kBusyTimeoutMs = 100;

  explicit Checkpointer(std::string path);
  // Ends the thread; a copy under way is finished first.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // On the loop, after a commit, with no statement or transaction open: the WAL is now so long.
  // Returns what went wrong on the thread since the last call; empty: nothing.
  std::string OnCommit(int wal_pages);

 private:
  void Loop();

  const std::string path_;
  std::mutex mutex_;
  std::condition_variable wake_thread_;
  std::condition_variable wake_loop_;
  bool stop_ = false;
  bool copy_wanted_ = false;
  bool reset_ready_ = false;   // the last copy left little behind
  bool reset_done_ = false;    // the last attempt to begin anew succeeded
  bool reset_wanted_ = false;  // the loop stands still until this is false again
  // Grows while somebody else reads the file and will not let the WAL begin anew: the loop must not
  // wait for him at every commit.
  int limit_pages_ = kLimitPages;
  std::string error_;
  std::thread thread_;
};

}  // namespace kless
