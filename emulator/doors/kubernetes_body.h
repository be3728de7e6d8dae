// Request bodies of the Kubernetes door: media types, JSON, and whether the object is of the kind
// that the path names.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "emulator/base/router.h"
#include "emulator/doors/kubernetes_status.h"
#include "emulator/doors/kubernetes_write_options.h"
#include "functions/kubernetes/kind.h"

namespace kless::doors {

// 415 unless the body is JSON (no Content-Type counts as JSON).
Refusal CheckContentType(const HttpRequest& request);
// 406 unless plain JSON is among what the client accepts.
Refusal CheckAccept(const HttpRequest& request);

// The object in the body, with kind and apiVersion filled in, of a shape that the kind can have and
// without fields that it has not: `options` (null: nobody) say what becomes of those.
Refusal DecodeObject(const HttpRequest& request, const kubernetes::Kind& kind,
                     nlohmann::json* object, WriteOptions* options = nullptr);

struct DeleteOptions {
  enum class Propagation { kDefault, kBackground, kForeground, kOrphan };
  Propagation propagation = Propagation::kDefault;
  std::optional<std::int64_t> grace_seconds;
  std::optional<std::string> uid;               // precondition
  std::optional<std::string> resource_version;  // precondition
  bool dry_run = false;
};
// From the body, or from the query if there is none.
Refusal DecodeDeleteOptions(const HttpRequest& request, DeleteOptions* options);

// Those of a create ("CreateOptions"), update ("UpdateOptions") or patch ("PatchOptions").
Refusal DecodeWriteOptions(const HttpRequest& request, const std::string& options,
                           WriteOptions* write);
// The same for a write without fields of its own.
Refusal DecodeWriteOptions(const HttpRequest& request, const std::string& options, bool* dry_run);

}  // namespace kless::doors
