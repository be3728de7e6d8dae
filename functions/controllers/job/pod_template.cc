#include "functions/controllers/job/pod_template.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/job/job_controller.h"
#include "functions/kubernetes/objects/pod_defaults.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::controllers {

using kubernetes::Find;
using nlohmann::json;

namespace {

constexpr const char* kIndexVariable = "JOB_COMPLETION_INDEX";
// Annotations of pods of Jobs with backoffLimitPerIndex (F1).
constexpr const char* kFailureCount = "batch.kubernetes.io/job-index-failure-count";
constexpr const char* kIgnoredCount = "batch.kubernetes.io/job-index-ignored-failure-count";

json CopyObject(const json* value) {
  return value != nullptr && value->is_object() ? *value : json::object();
}

bool HasVariable(const json& container, const std::string& name) {
  const json* env = Find(container, "env");
  if (env == nullptr || !env->is_array()) return false;
  for (const json& variable : *env) {
    if (kubernetes::StringAt(variable, "name") == name) return true;
  }
  return false;
}

// Adds an environment variable that reads the index from the pod's label.
void AddIndexVariable(json& spec) {
  const std::string path = std::string("metadata.labels['") + kCompletionIndexAnnotation + "']";
  for (const char* key : {"initContainers", "containers"}) {
    json* containers = Find(spec, key);
    if (containers == nullptr || !containers->is_array()) continue;
    for (json& container : *containers) {
      if (!container.is_object() || HasVariable(container, kIndexVariable)) continue;
      json& env = container["env"];
      if (!env.is_array()) env = json::array();
      json reference = {{"apiVersion", "v1"}, {"fieldPath", path}};
      json source = json::object();
      source["fieldRef"] = std::move(reference);
      json variable = {{"name", kIndexVariable}};
      variable["valueFrom"] = std::move(source);
      env.push_back(std::move(variable));
    }
  }
}

json PodSpec(const json* template_spec, bool indexed) {
  json spec = CopyObject(template_spec);
  if (indexed) AddIndexVariable(spec);
  kubernetes::ApplyPodSpecDefaults(spec);
  kubernetes::ApplyPodOnlyDefaults(spec);
  kubernetes::ApplyPodAdmission(spec);
  return spec;
}

json Finalizers(const json* template_metadata) {
  json finalizers = json::array();
  const json* given =
      template_metadata == nullptr ? nullptr : Find(*template_metadata, "finalizers");
  if (given != nullptr && given->is_array()) finalizers = *given;
  if (!kubernetes::HoldsString(&finalizers, kJobTrackingFinalizer)) {
    finalizers.push_back(kJobTrackingFinalizer);
  }
  return finalizers;
}

// Appends the members after the completion index in order of key.
void AppendCounts(const IndexFailureCounts& counts, std::string& out) {
  const auto append = [&out](const char* key, int count) {
    out.append(",\"").append(key).append("\":\"").append(std::to_string(count)).append("\"");
  };
  append(kFailureCount, counts.failures);
  if (counts.ignored > 0) append(kIgnoredCount, counts.ignored);
}

}  // namespace

// Writes the members of objects in order of key, as DumpJson does, with slots in between.
class PodTemplate::Writer {
 public:
  explicit Writer(std::vector<Segment>& segments) : segments_(segments) {}

  Writer& Text(std::string_view text) {
    text_ += text;
    return *this;
  }
  Writer& Put(Slot slot) {
    segments_.push_back({std::move(text_), slot});
    text_.clear();
    return *this;
  }
  // Writes the members of `object`, with an additional one under `key`, whose value `write` writes.
  template <class Write>
  void MembersWith(const json& object, std::string_view key, Write write) {
    bool first = true;
    bool written = false;
    const auto extra = [&] {
      Name(key, first);
      write();
      written = true;
    };
    for (const auto& [name, value] : object.items()) {
      if (name == key) continue;
      if (!written && name > key) extra();
      Name(name, first);
      text_ += DumpJson(value);
    }
    if (!written) extra();
  }
  void Finish() { Put(Slot::kNone); }

 private:
  void Name(std::string_view name, bool& first) {
    if (!first) text_ += ',';
    first = false;
    AppendJsonString(text_, name);
    text_ += ':';
  }

  std::vector<Segment>& segments_;
  std::string text_;
};

// Writes the pod's index and failure counts, which the template must not override.
void PodTemplate::WriteAnnotations(const json* metadata, bool counts_failures,
                                   Writer& writer) const {
  json annotations = CopyObject(metadata == nullptr ? nullptr : Find(*metadata, "annotations"));
  if (!indexed_) {
    if (!annotations.empty()) {
      writer.Text(R"("annotations":)").Text(DumpJson(annotations)).Text(",");
    }
    return;
  }
  if (counts_failures) {
    annotations.erase(kFailureCount);
    annotations.erase(kIgnoredCount);
  }
  writer.Text(R"("annotations":{)");
  writer.MembersWith(annotations, kCompletionIndexAnnotation, [&] {
    writer.Text("\"").Put(Slot::kIndex).Text("\"");
    if (counts_failures) writer.Put(Slot::kFailureCounts);
  });
  writer.Text("},");
}

PodTemplate::PodTemplate(const JobView& job, std::int64_t unix_nanos)
    : job_name_(job.name), indexed_(job.indexed) {
  const json* pod_template = Find(*job.document, {"spec", "template"});
  const json* metadata = pod_template == nullptr ? nullptr : Find(*pod_template, "metadata");
  const json labels = CopyObject(metadata == nullptr ? nullptr : Find(*metadata, "labels"));
  const json spec =
      PodSpec(pod_template == nullptr ? nullptr : Find(*pod_template, "spec"), indexed_);
  const json owner = {{"apiVersion", "batch/v1"}, {"kind", "Job"},
                      {"name", job.name},         {"uid", job.uid},
                      {"controller", true},       {"blockOwnerDeletion", true}};

  Writer writer(segments_);
  const auto index_value = [&] { writer.Text("\"").Put(Slot::kIndex).Text("\""); };
  writer.Text(R"({"apiVersion":"v1","kind":"Pod","metadata":{)");
  WriteAnnotations(metadata, job.backoff_limit_per_index.has_value(), writer);
  writer.Text(R"("creationTimestamp":")").Text(FormatTime(unix_nanos)).Text(R"(",)");
  writer.Text(R"("finalizers":)").Text(DumpJson(Finalizers(metadata)));
  writer.Text(R"(,"generateName":")").Put(Slot::kGenerateName).Text(R"(","generation":1,)");
  if (indexed_) {
    writer.Text(R"("labels":{)");
    writer.MembersWith(labels, kCompletionIndexAnnotation, index_value);
    writer.Text("},");
  } else if (!labels.empty()) {
    writer.Text(R"("labels":)").Text(DumpJson(labels)).Text(",");
  }
  writer.Text(R"("name":")").Put(Slot::kName).Text(R"(","namespace":)");
  writer.Text(DumpJson(job.namespace_name));
  writer.Text(R"(,"ownerReferences":[)").Text(DumpJson(owner)).Text(R"(],"uid":")");
  writer.Put(Slot::kUid).Text(R"("},"spec":)");
  if (indexed_) {
    writer.Text("{");
    writer.MembersWith(spec, "hostname", [&] {
      writer.Text("\"").Text(job_name_).Text("-").Put(Slot::kIndex).Text("\"");
    });
    writer.Text("}");
  } else {
    writer.Text(DumpJson(spec));
  }
  writer.Text(R"(,"status":{"phase":"Pending","qosClass":")");
  writer.Text(kubernetes::QosClass(spec)).Text("\"}}").Finish();
  for (const Segment& segment : segments_) size_ += segment.text.size();
}

std::string PodTemplate::GenerateName(std::int64_t index) const {
  const std::string suffix = indexed_ ? "-" + std::to_string(index) + "-" : "-";
  if (!indexed_) return (job_name_ + suffix).substr(0, kubernetes::kMaxGeneratedNameBase);
  return job_name_.substr(0, kubernetes::kMaxGeneratedNameBase - suffix.size()) + suffix;
}

std::string PodTemplate::Render(const std::string& name, const std::string& uid, std::int64_t index,
                                const IndexFailureCounts& counts) const {
  std::string out;
  const std::string number = indexed_ ? std::to_string(index) : std::string();
  out.reserve(size_ + 2 * name.size() + uid.size() + 3 * number.size() + 64);
  for (const Segment& segment : segments_) {
    out += segment.text;
    switch (segment.slot) {
      case Slot::kNone:
        break;
      case Slot::kName:
        out += name;
        break;
      case Slot::kUid:
        out += uid;
        break;
      case Slot::kIndex:
        out += number;
        break;
      case Slot::kGenerateName:
        out += GenerateName(index);
        break;
      case Slot::kFailureCounts:
        AppendCounts(counts, out);
        break;
    }
  }
  return out;
}

}  // namespace kless::controllers
