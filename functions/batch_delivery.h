// BatchDelivery: what becomes of one batch: retries, bisection, progress by partial responses,
// giving up.  Decides only; the mapping invokes, sleeps and keeps the positions.
//
// Rules, after Lambda's event source mappings (reference aws.md g11-g19):
//   * An error repeats the batch whole.  maximum_retry_attempts n: n + 1 invocations, then it is
//   given
//     up and the next batch goes on.
//   * A throttle repeats it, too, and counts for nothing.
//   * With bisect, an error of more than one record splits it; the halves follow each other, each
//   on
//     its own, and the split uses up no retry.
//   * A partial response settles the records before the lowest one reported.  Progress resets the
//     count of attempts.  Reporting the first record is an error of what is left.
//   * Records beyond maximum_record_age are given up before the next invocation; without a limit,
//     records that the feed has trimmed are, once an invocation with them has failed.
// The back-off doubles with each error or throttle in a row.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "store/item.h"

namespace kless {

struct EventSourceMappingConfig;

class BatchDelivery {
 public:
  struct Step {
    std::vector<RecordPtr> done;
    std::vector<RecordPtr> given_up;
    std::string condition;  // why: "RetryAttemptsExhausted", "RecordAgeExceeded"
    Duration wait{};        // before the next invocation
  };

  // `config` outlives it.
  BatchDelivery(const EventSourceMappingConfig& config, std::vector<RecordPtr> batch);

  bool finished() const { return portions_.empty(); }
  // What the next invocation gets, oldest first.  REQUIRES: !finished().
  const std::vector<RecordPtr>& next() const { return portions_.front().records; }

  // To be asked before each invocation; given_up is empty in most cases.
  Step DropExpired(std::int64_t unix_nanos, std::uint64_t low_water_mark);
  Step OnSuccess();
  Step OnPartial(std::uint64_t first_failed);
  Step OnError();
  Step OnThrottle();

 private:
  struct Portion {
    std::vector<RecordPtr> records;
    int attempts = 0;  // that failed
  };
  Duration NextWait();

  const EventSourceMappingConfig& config_;
  std::deque<Portion> portions_;
  int failures_in_row_ = 0;
};

}  // namespace kless
