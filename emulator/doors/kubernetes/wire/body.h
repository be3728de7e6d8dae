// Request bodies of the Kubernetes door: media types, JSON, YAML, protobuf, and whether the object
// has the kind of the path.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "emulator/doors/kubernetes/wire/write_options.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::doors {

// The object in the body (JSON, YAML or protobuf), with kind and apiVersion filled in.  It is
// validated against the kind's types; unknown fields are dropped and reported as `options` asks
// (null: not reported).
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
// Decodes them from the body, or from the query if there is no body.
Refusal DecodeDeleteOptions(const HttpRequest& request, DeleteOptions* options);
// Decodes them from an object that is part of another body.
Refusal DecodeDeleteOptions(const nlohmann::json& body, DeleteOptions* options);

// Decodes the options of a create ("CreateOptions"), update ("UpdateOptions") or patch
// ("PatchOptions").
Refusal DecodeWriteOptions(const HttpRequest& request, const std::string& options,
                           WriteOptions* write);
// The same for a write without fields of its own.
Refusal DecodeWriteOptions(const HttpRequest& request, const std::string& options, bool* dry_run);

}  // namespace kless::doors
