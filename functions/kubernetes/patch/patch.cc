#include "functions/kubernetes/patch/patch.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/patch/strategic_merge.h"
#include "functions/kubernetes/types/go_text.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go
constexpr std::size_t kMaxOperations = 10000;
// The total size that copies may add to an object.
constexpr std::size_t kMaxCopiedBytes = 3u << 20;
constexpr const char* kRejected = "the server rejected our request due to an error in our request";

// Counts levels of nesting, up to `limit`.
int Depth(const json& value, int limit) {
  if (limit == 0 || !value.is_structured()) return 0;
  int deepest = 0;
  for (const json& member : value) deepest = std::max(deepest, Depth(member, limit - 1));
  return deepest + 1;
}

// The value that an operation copies, moves or adds, or null.
const json* Source(const json& operation, const json& object) {
  const std::string name = StringAt(operation, "op");
  if (name != "copy" && name != "move") return Find(operation, "value");
  try {
    return &object.at(json::json_pointer(StringAt(operation, "from")));
  } catch (const json::exception&) {
    return nullptr;
  }
}

bool GrowsTooDeep(const json& operation, const json* source) {
  const std::string path = StringAt(operation, "path");
  const auto levels = std::count(path.begin(), path.end(), '/');
  if (levels > kJsonMaxDepth) return true;
  return source != nullptr && levels + Depth(*source, kJsonMaxDepth + 1) > kJsonMaxDepth;
}

// The operation as the API server's library (evanphx/json-patch) applies it: replacing a missing
// member adds it, and a test for null succeeds for a missing member.
json AsGoReads(json operation, const json& object) {
  const std::string name = StringAt(operation, "op");
  if (name != "replace" && name != "test") return operation;
  try {
    const json::json_pointer path(StringAt(operation, "path"));
    if (path.empty() || object.contains(path)) return operation;
    const json& parent = object.at(path.parent_pointer());
    if (!parent.is_object()) return operation;
    if (name == "replace") operation["op"] = "add";
    if (name == "test" && ValueOrNull(operation, "value").is_null()) {
      return {{"op", "test"}, {"path", ""}, {"value", object}};
    }
  } catch (const json::exception&) {  // The operation is refused when it is applied.
  }
  return operation;
}

std::optional<PatchProblem> ApplyJsonPatch(const json& patch, json& object) {
  if (!patch.is_array()) {
    return PatchProblem{400, "error decoding patch: json: cannot unmarshal " + GoTypeOf(patch) +
                                 " into Go value of type []handlers.jsonPatchOp"};
  }
  if (patch.size() > kMaxOperations) {
    return PatchProblem{
        413, "Request entity too large: The allowed maximum operations in a JSON patch is " +
                 std::to_string(kMaxOperations) + ", got " + std::to_string(patch.size())};
  }
  std::size_t copied = 0;
  for (const json& operation : patch) {
    const json* source = Source(operation, object);
    if (GrowsTooDeep(operation, source)) return PatchProblem{422, kRejected};
    if (source != nullptr && StringAt(operation, "op") == "copy") {
      copied += DumpJson(*source).size();
      if (copied > kMaxCopiedBytes) return PatchProblem{422, kRejected};
    }
    try {
      object.patch_inplace(json::array({AsGoReads(operation, object)}));
    } catch (const json::exception&) {
      return PatchProblem{422, kRejected};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<PatchType> PatchTypeOf(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  if (type == "application/json-patch+json") return PatchType::kJson;
  if (type == "application/merge-patch+json") return PatchType::kMerge;
  if (type == "application/strategic-merge-patch+json") return PatchType::kStrategic;
  return std::nullopt;
}

std::optional<PatchProblem> ApplyPatch(const Kind& kind, PatchType type, const json& patch,
                                       json& object) {
  if (type == PatchType::kJson) return ApplyJsonPatch(patch, object);
  if (type == PatchType::kStrategic) return StrategicMerge(kind.schema, patch, object);
  if (!patch.is_object()) {
    return PatchProblem{400, "error decoding patch: json: cannot unmarshal " + GoTypeOf(patch) +
                                 " into Go value of type map[string]interface {}"};
  }
  object.merge_patch(patch);
  return std::nullopt;
}

}  // namespace kless::kubernetes
