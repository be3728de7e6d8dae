// Jobs that were written straight into the table: they lack what the API server fills in, and
// nobody has checked them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "emulator/base/random.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/plan.h"

namespace kless::controllers {

// Whether the document lacks defaults or what makes an object an object (uid, creationTimestamp).
bool NeedsDefaults(const JobView& job);

// One update: the document with defaults, uid, selector and labels; or, where the document is no
// valid Job, what ReportInvalid does.
Plan PersistDefaults(const JobView& job, ResourceId id, std::uint64_t version,
                     std::int64_t unix_nanos, Random& random);

// What is wrong with a Job that has its defaults: the API server's sentence.
std::optional<std::string> InvalidJobMessage(const JobView& job);

// Says it on the object, as the condition Invalid, and as an event; nothing if that is said
// already.
Plan ReportInvalid(const JobView& job, ResourceId id, std::uint64_t version,
                   std::int64_t unix_nanos, const std::string& message);

}  // namespace kless::controllers
