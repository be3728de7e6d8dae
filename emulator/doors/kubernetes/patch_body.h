// Bodies of patches, and what is wrong with them, in the API server's form.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "emulator/base/router.h"
#include "emulator/doors/kubernetes/status.h"
#include "functions/kubernetes/patch.h"

namespace kless::doors {

// The patch in the body; of any JSON type.
Refusal DecodePatch(const HttpRequest& request, kubernetes::PatchType type, nlohmann::json* patch);

HttpResponse PatchRefused(const kubernetes::PatchProblem& problem);

}  // namespace kless::doors
