#include "functions/pool/function_logs.h"

#include <utility>

namespace kless {
namespace {

std::size_t BytesOf(const FunctionLogLine& line) {
  return sizeof(FunctionLogLine) + line.function.size() + line.environment.size() +
         line.text.size();
}

}  // namespace

void FunctionLogs::Add(FunctionLogLine line) {
  Lines& kept = functions_[line.function];
  kept.bytes += BytesOf(line);
  kept.lines.push_back(std::move(line));
  while (kept.bytes > kBytesMax) {
    kept.bytes -= BytesOf(kept.lines.front());
    kept.lines.pop_front();
  }
}

void FunctionLogs::Remove(const std::string& function) { functions_.erase(function); }

const std::deque<FunctionLogLine>& FunctionLogs::Of(const std::string& function) const {
  static const std::deque<FunctionLogLine> none;
  const auto found = functions_.find(function);
  return found == functions_.end() ? none : found->second.lines;
}

}  // namespace kless
