#include "emulator/dynamodb/model/expression/projection.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace kless {
namespace {

// The paths as a tree of their steps.  A node without children is the end of a path.
struct StepTree {
  std::map<std::string, StepTree> names;
  std::map<int, StepTree> indexes;
};

void AddPath(const DocumentPath& path, StepTree& tree) {
  StepTree* node = &tree;
  for (const auto& step : path) {
    node = step.is_index() ? &node->indexes[step.index] : &node->names[step.name];
  }
}

// The part of the value that the tree selects; nullopt if nothing of it exists.
std::optional<AttributeValue> SelectPart(const AttributeValue& value, const StepTree& tree) {
  if (tree.names.empty() && tree.indexes.empty()) return value;
  if (value.Is(ValueType::kMap)) {
    AttributeMap part;
    for (const auto& [name, subtree] : tree.names) {
      const auto found = value.map().find(name);
      if (found == value.map().end()) continue;
      if (auto selected = SelectPart(found->second, subtree)) {
        part.insert_or_assign(name, std::move(*selected));
      }
    }
    if (part.empty()) return std::nullopt;
    return AttributeValue::OfMap(std::move(part));
  }
  if (!value.Is(ValueType::kList)) return std::nullopt;
  AttributeValue::List part;
  for (const auto& [index, subtree] : tree.indexes) {
    if (static_cast<std::size_t>(index) >= value.list().size()) break;
    auto selected = SelectPart(value.list()[static_cast<std::size_t>(index)], subtree);
    if (selected) part.push_back(std::move(*selected));
  }
  if (part.empty()) return std::nullopt;
  return AttributeValue::OfList(std::move(part));
}

}  // namespace

AttributeMap Project(const Projection& projection, const AttributeSource& item) {
  StepTree tree;
  for (const auto& path : projection.paths) AddPath(path, tree);
  AttributeMap part;
  for (const auto& [name, subtree] : tree.names) {
    const AttributeValue* const value = item.Find(name);
    if (!value) continue;
    if (auto selected = SelectPart(*value, subtree)) {
      part.insert_or_assign(name, std::move(*selected));
    }
  }
  return part;
}

}  // namespace kless
