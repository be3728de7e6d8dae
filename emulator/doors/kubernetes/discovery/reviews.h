// Reviews of access and identity.  Every request may do everything, so the replies are the same for
// everyone; nothing is stored.
#pragma once

#include "emulator/doors/http/router.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::doors {

// Handles a POST of a review kind (kubernetes::VirtualKinds): 201 with the status filled in, or 422
// if the spec is empty.
HttpResponse AnswerReview(const kubernetes::Kind& kind, const HttpRequest& request);

}  // namespace kless::doors
