// A collection at a feed position, or its current state: the basis of all pages of one list.
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
  // The maximum number of records that are undone to show an earlier state.
  static constexpr std::uint64_t kMaxRecords = 100'000;

  struct Entry {
    std::string name;  // resource name
    ItemPtr item;
  };
  struct Page {
    std::vector<Entry> entries;  // in order of name
    bool more = false;
  };

  // The resources of `type` whose names begin with `prefix`, at `position` (nullopt: now). kGone:
  // the position is below the low-water mark, or more than kMaxRecords back.
  static Result<ResourceSnapshot> At(Store& store, std::string type, std::string prefix,
                                     std::optional<std::uint64_t> position);
  // Returns at most `limit` (at least 1) entries after the name `after` ("": from the start).
  Result<Page> Read(const std::string& after, int limit) const;

 private:
  ResourceSnapshot(Store& store, std::string type, std::string prefix)
      : store_(&store), type_(std::move(type)), prefix_(std::move(prefix)) {}

  Store* store_;
  std::string type_;
  std::string prefix_;
  // The changes by records after the position: name -> the image at the position (null: none).
  std::map<std::string, ItemPtr> changed_since_;
};

}  // namespace kless::doors
