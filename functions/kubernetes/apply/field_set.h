// FieldSet: a set of fields of an object, in the form of metadata.managedFields (FieldsV1).
//
// A path is a row of elements: "f:name" a member, "k:{"name":"c"}" an element of a list known by
// its keys, "v:"x"" a value of a set.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kless::kubernetes {

class FieldSet {
 public:
  struct Child;

  // The path that leads here is in the set.
  bool member = false;
  // Sorted by element; none is empty.
  std::vector<Child> children;

  bool Empty() const { return !member && children.empty(); }
  const FieldSet* Find(std::string_view element) const;
  // Made if it is missing: the caller sees to it that it does not stay empty.
  FieldSet& At(std::string_view element);
  // Adds what lies under an element that comes behind all there are, unless it is empty.
  void Append(std::string element, FieldSet&& set);
  void Erase(std::string_view element);

  void Add(const FieldSet& other);
  void Subtract(const FieldSet& other);
  FieldSet Intersection(const FieldSet& other) const;
  // Members of objects with something below become members: "spec" of "spec.replicas".
  FieldSet WithContainers() const;

  // FieldsV1; of text that is no FieldsV1 what can be read.
  nlohmann::json ToJson() const;
  static FieldSet FromJson(const nlohmann::json& fields);
  // ".spec.containers[name="b"].image", in order.
  std::vector<std::string> Paths() const;

  friend bool operator==(const FieldSet&, const FieldSet&);
};

struct FieldSet::Child {
  std::string element;
  FieldSet set;
};

// The path element as messages show it: ".name", "[name="b"]", "[="x"]".
std::string ElementText(std::string_view element);

}  // namespace kless::kubernetes
