// SqliteInvocationLog: InvocationLog over the table `invocations`.
#pragma once

#include "emulator/base/loop/event_loop.h"
#include "store/invocation_log.h"
#include "store/sqlite/file/sqlite.h"
#include "store/sqlite/file/turn.h"

namespace kless {

class SqliteInvocationLog final : public InvocationLog {
 public:
  // The maximum number of rows that one Trim deletes.
  static constexpr int kTrimRows = 10'000;

  SqliteInvocationLog(SqliteConnection& connection, EventLoop& event_loop, Turn& turn,
                      Duration retention_age);

  void Append(InvocationRecord record) override;
  std::vector<InvocationRecord> Read(const std::string& function, std::uint64_t after,
                                     int limit) const override;
  std::vector<InvocationRecord> ReadBackwards(const std::string& function, std::uint64_t before,
                                              int limit) const override;
  std::uint64_t LatestId() const override { return latest_id_; }
  void Trim(std::uint64_t count) override;

 private:
  // Runs one of the two statements, for one function or for all.
  static std::vector<InvocationRecord> Select(SqliteStatement& all, SqliteStatement& of_function,
                                              const std::string& function, std::uint64_t position,
                                              int limit);
  // Returns the newest row to delete; 0 if there is none.
  std::uint64_t TrimTarget(std::uint64_t count) const;

  EventLoop& event_loop_;
  Turn& turn_;
  const Duration retention_age_;
  std::uint64_t latest_id_ = 0;
  SqliteStatement insert_;
  SqliteStatement delete_;
  mutable SqliteStatement select_;
  mutable SqliteStatement select_by_function_;
  mutable SqliteStatement select_backwards_;
  mutable SqliteStatement select_backwards_by_function_;
  mutable SqliteStatement select_oldest_;
};

}  // namespace kless
