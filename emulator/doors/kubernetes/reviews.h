// Reviews: what may I do, who am I.  Every request may do everything, so the answers are the same
// for everyone; nothing is stored.
#pragma once

#include "emulator/base/router.h"
#include "functions/kubernetes/kind.h"

namespace kless::doors {

// POST of a review kind (kubernetes::VirtualKinds): 201 with its status filled in, 422 where the
// spec asks nothing.
HttpResponse AnswerReview(const kubernetes::Kind& kind, const HttpRequest& request);

}  // namespace kless::doors
