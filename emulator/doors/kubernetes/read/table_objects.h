// TableObjects: the objects of the resource table as admission looks them up.
//
// What objects hold (Kind::held_values) is read from each version of an object once: a lookup
// compares versions and parses only what has changed since the last one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "functions/kubernetes/objects/kind.h"
#include "store/resources.h"

namespace kless::doors {

class TableObjects : public kubernetes::StoredObjects {
 public:
  // `resources` must outlive it.
  explicit TableObjects(ResourceTable& resources) : resources_(resources) {}

  std::shared_ptr<const nlohmann::json> Find(const std::string& type,
                                             const std::string& resource_name) override;
  // O(objects of the type), all of which the table lists.
  std::vector<std::string> Holders(const std::string& type, const std::string& value) override;

 private:
  // What one version of an object holds.
  struct Held {
    std::string resource_name;
    std::uint64_t version = 0;
    std::vector<std::string> values;
  };

  ResourceTable& resources_;
  std::map<std::string, std::vector<Held>> held_;  // by type; in order of name
};

}  // namespace kless::doors
