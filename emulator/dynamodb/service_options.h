// The settings of the service.
#pragma once

#include "emulator/base/clock.h"
#include "emulator/base/distribution.h"
#include "emulator/dynamodb/scope.h"

namespace kless::dynamodb {

struct CatalogOptions {
  Scope scope{"000000000000", "us-east-1"};  // of requests that name none, and of adopted tables
  // Whether tables are found only by the account and region that created them.
  bool isolate = false;
  // From the request until a table or index is ACTIVE, an update has ended, a deleted one is gone.
  Duration create_delay{};
  // How long after a change of a table's TTL another one is refused; AWS wants about an hour.
  Duration ttl_interval{};
};

struct ServiceOptions {
  CatalogOptions catalog;
  bool throttling = false;      // see capacity.h
  Distribution index_lag;       // how old reads of global indexes are
  Duration transaction_time{};  // how long a transaction keeps its items from others
  Duration ttl_delay{};         // from an item's expiry to its deletion
};

}  // namespace kless::dynamodb
