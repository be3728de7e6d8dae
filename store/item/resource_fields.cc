#include "store/item/resource_fields.h"

#include <cstdint>

#include "emulator/base/clock.h"
#include "emulator/base/padded_parser.h"
#include "emulator/base/strings.h"

namespace kless {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kTrackingFinalizer = "batch.kubernetes.io/job-tracking";
constexpr std::string_view kCompletionIndex = "batch.kubernetes.io/job-completion-index";
constexpr std::string_view kIndexFailures = "batch.kubernetes.io/job-index-failure-count";
constexpr std::string_view kIndexIgnored = "batch.kubernetes.io/job-index-ignored-failure-count";

std::string_view StringOf(dom::element element) {
  std::string_view text;
  if (element.get_string().get(text) != simdjson::SUCCESS) return {};
  return text;
}

bool IsTrue(dom::element element) {
  bool value = false;
  return element.get_bool().get(value) == simdjson::SUCCESS && value;
}

int CountOf(std::string_view text, int otherwise) {
  const auto count = ParseUnsigned(text);
  return count && *count <= INT32_MAX ? static_cast<int>(*count) : otherwise;
}

// Converts an RFC 3339 time to Unix seconds; 0 if it is missing or invalid.
std::int64_t SecondsOf(std::string_view text) {
  const auto nanos = text.empty() ? std::nullopt : ParseTime(text);
  return nanos ? *nanos / kNanosPerSecond : 0;
}

// The times that determine ResourceFields::finished_at.
struct Times {
  std::string_view created, deleted, not_ready;
  std::int64_t grace = 0;
  std::int64_t last_container = 0;  // Unix seconds

  std::int64_t Finished() const {
    if (last_container != 0) return last_container;
    if (!not_ready.empty()) return SecondsOf(not_ready);
    if (!deleted.empty()) return SecondsOf(deleted) - grace;
    return SecondsOf(created);
  }
};

// The members that determine ResourceFields::canonical.  Duplicate keys mean different things to
// different parsers.
struct Identity {
  std::string_view name;
  std::string_view namespace_name;
  bool has_namespace = false;
  bool has_kind = false;
  bool has_api_version = false;
  bool has_resource_version = false;
  bool repeated_key = false;

  bool Matches(std::string_view resource_name) const {
    const std::size_t slash = resource_name.find('/');
    if (slash == std::string_view::npos) return name == resource_name && !has_namespace;
    return has_namespace && namespace_name == resource_name.substr(0, slash) &&
           name == resource_name.substr(slash + 1);
  }
};

void ReadOwners(dom::element owners, ResourceFields& fields) {
  fields.owner_uid.clear();
  fields.owner_kind.clear();
  fields.owner_name.clear();
  fields.other_owners.clear();
  dom::array references;
  if (owners.get_array().get(references) != simdjson::SUCCESS) return;
  for (const dom::element reference : references) {
    dom::object owner;
    if (reference.get_object().get(owner) != simdjson::SUCCESS) continue;
    bool controller = false;
    std::string_view uid, kind, name;
    for (const auto& [key, value] : owner) {
      if (key == "controller") controller = IsTrue(value);
      if (key == "uid") uid = StringOf(value);
      if (key == "kind") kind = StringOf(value);
      if (key == "name") name = StringOf(value);
    }
    if (controller && fields.owner_uid.empty()) {
      fields.owner_uid = uid;
      fields.owner_kind = kind;
      fields.owner_name = name;
    } else if (!uid.empty()) {
      fields.other_owners.emplace_back(uid);
    }
  }
}

void ReadLabels(dom::element element, ResourceFields& fields) {
  fields.labels.clear();
  dom::object labels;
  if (element.get_object().get(labels) != simdjson::SUCCESS) return;
  fields.labels.reserve(labels.size());
  for (const auto& [key, value] : labels) {
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) fields.labels.emplace_back(key, text);
  }
  const auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(fields.labels.begin(), fields.labels.end(), by_key);
  // The last of equal keys counts, as elsewhere.
  std::vector<std::pair<std::string, std::string>>& all = fields.labels;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i + 1 < all.size() && all[i].first == all[i + 1].first) continue;
    if (kept != i) all[kept] = std::move(all[i]);
    ++kept;
  }
  all.resize(kept);
}

void ReadAnnotations(dom::object annotations, ResourceFields& fields) {
  for (const auto& [annotation, text] : annotations) {
    if (annotation == kCompletionIndex) fields.completion_index = CountOf(StringOf(text), -1);
    if (annotation == kIndexFailures) fields.index_failures = CountOf(StringOf(text), 0);
    if (annotation == kIndexIgnored) fields.index_ignored = CountOf(StringOf(text), 0);
  }
}

void ReadMetadata(dom::object metadata, ResourceFields& fields, Identity& identity, Times& times) {
  int names = 0;
  int namespaces = 0;
  for (const auto& [key, value] : metadata) {
    if (key == "name") {
      identity.name = StringOf(value);
      ++names;
    } else if (key == "namespace") {
      identity.namespace_name = StringOf(value);
      identity.has_namespace = true;
      ++namespaces;
    } else if (key == "uid") {
      fields.uid = StringOf(value);
    } else if (key == "resourceVersion") {
      identity.has_resource_version = true;
    } else if (key == "ownerReferences") {
      ReadOwners(value, fields);
    } else if (key == "labels") {
      ReadLabels(value, fields);
    } else if (key == "deletionTimestamp") {
      fields.deleting = !value.is_null();
      times.deleted = StringOf(value);
    } else if (key == "deletionGracePeriodSeconds") {
      if (value.get_int64().get(times.grace) != simdjson::SUCCESS) times.grace = 0;
    } else if (key == "creationTimestamp") {
      times.created = StringOf(value);
    } else if (key == "finalizers") {
      dom::array finalizers;
      if (value.get_array().get(finalizers) != simdjson::SUCCESS) continue;
      for (const dom::element finalizer : finalizers) {
        if (StringOf(finalizer) == kTrackingFinalizer) fields.tracked = true;
      }
    } else if (key == "annotations") {
      dom::object annotations;
      if (value.get_object().get(annotations) == simdjson::SUCCESS) {
        ReadAnnotations(annotations, fields);
      }
    }
  }
  if (names > 1 || namespaces > 1) identity.repeated_key = true;
}

void ReadContainers(dom::element element, ResourceFields& fields, Times& times) {
  dom::array containers;
  if (element.get_array().get(containers) != simdjson::SUCCESS) return;
  for (const dom::element container : containers) {
    std::int64_t restarts = 0;
    if (container["restartCount"].get_int64().get(restarts) == simdjson::SUCCESS && restarts > 0 &&
        restarts < INT32_MAX - fields.restarts) {
      fields.restarts += static_cast<int>(restarts);
    }
    dom::element finished;
    if (container["state"]["terminated"]["finishedAt"].get(finished) == simdjson::SUCCESS) {
      times.last_container = std::max(times.last_container, SecondsOf(StringOf(finished)));
    }
  }
}

void ReadStatus(dom::object status, ResourceFields& fields, Times& times) {
  for (const auto& [key, value] : status) {
    if (key == "phase") {
      fields.phase = PodPhaseFromName(StringOf(value));
    } else if (key == "containerStatuses" || key == "initContainerStatuses") {
      ReadContainers(value, fields, times);
    } else if (key == "conditions") {
      dom::array conditions;
      if (value.get_array().get(conditions) != simdjson::SUCCESS) continue;
      for (const dom::element element : conditions) {
        dom::object condition;
        if (element.get_object().get(condition) != simdjson::SUCCESS) continue;
        std::string_view type, holds, changed;
        for (const auto& [name, text] : condition) {
          if (name == "type") type = StringOf(text);
          if (name == "status") holds = StringOf(text);
          if (name == "lastTransitionTime") changed = StringOf(text);
        }
        if (type != "Ready") continue;
        fields.ready = holds == "True";
        times.not_ready = holds == "False" ? changed : std::string_view();
      }
    }
  }
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Returns the offset just after the '{' of the top-level "metadata" of a valid document; 0 if the
// key is spelled with escapes.
std::size_t FindMetadata(std::string_view text) {
  constexpr std::string_view key = "metadata";
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const std::size_t begin = i + 1;
    for (++i; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] == '\\') ++i;
    }
    if (depth != 1 || text.substr(begin, i - begin) != key) continue;
    std::size_t next = i + 1;
    while (next < text.size() && IsSpace(text[next])) ++next;
    if (next >= text.size() || text[next] != ':') continue;  // This was a value, not a key.
    ++next;
    while (next < text.size() && IsSpace(text[next])) ++next;
    return next < text.size() && text[next] == '{' ? next + 1 : 0;
  }
  return 0;
}

void ReadObject(dom::object object, std::string_view document, std::string_view name,
                ResourceFields& fields) {
  Identity identity;
  Times times;
  int kinds = 0, api_versions = 0, metadatas = 0;
  for (const auto& [key, value] : object) {
    if (key == "kind") {
      identity.has_kind = !StringOf(value).empty();
      ++kinds;
    } else if (key == "apiVersion") {
      identity.has_api_version = !StringOf(value).empty();
      ++api_versions;
    } else if (key == "metadata") {
      ++metadatas;
      dom::object metadata;
      if (value.get_object().get(metadata) == simdjson::SUCCESS) {
        ReadMetadata(metadata, fields, identity, times);
      }
    } else if (key == "spec") {
      dom::object spec;
      if (value.get_object().get(spec) != simdjson::SUCCESS) continue;
      std::string_view node;
      if (spec["nodeName"].get_string().get(node) == simdjson::SUCCESS) fields.node_name = node;
    } else if (key == "status") {
      dom::object status;
      if (value.get_object().get(status) == simdjson::SUCCESS) ReadStatus(status, fields, times);
    }
  }
  const bool ended = IsTerminal(fields.phase);
  if (ended || (fields.deleting && fields.phase != PodPhase::kNone)) {
    fields.finished_at = times.Finished();
  }
  if (metadatas == 1) fields.metadata_begin = FindMetadata(document);
  if (kinds > 1 || api_versions > 1 || metadatas > 1) identity.repeated_key = true;
  fields.canonical = identity.has_kind && identity.has_api_version &&
                     !identity.has_resource_version && !identity.repeated_key &&
                     fields.metadata_begin != 0 && identity.Matches(name) &&
                     document.front() == '{' && document.find('\n') == std::string_view::npos;
}

}  // namespace

const char* PodPhaseName(PodPhase phase) {
  switch (phase) {
    case PodPhase::kNone:
      return "";
    case PodPhase::kPending:
      return "Pending";
    case PodPhase::kRunning:
      return "Running";
    case PodPhase::kSucceeded:
      return "Succeeded";
    case PodPhase::kFailed:
      return "Failed";
    case PodPhase::kUnknown:
      return "Unknown";
  }
  return "";
}

PodPhase PodPhaseFromName(std::string_view name) {
  for (const PodPhase phase : {PodPhase::kPending, PodPhase::kRunning, PodPhase::kSucceeded,
                               PodPhase::kFailed, PodPhase::kUnknown}) {
    if (name == PodPhaseName(phase)) return phase;
  }
  return PodPhase::kNone;
}

std::shared_ptr<const ResourceFields> ExtractResourceFields(std::string_view document,
                                                            std::string_view name) {
  static thread_local PaddedParser parser;
  auto fields = std::make_shared<ResourceFields>();
  dom::element root;
  dom::object object;
  if (parser.Parse(document, root) && root.get_object().get(object) == simdjson::SUCCESS) {
    fields->is_object = true;
    ReadObject(object, document, name, *fields);
  }
  parser.ShrinkIfLarge();
  return fields;
}

}  // namespace kless
