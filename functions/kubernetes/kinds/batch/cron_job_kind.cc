// CronJob (batch/v1): defaults, and the rules of its schedule and its template.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/kind_builders.h"
#include "functions/kubernetes/validation/job_validation.h"
#include "functions/kubernetes/validation/workload_validation.h"
#include "functions/kubernetes/values/cron_schedule.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// The names of its Jobs are 11 characters longer.
constexpr std::size_t kMaxName = 52;

void ApplyCronJobDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  SetDefault(*spec, "concurrencyPolicy", "Allow");
  SetDefault(*spec, "suspend", false);
  SetDefault(*spec, "successfulJobsHistoryLimit", 3);
  SetDefault(*spec, "failedJobsHistoryLimit", 1);
  json* job = ObjectAt(*spec, "jobTemplate");
  if (job == nullptr) return;
  SetDefault(*job, "metadata", json::object());
  if (json* job_spec = ObjectAt(*job, "spec")) DefaultTemplate(*job_spec);
}

void PrepareNewCronJob(json& object, const WriteContext&) { Set(object, "status", json::object()); }

// CJ23, CJ25, CJ26.
void ValidateSchedule(const json& spec, FieldErrors& errors) {
  const std::string schedule = StringAt(spec, "schedule");
  if (schedule.empty()) {
    errors.push_back(Required("spec.schedule", ""));
  } else if (schedule.find("TZ") != std::string::npos) {
    errors.push_back(Invalid("spec.schedule", schedule,
                             "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
  } else if (const auto problem = ScheduleProblem(schedule)) {
    errors.push_back(Invalid("spec.schedule", schedule, *problem));
  }
  if (Find(spec, "timeZone") == nullptr) return;
  const std::string zone = StringAt(spec, "timeZone");
  if (zone.empty()) {
    errors.push_back(Invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string"));
  } else if (zone == "Local" || zone == "local") {
    errors.push_back(Invalid("spec.timeZone", zone,
                             "timeZone must be an explicit time zone as defined in "
                             "https://www.iana.org/time-zones"));
  } else if (!IsTimeZone(zone)) {
    errors.push_back(Invalid("spec.timeZone", zone, "unknown time zone " + zone));
  }
}

void ValidateJobTemplate(const json& spec, FieldErrors& errors) {
  json job = FindOrEmpty(spec, {"jobTemplate", "spec"});
  const std::string prefix = "spec.jobTemplate.spec.";
  if (const json* selector = Find(job, "selector")) {
    errors.push_back(Invalid(prefix + "selector", *selector, "`selector` will be auto-generated"));
  }
  if (BoolAt(job, "manualSelector")) {
    errors.push_back(NotSupported(prefix + "manualSelector", true, {"nil", "false"}));
  }
  // The selector and the labels are generated with the Job.
  Set(job, "selector", json::object());
  FieldErrors of_job;
  ValidateJobSpec(job, of_job);
  for (FieldError& error : of_job) {
    error.field = prefix + error.field.substr(std::min(error.field.size(), sizeof("spec.") - 1));
    errors.push_back(std::move(error));
  }
}

FieldErrors ValidateCronJob(const json& object) {
  FieldErrors errors;
  const std::string name = StringAt(object, {"metadata", "name"});
  if (name.size() > kMaxName) {
    errors.push_back(Invalid("metadata.name", name, "must be no more than 52 characters"));
  }
  const json& spec = FindOrEmpty(object, "spec");
  ValidateSchedule(spec, errors);
  ValidateNonNegative(
      spec, "spec",
      {"startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"}, errors);
  const std::string policy = StringAt(spec, "concurrencyPolicy");
  if (policy != "Allow" && policy != "Forbid" && policy != "Replace") {
    errors.push_back(
        NotSupported("spec.concurrencyPolicy", policy, {"Allow", "Forbid", "Replace"}));
  }
  ValidateJobTemplate(spec, errors);
  return errors;
}

}  // namespace

Kind CronJobKind() {
  Kind kind = NamespacedKind("batch", "v1", "CronJob", "cronjobs", "cronjob");
  kind.short_names = {"cj"};
  kind.categories = {"all"};
  kind.has_status = true;
  kind.has_generation = true;
  kind.apply_defaults = ApplyCronJobDefaults;
  kind.prepare_create = PrepareNewCronJob;
  SetRules(kind, ValidateCronJob, nullptr);
  return kind;
}

}  // namespace kless::kubernetes
