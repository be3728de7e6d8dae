#include "functions/pool/batch_response.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless {
namespace {

BatchResponse FailFrom(std::uint64_t sequence, std::string problem) {
  return {sequence, std::move(problem)};
}

}  // namespace

BatchResponse ParseBatchResponse(std::string_view payload, const std::vector<RecordPtr>& records) {
  // The usual responses of handlers that have nothing to report need no parser.
  if (payload.empty() || payload == "null" || payload == "{}" || payload == "[]" ||
      records.empty()) {
    return {};
  }
  const auto parsed = ParseJson(payload);
  if (parsed.has_error() || !parsed.value().is_object()) return {};
  const auto failures = parsed.value().find("batchItemFailures");
  if (failures == parsed.value().end() || failures->is_null()) return {};

  std::vector<std::uint64_t> sequences;
  for (const RecordPtr& record : records) sequences.push_back(record->sequence);
  std::sort(sequences.begin(), sequences.end());
  const std::uint64_t whole = sequences.front();
  if (!failures->is_array()) return FailFrom(whole, "batchItemFailures is not a list");
  if (failures->empty()) return {};
  std::uint64_t lowest = sequences.back();
  for (const auto& failure : *failures) {
    const auto identifier = failure.is_object() ? failure.find("itemIdentifier") : failure.end();
    if (!failure.is_object() || identifier == failure.end() || !identifier->is_string()) {
      return FailFrom(whole, "a batch item failure has no itemIdentifier");
    }
    const std::string text = identifier->get<std::string>();
    const auto sequence = ParseUnsigned(text);
    if (!sequence || !std::binary_search(sequences.begin(), sequences.end(), *sequence)) {
      return FailFrom(whole, "itemIdentifier '" + text + "' names no record of the batch");
    }
    lowest = std::min(lowest, *sequence);
  }
  return FailFrom(lowest, "the function reported " + std::to_string(failures->size()) + " of " +
                              std::to_string(records.size()) + " records as failed");
}

}  // namespace kless
