// SqliteFeed: ChangeFeed over the change log.
#pragma once

#include <memory>

#include "store/change_feed.h"
#include "store/sqlite/change_log.h"
#include "store/sqlite/commit_signal.h"

namespace kless {

class SqliteFeed final : public ChangeFeed {
 public:
  SqliteFeed(const ChangeLog& log, std::shared_ptr<CommitSignal> signal);

  std::uint64_t Latest() const override { return log_.latest(); }
  std::uint64_t LowWaterMark() const override { return log_.low_water(); }
  Result<std::vector<RecordPtr>> Read(std::uint64_t after, int limit) const override;
  Result<std::vector<RecordPtr>> ReadTable(int table, std::uint64_t after, std::uint64_t until,
                                           int limit, std::uint64_t span,
                                           std::uint64_t* seen) const override;
  void VisitBack(std::uint64_t after,
                 const std::function<void(const ChangeRecord&)>& visit) const override {
    log_.VisitBack(after, visit);
  }
  Task<bool> WaitBeyond(std::uint64_t after, std::optional<TimePoint> deadline) override;
  std::uint64_t PositionAt(std::int64_t unix_nanos) const override {
    return log_.PositionAt(unix_nanos);
  }

 private:
  Result<void> CheckRead(std::uint64_t after, int limit) const;

  const ChangeLog& log_;
  const std::shared_ptr<CommitSignal> signal_;
};

}  // namespace kless
