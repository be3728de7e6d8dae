#include "functions/pool/mapping/mapping_position.h"

#include <algorithm>

#include "emulator/base/check.h"

namespace kless {

void ShardPosition::Settle(std::uint64_t sequence) {
  const auto found = std::lower_bound(
      open_.begin(), open_.end(), sequence,
      [](const Open& open, std::uint64_t wanted) { return open.sequence < wanted; });
  KLESS_CHECK(found != open_.end() && found->sequence == sequence && !found->settled,
              "a record is settled once");
  found->settled = true;
  --unsettled_;
  while (!open_.empty() && open_.front().settled) open_.pop_front();
}

std::optional<std::uint64_t> ShardPosition::OldestSequence() const {
  if (open_.empty()) return std::nullopt;
  return open_.front().sequence;
}

std::optional<std::int64_t> ShardPosition::OldestUnixNanos() const {
  if (open_.empty()) return std::nullopt;
  return open_.front().unix_nanos;
}

}  // namespace kless
