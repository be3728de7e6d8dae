// Bodies of patches, and their errors in the API server's words.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "functions/kubernetes/patch/patch.h"

namespace kless::doors {

// Decodes the patch in the body, which may be of any JSON type; for `repeats` see ParseJsonText.
Refusal DecodePatch(const HttpRequest& request, kubernetes::PatchType type, nlohmann::json* patch,
                    bool* repeats);

HttpResponse PatchRefused(const kubernetes::PatchProblem& problem);

}  // namespace kless::doors
