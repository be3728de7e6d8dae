// FieldSet: a set of fields of an object, in the form of metadata.managedFields (FieldsV1).
//
// A path is a sequence of elements: "f:name" is a member, "k:{"name":"c"}" a list element
// identified by its keys, "v:"x"" a value of a set.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kless::kubernetes {

class FieldSet {
 public:
  struct Child;

  // Whether the path that leads here is in the set.
  bool member = false;
  // Sorted by element; no child is empty.
  std::vector<Child> children;

  bool Empty() const { return !member && children.empty(); }
  const FieldSet* Find(std::string_view element) const;
  // Creates the child if it is missing; the caller must not leave it empty.
  FieldSet& At(std::string_view element);
  // Adds a child for an element that sorts after all others, unless the child is empty.
  void Append(std::string element, FieldSet&& set);
  void Erase(std::string_view element);

  void Add(const FieldSet& other);
  void Subtract(const FieldSet& other);
  FieldSet Intersection(const FieldSet& other) const;
  // Adds the containers of members: "spec" for "spec.replicas".
  FieldSet WithContainers() const;

  // FieldsV1 and back; invalid parts of the text are skipped.
  nlohmann::json ToJson() const;
  static FieldSet FromJson(const nlohmann::json& fields);
  // Formats the paths, such as ".spec.containers[name="b"].image", in order.
  std::vector<std::string> Paths() const;

  friend bool operator==(const FieldSet&, const FieldSet&);
};

struct FieldSet::Child {
  std::string element;
  FieldSet set;
};

// Formats a path element for messages: ".name", "[name="b"]", "[="x"]".
std::string ElementText(std::string_view element);

}  // namespace kless::kubernetes
