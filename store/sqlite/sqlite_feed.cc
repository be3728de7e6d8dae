#include "store/sqlite/sqlite_feed.h"

#include <string>
#include <utility>

namespace kless {

SqliteFeed::SqliteFeed(const ChangeLog& log, std::shared_ptr<CommitSignal> signal)
    : log_(log), signal_(std::move(signal)) {}

Result<void> SqliteFeed::CheckRead(std::uint64_t after, int limit) const {
  if (limit < 1) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "limit " + std::to_string(limit) + " is not at least 1");
  }
  if (after < log_.low_water()) {
    return MakeError(ErrorCode::kGone, "position " + std::to_string(after) +
                                           " of the change feed has been trimmed; the oldest is " +
                                           std::to_string(log_.low_water()));
  }
  return {};
}

Result<std::vector<RecordPtr>> SqliteFeed::Read(std::uint64_t after, int limit) const {
  KLESS_TRY_VOID(CheckRead(after, limit));
  return log_.Read(after, limit);
}

Result<std::vector<RecordPtr>> SqliteFeed::ReadTable(int table, std::uint64_t after,
                                                     std::uint64_t until, int limit,
                                                     std::uint64_t span,
                                                     std::uint64_t* seen) const {
  KLESS_TRY_VOID(CheckRead(after, limit));
  return log_.ReadTable(table, after, until, limit, span, seen);
}

Task<bool> SqliteFeed::WaitBeyond(std::uint64_t after, std::optional<TimePoint> deadline) {
  return CommitSignal::WaitBeyond(signal_, after, deadline);
}

}  // namespace kless
