// The Go types of API objects: what the API server decodes, merges, shares between writers and
// documents.  A graph; built-in types come from the texts in types/ and live as long as the
// process.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kless::kubernetes {

struct Schema {
  enum class Shape {
    kAny,
    kString,
    kBool,
    kInt32,
    kInt64,
    kDouble,
    kBytes,        // base64
    kTime,         // RFC 3339
    kMicroTime,    // the same with microseconds
    kQuantity,     // a number or a string ("100m")
    kIntOrString,  // a number or a string
    kMap,          // of `element`
    kList,         // of `element`
    kStruct,       // with `fields`
  };
  // What of a list, map or struct has an owner of its own in server-side apply.
  enum class Sharing {
    kGranular,  // each member (of a list: none, it is kAtomic)
    kAtomic,    // only the whole
    kSet,       // each of a list's plain values
    kKeyed,     // each element of a list, known by `keys`
  };
  struct Field {
    std::string name;
    const Schema* type = nullptr;
    int order = 0;  // in the Go struct, and so in what Go prints
    bool required = false;
    bool zero = false;         // Go prints it even if it is not set
    bool retain_keys = false;  // clients send $retainKeys with a patch of it
    std::string description;
  };
  struct Key {
    std::string name;
    std::string default_value;  // what an element without the member has; "": none
  };

  Shape shape = Shape::kAny;
  std::string go_name;  // as Go's error prints it: "v1.PodTemplateSpec", "[]v1.Container"
  const Schema* element = nullptr;
  std::vector<Field> fields;  // sorted by name
  bool open = false;          // of structs: other members are kept, too
  // Of kAny, where Go decodes objects and arrays as one or the other type (null: as anything), and
  // says `refusal` about what is neither of these nor a boolean ("": nothing).
  const Schema* of_objects = nullptr;
  const Schema* of_arrays = nullptr;
  std::string refusal;
  Sharing sharing = Sharing::kGranular;
  std::vector<Key> keys;
  // Of lists, how a strategic merge patch finds the element that it means: the name of a member, or
  // kMergeSet for a set of plain values.  "": the list is replaced as a whole.
  std::string merge_key;
  // Of structs: "io.k8s.api.core.v1.Pod", and whether it is an object with apiVersion and kind.
  std::string type_name;
  bool is_kind = false;

  // Null: there is none.
  const Field* FindField(std::string_view name) const;
};
constexpr const char* kMergeSet = "=";

// The built-in type of an object; null: there is none.
const Schema* FindSchema(std::string_view api_version, std::string_view kind);

// What lies under a member of a struct or map; null: nothing is known about it.
const Schema* MemberSchema(const Schema* schema, std::string_view member);

// Go's sentence about the first value that does not fit:
// "json: cannot unmarshal string into Go struct field JobSpec.spec.parallelism of type int32".
std::optional<std::string> SchemaProblem(const Schema& schema, const nlohmann::json& value);

}  // namespace kless::kubernetes
