#include "store/change_feed.h"

#include "emulator/base/random.h"

namespace kless {

int ShardOf(std::string_view partition, int shards) {
  return shards <= 1 ? 0
                     : static_cast<int>(HashBytes(partition) % static_cast<std::uint64_t>(shards));
}

}  // namespace kless
