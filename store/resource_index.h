// ResourceIndex: what ResourceTable asks of the secondary indexes of the resource table.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "store/item/owned_resource.h"
#include "store/item/resource_id.h"

namespace kless {

class ResourceIndex {
 public:
  virtual ~ResourceIndex() = default;

  // See the functions of the same name of ResourceTable.
  virtual Result<std::vector<OwnedResource>> OwnedBy(const std::string& type,
                                                     const std::string& owner_uid,
                                                     std::uint64_t as_of) const = 0;
  virtual std::vector<ResourceId> DependentsOf(const std::string& uid) const = 0;
  virtual std::vector<std::string> OnNode(const std::string& type,
                                          const std::string& node) const = 0;
  virtual std::map<std::string, std::uint64_t> CountByType() const = 0;
  // Returns at most `limit` names.  Only for KeyLayout::kNameType.
  virtual std::vector<std::string> Names(const std::string& type, const std::string& prefix,
                                         const std::string& after, int limit) const = 0;
};

}  // namespace kless
