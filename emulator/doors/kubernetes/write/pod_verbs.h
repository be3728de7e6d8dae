// What the subresources of pods that are verbs have in common.
#pragma once

#include "emulator/doors/http/router.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::doors {

// The kind of a verb's body, which is in no registry: "Binding" of the core group "".
kubernetes::Kind BodyKind(const kubernetes::Kind& pod, const char* name, const char* group);
// 201, as the API server replies to a verb.
HttpResponse VerbDone();

}  // namespace kless::doors
