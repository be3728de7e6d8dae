// The schedules of CronJobs: five fields or a descriptor, with the parser's messages.
// https://github.com/robfig/cron/blob/v3.0.1/parser.go
#pragma once

#include <optional>
#include <string>

namespace kless::kubernetes {

// The error in a schedule such as "*/5 * * * *", "@hourly" or "@every 40s"; nullopt if it is valid.
std::optional<std::string> ScheduleProblem(const std::string& schedule);

// Whether the text has the form of a time zone: an area and a place of the IANA database, or one of
// its names without an area.
bool IsTimeZone(const std::string& name);

}  // namespace kless::kubernetes
