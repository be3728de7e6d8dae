#include "functions/controllers/job/raw_job.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/job/job_status.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/decode_problem.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::Find;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr const char* kInvalidReason = "InvalidObject";

const kubernetes::Kind& KindOfJob() {
  static const kubernetes::Kind* const kKind = kubernetes::FindKindByType("job");
  return *kKind;
}

std::optional<std::string> Decode(const json& document) {
  const auto problem = kubernetes::DecodeProblem(KindOfJob(), document);
  if (!problem) return std::nullopt;
  return "Job in version \"v1\" cannot be handled as a Job: " + *problem;
}

std::optional<std::string> ValidateRawJob(const JobView& job, const json& document) {
  auto errors = kubernetes::ValidateMetadata(KindOfJob(), document);
  for (auto& error : KindOfJob().validate(document)) errors.push_back(std::move(error));
  if (errors.empty()) return std::nullopt;
  return kubernetes::InvalidMessage(KindOfJob(), job.name, errors);
}

// Adds what the API server would have set at creation, if missing.
void FillMetadata(const JobView& job, json& document, std::int64_t unix_nanos, Random& random) {
  json* metadata = kubernetes::ObjectAt(document, "metadata");
  if (metadata == nullptr) return;
  for (const char* key : {"resourceVersion", "managedFields", "selfLink"}) metadata->erase(key);
  (*metadata)["name"] = job.name;
  (*metadata)["namespace"] = job.namespace_name;
  kubernetes::SetDefault(*metadata, "uid", "");
  if ((*metadata)["uid"] == "") (*metadata)["uid"] = random.Uuid();
  kubernetes::SetDefault(*metadata, "creationTimestamp", FormatTime(unix_nanos));
  kubernetes::SetDefault(*metadata, "generation", 1);
}

void FillObject(json& document, std::int64_t unix_nanos, Random& random) {
  document["apiVersion"] = KindOfJob().ApiVersion();
  document["kind"] = KindOfJob().kind;
  KindOfJob().apply_defaults(document);
  json status = Find(document, "status") != nullptr ? document["status"] : json::object();
  KindOfJob().prepare_create(document, {unix_nanos, &random, nullptr});
  document["status"] = std::move(status);
}

Plan UpdatePlan(ResourceId id, std::uint64_t version, std::string document) {
  Plan plan;
  plan.batches.push_back({{{.id = std::move(id), .change = Update{version, std::move(document)}}}});
  return plan;
}

}  // namespace

bool NeedsDefaults(const JobView& job) {
  const json& document = *job.document;
  if (job.uid.empty() || StringAt(document, {"metadata", "creationTimestamp"}).empty()) return true;
  const json* spec = Find(document, "spec");
  if (spec == nullptr) return true;
  // The last step of defaulting.
  const bool has_selector =
      Find(*spec, "selector") != nullptr || kubernetes::BoolAt(*spec, "manualSelector");
  return !has_selector || Find(*spec, "podReplacementPolicy") == nullptr ||
         Find(*spec, {"template", "spec", "schedulerName"}) == nullptr;
}

Plan PersistDefaults(const JobView& job, ResourceId id, std::uint64_t version,
                     std::int64_t unix_nanos, Random& random) {
  json document = *job.document;
  FillMetadata(job, document, unix_nanos, random);
  std::optional<std::string> problem = Decode(document);
  json filled = document;
  if (!problem) {
    FillObject(filled, unix_nanos, random);
    problem = ValidateRawJob(job, filled);
  }
  if (!problem) return UpdatePlan(std::move(id), version, DumpJson(filled));
  // An invalid object keeps its spec as written, so that its writer recognises it.
  JobView named = job;
  named.document = std::make_shared<const json>(std::move(document));
  return ReportInvalid(named, std::move(id), version, unix_nanos, *problem);
}

std::optional<std::string> InvalidJobMessage(const JobView& job) {
  if (auto problem = Decode(*job.document)) return problem;
  return ValidateRawJob(job, *job.document);
}

Plan ReportInvalid(const JobView& job, ResourceId id, std::uint64_t version,
                   std::int64_t unix_nanos, const std::string& message) {
  StatusDraft draft(job, unix_nanos);
  if (!draft.SetCondition(kInvalidCondition, true, kInvalidReason, message)) return {};
  auto document = draft.TakeDocument();
  if (!document) return {};
  Plan plan = UpdatePlan(std::move(id), version, std::move(*document));
  plan.events.push_back({"Warning", kInvalidReason, message, false});
  return plan;
}

}  // namespace kless::controllers
