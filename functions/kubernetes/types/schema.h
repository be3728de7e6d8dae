// The Go types of API objects, which determine how the API server decodes, merges, shares and
// documents them.  They form a graph; built-in types are read from the texts in types/ and live as
// long as the process.
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
    kMicroTime,    // RFC 3339 with microseconds
    kQuantity,     // a number or a string ("100m")
    kIntOrString,  // a number or a string
    kMap,          // map of `element`
    kList,         // list of `element`
    kStruct,       // struct with `fields`
  };
  // The unit of ownership within a list, map or struct in server-side apply.
  enum class Sharing {
    kGranular,  // each member (for a list without keys: as kAtomic)
    kAtomic,    // only the whole
    kSet,       // each of a list's plain values
    kKeyed,     // each element of a list, identified by `keys`
  };
  struct Field {
    std::string name;
    const Schema* type = nullptr;
    int order = 0;  // in the Go struct, and so in Go's output
    bool required = false;
    bool zero = false;         // whether Go prints it even if it is unset
    bool retain_keys = false;  // whether clients send $retainKeys with a patch of it
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
  bool open = false;          // for structs: whether other members are kept, too
  // For kAny, if Go decodes objects and arrays as specific types (null: as anything); `refusal` is
  // the message for other values that are not booleans ("": none).
  const Schema* of_objects = nullptr;
  const Schema* of_arrays = nullptr;
  std::string refusal;
  Sharing sharing = Sharing::kGranular;
  std::vector<Key> keys;
  // For lists: how a strategic merge patch identifies an element: the name of a member, or
  // kMergeSet for a set of plain values. "": the list is replaced as a whole.
  std::string merge_key;
  // For structs: "io.k8s.api.core.v1.Pod", and whether it is an object with apiVersion and kind.
  std::string type_name;
  bool is_kind = false;

  // Null if there is none.
  const Field* FindField(std::string_view name) const;
};
constexpr const char* kMergeSet = "=";

// The built-in type of an object; null if there is none.
const Schema* FindSchema(std::string_view api_version, std::string_view kind);

// The type of a member of a struct or map; null if it is unknown.
const Schema* MemberSchema(const Schema* schema, std::string_view member);

// Go's message about the first value that does not fit: "json: cannot unmarshal string into Go
// struct field JobSpec.spec.parallelism of type int32".
std::optional<std::string> SchemaProblem(const Schema& schema, const nlohmann::json& value);

}  // namespace kless::kubernetes
