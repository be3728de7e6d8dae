// A collection as it was at a feed position, or as it is now: what pages of one list have in
// common.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "store/store.h"

namespace kless::doors {

class ResourceSnapshot {
 public:
  // More records than this are not undone to see an earlier state.
  static constexpr std::uint64_t kMaxRecords = 100'000;

  struct Entry {
    std::string name;  // resource name
    ItemPtr item;
  };
  struct Page {
    std::vector<Entry> entries;  // in name order
    bool more = false;
  };

  // Resources of `type` whose names begin with `prefix`; position: nullopt for now.  kGone: the
  // position is below the low-water mark, or more than kMaxRecords back.
  static Result<ResourceSnapshot> At(Store& store, std::string type, std::string prefix,
                                     std::optional<std::uint64_t> position);
  // At most `limit` (at least 1) entries behind the name `after` ("": from the start).
  Result<Page> Read(const std::string& after, int limit) const;

 private:
  ResourceSnapshot(Store& store, std::string type, std::string prefix)
      : store_(&store), type_(std::move(type)), prefix_(std::move(prefix)) {}

  Store* store_;
  std::string type_;
  std::string prefix_;
  // What records behind the position have changed: name -> the image at the position, null: none.
  std::map<std::string, ItemPtr> changed_since_;
};

}  // namespace kless::doors
