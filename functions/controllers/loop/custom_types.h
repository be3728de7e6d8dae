// Custom kinds as control loops see them: the CustomResourceDefinitions of the world.  The
// resource-type of a custom kind is the name of its definition: "widgets.example.com".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/loop/world.h"

namespace kless::controllers {

struct CustomType {
  std::string type;
  std::string group, plural, kind;
  bool namespaced = true;
};

// Whether a resource-type is that of a custom kind: built-in ones have no dot.
bool IsCustomType(const std::string& type);

// The custom types in order; nullopt if the world has not been shown them yet.
std::optional<std::vector<CustomType>> CustomTypesOf(World& world);
// The types that these CustomResourceDefinitions define.
std::vector<CustomType> CustomTypesIn(
    const std::vector<std::pair<ResourceId, ItemPtr>>& definitions);

}  // namespace kless::controllers
