#include "store/sqlite/file/checkpointer.h"

#include <memory>
#include <utility>

namespace kless {

Checkpointer::Checkpointer(std::string path)
    : path_(std::move(path)), thread_([this] { Loop(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_thread_.notify_one();
  thread_.join();
}

std::string Checkpointer::OnCommit(int wal_pages) {
  if (wal_pages < kCopyPages) return {};
  std::unique_lock lock(mutex_);
  copy_wanted_ = true;
  if ((wal_pages >= kResetPages && reset_ready_) || wal_pages >= limit_pages_) {
    reset_wanted_ = true;
    wake_thread_.notify_one();
    wake_loop_.wait(lock, [this] { return !reset_wanted_; });
    limit_pages_ = reset_done_ ? kLimitPages : wal_pages + kResetPages;
  } else {
    wake_thread_.notify_one();
  }
  return std::exchange(error_, {});
}

void Checkpointer::Loop() {
  using Mode = SqliteConnection::CheckpointMode;
  std::unique_ptr<SqliteConnection> connection;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_thread_.wait(lock, [this] { return stop_ || copy_wanted_ || reset_wanted_; });
    if (stop_) return;
    const bool reset = reset_wanted_;
    copy_wanted_ = false;
    lock.unlock();
    std::string error;
    bool little_left = false;
    bool done = false;
    try {
      if (!connection) {
        connection = std::make_unique<SqliteConnection>(path_);
        connection->Execute("PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = " +
                            std::to_string(kBusyTimeoutMs));
      }
      const auto result = connection->Checkpoint(reset ? Mode::kRestart : Mode::kPassive);
      done = !result.busy;
      little_left = !reset && result.log_pages - result.copied_pages <= kRemainderPages;
    } catch (const SqliteError& failure) {
      error = failure.what();
    }
    lock.lock();
    reset_ready_ = little_left;
    if (!error.empty()) error_ = std::move(error);
    if (reset) {
      reset_done_ = done;
      reset_wanted_ = false;
      wake_loop_.notify_one();
    }
  }
}

}  // namespace kless
