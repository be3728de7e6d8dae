// Structural schemas as the types that pruning, field validation and server-side apply use.
#pragma once

#include <deque>
#include <string>

#include "functions/kubernetes/custom/schema/structural_schema.h"
#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

class SchemaGraph {
 public:
  // `object` is the schema of a whole object, to which apiVersion, kind and metadata are added.
  // `type_name` is its name in OpenAPI, "com.example.v1.Widget".
  SchemaGraph(const StructuralSchema& object, std::string type_name);
  SchemaGraph(const SchemaGraph&) = delete;
  SchemaGraph& operator=(const SchemaGraph&) = delete;

  // Valid as long as the graph.
  const Schema& root() const { return *root_; }

 private:
  Schema* Add(const StructuralSchema& schema, bool whole_object);
  void AddMembers(const StructuralSchema& schema, bool whole_object, Schema& type);
  void SetList(const StructuralSchema& schema, Schema& type);

  std::deque<Schema> types_;  // never moves its elements
  Schema* root_ = nullptr;
};

}  // namespace kless::kubernetes
