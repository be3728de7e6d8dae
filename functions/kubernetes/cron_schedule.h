// The schedules of CronJobs: five fields or a descriptor, with the parser's sentences.
// https://github.com/robfig/cron/blob/v3.0.1/parser.go
#pragma once

#include <optional>
#include <string>

namespace kless::kubernetes {

// What is wrong with a schedule ("*/5 * * * *", "@hourly", "@every 40s"); nullopt: nothing.
std::optional<std::string> ScheduleProblem(const std::string& schedule);

// Whether the text can name a time zone: an area of the IANA database with a place, or one of its
// names without an area.
bool IsTimeZone(const std::string& name);

}  // namespace kless::kubernetes
