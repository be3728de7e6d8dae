// Checkpointer: copies the WAL back into the database, on a thread and a connection of its own, so
// that the loop never waits for fsync.
//
// There is one exception, which bounds the WAL: a writer that never pauses keeps appending pages,
// so that the WAL could never restart from its beginning.  Once the WAL is long and nearly all of
// it is copied, the loop stands still at the end of a turn for the last few pages.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "store/sqlite/file/sqlite.h"

namespace kless {

class Checkpointer {
 public:
  // In WAL pages (4 KiB each): the sizes from which the WAL is copied, restarted once nearly all is
  // copied, and restarted however much is left to copy.  A later first copy merges more writes to
  // the same page (at 4000, a write costs an eighth less CPU than at SQLite's 1000); an earlier one
  // uses less disk space: the WAL has about 12 MB under load, and 24 MB at most unless another
  // reader prevents it.
  static constexpr int kCopyPages = 2000;
  static constexpr int kResetPages = 3000;
  static constexpr int kLimitPages = 2 * kResetPages;
  // "Nearly all" means that at most this many pages are left, which the loop can wait for.
  static constexpr int kRemainderPages = 600;
  // The longest time that the loop waits for other readers of the file.
  static constexpr int kBusyTimeoutMs = 100;

  explicit Checkpointer(std::string path);
  // Ends the thread; a copy in progress is finished first.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Called on the loop after a commit, with no statement or transaction open; `wal_pages` is the
  // length of the WAL.  Returns the error of the thread since the last call, or an empty string.
  std::string OnCommit(int wal_pages);

 private:
  void Loop();

  const std::string path_;
  std::mutex mutex_;
  std::condition_variable wake_thread_;
  std::condition_variable wake_loop_;
  bool stop_ = false;
  bool copy_wanted_ = false;
  bool reset_ready_ = false;   // the last copy left few pages
  bool reset_done_ = false;    // the last attempt to restart the WAL succeeded
  bool reset_wanted_ = false;  // the loop stands still until this is false again
  // Grows while another reader of the file keeps the WAL from restarting, so that the loop does not
  // wait for that reader at every commit.
  int limit_pages_ = kLimitPages;
  std::string error_;
  std::thread thread_;
};

}  // namespace kless
