// Jobs that were written straight into the table: they lack what the API server adds, and were not
// validated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "emulator/base/random.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/loop/plan.h"

namespace kless::controllers {

// Whether the document lacks defaults, or the uid or creationTimestamp that every object has.
bool NeedsDefaults(const JobView& job);

// Plans one update: the document with defaults, uid, selector and labels or, if the document is not
// a valid Job, the same as ReportInvalid.
Plan PersistDefaults(const JobView& job, ResourceId id, std::uint64_t version,
                     std::int64_t unix_nanos, Random& random);

// The API server's message about an invalid Job that has its defaults; nullopt if it is valid.
std::optional<std::string> InvalidJobMessage(const JobView& job);

// Reports the message as the condition Invalid and as an event; does nothing if it is reported
// already.
Plan ReportInvalid(const JobView& job, ResourceId id, std::uint64_t version,
                   std::int64_t unix_nanos, const std::string& message);

}  // namespace kless::controllers
