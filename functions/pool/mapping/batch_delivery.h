// BatchDelivery: the delivery of one batch: retries, bisection, progress by partial responses,
// giving up.  It only decides; the mapping invokes, sleeps and keeps the positions.
//
// Rules, following Lambda's event source mappings (reference aws.md g11-g19):
//   * An error repeats the whole batch.  With maximum_retry_attempts n there are n + 1 invocations;
//     then the batch is given up and the next one starts.
//   * A throttle repeats the batch, too, and is not counted as an attempt.
//   * With bisect, an error of a batch of several records splits it; the halves are delivered one
//     after the other, each on its own, and the split uses up no retry.
//   * A partial response settles the records before the lowest one reported.  Progress resets the
//     count of attempts.  Reporting the first record is an error of the remaining batch.
//   * Records older than maximum_record_age are given up before the next invocation; without a
//     limit, records that the feed has trimmed are given up once an invocation with them failed.
// The back-off doubles with each consecutive error or throttle.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "store/item/item.h"

namespace kless {

struct EventSourceMappingConfig;

class BatchDelivery {
 public:
  struct Step {
    std::vector<RecordPtr> done;
    std::vector<RecordPtr> given_up;
    std::string condition;  // why: "RetryAttemptsExhausted", "RecordAgeExceeded"
    int invocations = 0;    // of what was given up, since it was cut, split or last made progress
    Duration wait{};        // before the next invocation
  };

  // `config` must outlive it.  The final event of a tumbling window is an empty batch.
  BatchDelivery(const EventSourceMappingConfig& config, std::vector<RecordPtr> batch);

  bool finished() const { return portions_.empty(); }
  // The records of the next invocation, oldest first.  Requires !finished().
  const std::vector<RecordPtr>& next() const { return portions_.front().records; }

  // Called before each invocation; given_up is empty in most cases.
  Step DropExpired(std::int64_t unix_nanos, std::uint64_t low_water_mark);
  Step OnSuccess();
  Step OnPartial(std::uint64_t first_failed);
  Step OnError();
  Step OnThrottle();

 private:
  struct Portion {
    std::vector<RecordPtr> records;
    int attempts = 0;  // failed attempts
  };
  Duration NextWait();

  const EventSourceMappingConfig& config_;
  std::deque<Portion> portions_;
  int failures_in_row_ = 0;
};

}  // namespace kless
