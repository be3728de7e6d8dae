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
  Task<bool> WaitBeyond(std::uint64_t after, std::optional<TimePoint> deadline) override;
  std::uint64_t PositionAt(std::int64_t unix_nanos) const override {
    return log_.PositionAt(unix_nanos);
  }

 private:
  const ChangeLog& log_;
  const std::shared_ptr<CommitSignal> signal_;
};

}  // namespace kless
