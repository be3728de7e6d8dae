#include "functions/pool/writer_log.h"

#include <algorithm>

namespace kless {
namespace {

constexpr std::string_view kTokenPrefix = "kless-function/";

}  // namespace

int WriterLog::NumberOf(const std::string& function) {
  return numbers_.try_emplace(function, static_cast<int>(numbers_.size()) + 1).first->second;
}

int WriterLog::Find(const std::string& function) const {
  const auto found = numbers_.find(function);
  return found == numbers_.end() ? kUnknown : found->second;
}

void WriterLog::Note(std::uint64_t first, std::uint64_t last, int function) {
  if (last < first || function == kUnknown) return;
  if (!ranges_.empty() && ranges_.back().function == function && ranges_.back().last + 1 == first) {
    ranges_.back().last = last;
    return;
  }
  ranges_.push_back({first, last, function});
  if (ranges_.size() > kRangesMax) ranges_.pop_front();
}

int WriterLog::WriterOf(std::uint64_t sequence) const {
  const auto after = std::upper_bound(
      ranges_.begin(), ranges_.end(), sequence,
      [](std::uint64_t wanted, const Range& range) { return wanted < range.first; });
  if (after == ranges_.begin()) return kUnknown;
  const Range& range = *std::prev(after);
  return sequence <= range.last ? range.function : kUnknown;
}

std::string SessionTokenOf(const std::string& function) {
  return std::string(kTokenPrefix) + function;
}

std::string FunctionOfToken(std::string_view token) {
  if (!token.starts_with(kTokenPrefix)) return {};
  return std::string(token.substr(kTokenPrefix.size()));
}

}  // namespace kless
