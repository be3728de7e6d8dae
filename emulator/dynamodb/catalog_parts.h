// What a catalog holds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/random.h"
#include "emulator/dynamodb/catalog.h"

namespace kless::dynamodb {

struct Catalog::Parts {
  explicit Parts(std::uint64_t seed) : random(seed, "dynamodb") {}

  std::map<int, TableState> tables;  // by the store's id
  // Without isolation, the scope of every name is empty.
  std::map<std::pair<Scope, std::string>, int> names;
  // Descriptions of tables that are gone, as long as a stream of theirs can be read.
  std::map<int, TableState> gone;
  Random random;
  std::vector<std::function<void(int)>> callbacks;
  struct Backfill {
    std::optional<kless::Key> after;
  };
  std::map<int, Backfill> backfills;  // by index entries
  // Handlers that are posted outlive the catalog; they hold this and do nothing once it is false.
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

}  // namespace kless::dynamodb
