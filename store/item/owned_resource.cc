#include "store/item/owned_resource.h"

#include <utility>

namespace kless {

OwnedResource MakeOwnedResource(std::string name, const Item& item) {
  const ResourceFields& fields = *item.fields;
  OwnedResource row;
  row.name = std::move(name);
  row.uid = fields.uid;
  row.version = item.version;
  row.phase = fields.phase;
  row.ready = fields.ready;
  row.deleting = fields.deleting;
  row.tracked = fields.tracked;
  row.scheduled = !fields.node_name.empty();
  row.completion_index = fields.completion_index;
  row.index_failures = fields.index_failures;
  row.index_ignored = fields.index_ignored;
  row.restarts = fields.restarts;
  row.finished_at = fields.finished_at;
  return row;
}

}  // namespace kless
