// The Go types of the fields that kless reads, for the API server's decoding errors.  Not complete:
// a field without an entry may hold anything and is kept as it is.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kless::kubernetes {

struct Schema {
  enum class Shape {
    kAny,
    kString,
    kBool,
    kInt32,
    kInt64,
    kTime,    // RFC 3339
    kMap,     // of `element`
    kList,    // of `element`
    kStruct,  // with `fields`
  };
  struct Field {
    const char* name;
    const Schema* type;
  };
  Shape shape = Shape::kAny;
  const char* go_name = "";  // as Go's error prints it: "v1.PodTemplateSpec", "[]v1.Container"
  const Schema* element = nullptr;
  std::vector<Field> fields;
  // Of lists, how a strategic merge patch finds the element that it means: the name of a member, or
  // kMergeSet for a set of plain values.  "": the list is replaced as a whole.
  const char* merge_key = "";
};
constexpr const char* kMergeSet = "=";

const Schema& NamespaceSchema();
const Schema& JobSchema();
const Schema& PodSchema();
const Schema& EventSchema();
const Schema& NodeSchema();
const Schema& ConfigMapSchema();
const Schema& SecretSchema();
const Schema& ServiceSchema();
const Schema& ServiceAccountSchema();
const Schema& PersistentVolumeClaimSchema();
const Schema& ReplicaSetSchema();
const Schema& DisruptionBudgetSchema();
const Schema& PriorityClassSchema();
const Schema& LeaseSchema();

// Go's sentence about the first value that does not fit:
// "json: cannot unmarshal string into Go struct field JobSpec.spec.parallelism of type int32".
std::optional<std::string> SchemaProblem(const Schema& schema, const nlohmann::json& value);

}  // namespace kless::kubernetes
