// BatchResponse: the response of a function that may report single records of its batch as failed.
//
//   {"batchItemFailures": [{"itemIdentifier": "4711"}]}
//
// The batch is resumed at the lowest sequence number listed.  Nothing listed (an empty list, null,
// no such field, no payload, a payload that is not an object) is success.  An identifier that is
// empty, null, missing, or of no record in the batch fails the batch as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/item/item.h"

namespace kless {

struct BatchResponse {
  // Records of the batch with a lower sequence number are done; 0 means all are.
  std::uint64_t first_failed = 0;
  std::string problem;  // a message; empty if all are done

  bool all_done() const { return first_failed == 0; }
};

BatchResponse ParseBatchResponse(std::string_view payload, const std::vector<RecordPtr>& records);

}  // namespace kless
