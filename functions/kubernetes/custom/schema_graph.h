// Structural schemas as the types that pruning, field validation and server-side apply walk.
#pragma once

#include <deque>
#include <string>

#include "functions/kubernetes/custom/structural_schema.h"
#include "functions/kubernetes/schema.h"

namespace kless::kubernetes {

class SchemaGraph {
 public:
  // Of a whole object: apiVersion, kind and metadata are added.  type_name: of OpenAPI,
  // "com.example.v1.Widget".
  SchemaGraph(const StructuralSchema& object, std::string type_name);
  SchemaGraph(const SchemaGraph&) = delete;
  SchemaGraph& operator=(const SchemaGraph&) = delete;

  // Lives as long as the graph.
  const Schema& root() const { return *root_; }

 private:
  Schema* Add(const StructuralSchema& schema, bool whole_object);
  void AddMembers(const StructuralSchema& schema, bool whole_object, Schema& type);
  void SetList(const StructuralSchema& schema, Schema& type);

  std::deque<Schema> types_;  // never moves what it holds
  Schema* root_ = nullptr;
};

}  // namespace kless::kubernetes
