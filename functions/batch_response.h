// BatchResponse: what a function says of its batch when it may report single records as failed.
//
//   {"batchItemFailures": [{"itemIdentifier": "4711"}]}
//
// The lowest sequence number listed is where the batch is taken up again.  Nothing listed (an empty
// list, null, no such field, no payload, a payload that is no object) is success.  An identifier
// that is empty, null, missing, or of no record in the batch fails the batch as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/item.h"

namespace kless {

struct BatchResponse {
  // Records of the batch below this are done; 0: all are.
  std::uint64_t first_failed = 0;
  std::string problem;  // a sentence; empty if all are done

  bool all_done() const { return first_failed == 0; }
};

BatchResponse ParseBatchResponse(std::string_view payload, const std::vector<RecordPtr>& records);

}  // namespace kless
