// Kinds that are made at run time, as control loops find them: in the CustomResourceDefinitions of
// the world.  The resource-type of a custom kind is the name of its definition:
// "widgets.example.com".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/world.h"

namespace kless::controllers {

struct CustomType {
  std::string type;
  std::string group, plural, kind;
  bool namespaced = true;
};

// Whether a resource-type is that of a custom kind: no built-in one has a dot.
bool IsCustomType(const std::string& type);

// By type; nullopt: the world has not been shown them.
std::optional<std::vector<CustomType>> CustomTypesOf(World& world);
// The types that the items are the definitions of.
std::vector<CustomType> CustomTypesIn(
    const std::vector<std::pair<ResourceId, ItemPtr>>& definitions);

}  // namespace kless::controllers
