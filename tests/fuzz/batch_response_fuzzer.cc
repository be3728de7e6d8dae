// Responses of functions: a partial response names a record of the batch or none, and a state that
// is kept for a tumbling window is read again as it was.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "functions/pool/batch_response.h"
#include "functions/pool/mapping/tumbling_window.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const std::vector<kless::RecordPtr> records = [] {
    std::vector<kless::RecordPtr> made;
    for (const std::uint64_t sequence : {3u, 5u, 9u}) {
      auto record = std::make_shared<kless::ChangeRecord>();
      record->sequence = sequence;
      made.push_back(std::move(record));
    }
    return made;
  }();
  const kless::BatchResponse response = kless::ParseBatchResponse(text, records);
  const std::uint64_t first = response.first_failed;
  if (first != 0 && first != 3 && first != 5 && first != 9) std::abort();
  if (response.all_done() != response.problem.empty()) std::abort();

  const auto state = kless::WindowStateOf(text);
  if (state.has_value()) {
    kless::EventWindow window;
    window.state = state.value();
    const auto read = kless::WindowFromText(kless::WindowToText(window));
    if (read.has_error() || read.value().state != window.state) std::abort();
  }
  (void)kless::WindowFromText(text);
  return 0;
}
