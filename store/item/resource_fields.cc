#include "store/item/resource_fields.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/clock.h"
#include "emulator/base/json.h"
#include "emulator/base/padded_parser.h"
#include "emulator/base/strings.h"

namespace kless {
namespace {

namespace dom = simdjson::dom;
using nlohmann::json;

constexpr std::string_view kTrackingFinalizer = "batch.kubernetes.io/job-tracking";
constexpr std::string_view kCompletionIndex = "batch.kubernetes.io/job-completion-index";
constexpr std::string_view kIndexFailures = "batch.kubernetes.io/job-index-failure-count";
constexpr std::string_view kIndexIgnored = "batch.kubernetes.io/job-index-ignored-failure-count";

// The reader below reads trees of simdjson and of nlohmann; these functions are what it asks of a
// value of either.
std::string_view StringOf(dom::element value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return {};
  return text;
}
std::string_view StringOf(const json& value) {
  if (!value.is_string()) return {};
  return value.get_ref<const std::string&>();
}

bool IsText(dom::element value) { return value.is_string(); }
bool IsText(const json& value) { return value.is_string(); }
bool IsNull(dom::element value) { return value.is_null(); }
bool IsNull(const json& value) { return value.is_null(); }

bool IsTrue(dom::element value) {
  bool is = false;
  return value.get_bool().get(is) == simdjson::SUCCESS && is;
}
bool IsTrue(const json& value) { return value.is_boolean() && value.get<bool>(); }

// The integer, or 0 if the value is none that fits.
std::int64_t IntegerOf(dom::element value) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) != simdjson::SUCCESS) return 0;
  return number;
}
std::int64_t IntegerOf(const json& value) {
  if (!value.is_number_integer()) return 0;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return 0;
  return value.get<std::int64_t>();
}

// Calls `visit(key, value)` for each member; a value that is not an object has none.
template <class Visit>
void ForMembers(dom::element value, Visit visit) {
  dom::object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) return;
  for (const auto& [key, member] : members) visit(key, member);
}
template <class Visit>
void ForMembers(const json& value, Visit visit) {
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.get_ref<const json::object_t&>()) {
    visit(std::string_view(key), member);
  }
}

// Calls `visit(element)` for each element; a value that is not an array has none.
template <class Visit>
void ForElements(dom::element value, Visit visit) {
  dom::array elements;
  if (value.get_array().get(elements) != simdjson::SUCCESS) return;
  for (const dom::element element : elements) visit(element);
}
template <class Visit>
void ForElements(const json& value, Visit visit) {
  if (!value.is_array()) return;
  for (const json& element : value) visit(element);
}

// Calls `visit(value)` for the first member of that name, if there is one.
template <class Visit>
void WithFirst(dom::element value, std::string_view name, Visit visit) {
  dom::element member;
  if (value[name].get(member) == simdjson::SUCCESS) visit(member);
}
template <class Visit>
void WithFirst(const json& value, std::string_view name, Visit visit) {
  if (!value.is_object()) return;
  const auto found = value.find(name);
  if (found != value.end()) visit(*found);
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

template <class Value>
void ReadOwners(const Value& owners, ResourceFields& fields) {
  fields.owner_uid.clear();
  fields.owner_kind.clear();
  fields.owner_name.clear();
  fields.other_owners.clear();
  ForElements(owners, [&fields](const Value& owner) {
    bool controller = false;
    std::string_view uid, kind, name;
    ForMembers(owner, [&](std::string_view key, const Value& value) {
      if (key == "controller") controller = IsTrue(value);
      if (key == "uid") uid = StringOf(value);
      if (key == "kind") kind = StringOf(value);
      if (key == "name") name = StringOf(value);
    });
    if (controller && fields.owner_uid.empty()) {
      fields.owner_uid = uid;
      fields.owner_kind = kind;
      fields.owner_name = name;
    } else if (!uid.empty()) {
      fields.other_owners.emplace_back(uid);
    }
  });
}

template <class Value>
void ReadLabels(const Value& labels, ResourceFields& fields) {
  fields.labels.clear();
  ForMembers(labels, [&fields](std::string_view key, const Value& value) {
    if (IsText(value)) fields.labels.emplace_back(key, StringOf(value));
  });
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

template <class Value>
void ReadAnnotations(const Value& annotations, ResourceFields& fields) {
  ForMembers(annotations, [&fields](std::string_view key, const Value& value) {
    if (key == kCompletionIndex) fields.completion_index = CountOf(StringOf(value), -1);
    if (key == kIndexFailures) fields.index_failures = CountOf(StringOf(value), 0);
    if (key == kIndexIgnored) fields.index_ignored = CountOf(StringOf(value), 0);
  });
}

template <class Value>
void ReadMetadata(const Value& metadata, ResourceFields& fields, Identity& identity, Times& times) {
  int names = 0;
  int namespaces = 0;
  ForMembers(metadata, [&](std::string_view key, const Value& value) {
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
      fields.deleting = !IsNull(value);
      times.deleted = StringOf(value);
    } else if (key == "deletionGracePeriodSeconds") {
      times.grace = IntegerOf(value);
    } else if (key == "creationTimestamp") {
      times.created = StringOf(value);
    } else if (key == "finalizers") {
      ForElements(value, [&fields](const Value& finalizer) {
        if (StringOf(finalizer) == kTrackingFinalizer) fields.tracked = true;
      });
    } else if (key == "annotations") {
      ReadAnnotations(value, fields);
    }
  });
  if (names > 1 || namespaces > 1) identity.repeated_key = true;
}

template <class Value>
void ReadContainer(const Value& container, ResourceFields& fields, Times& times) {
  WithFirst(container, "restartCount", [&fields](const Value& value) {
    const std::int64_t restarts = IntegerOf(value);
    if (restarts > 0 && restarts < INT32_MAX - fields.restarts) {
      fields.restarts += static_cast<int>(restarts);
    }
  });
  WithFirst(container, "state", [&times](const Value& state) {
    WithFirst(state, "terminated", [&times](const Value& terminated) {
      WithFirst(terminated, "finishedAt", [&times](const Value& finished) {
        times.last_container = std::max(times.last_container, SecondsOf(StringOf(finished)));
      });
    });
  });
}

template <class Value>
void ReadCondition(const Value& condition, ResourceFields& fields, Times& times) {
  std::string_view type, holds, changed;
  ForMembers(condition, [&](std::string_view name, const Value& text) {
    if (name == "type") type = StringOf(text);
    if (name == "status") holds = StringOf(text);
    if (name == "lastTransitionTime") changed = StringOf(text);
  });
  if (type != "Ready") return;
  fields.ready = holds == "True";
  times.not_ready = holds == "False" ? changed : std::string_view();
}

template <class Value>
void ReadStatus(const Value& status, ResourceFields& fields, Times& times) {
  ForMembers(status, [&](std::string_view key, const Value& value) {
    if (key == "phase") {
      fields.phase = PodPhaseFromName(StringOf(value));
    } else if (key == "containerStatuses" || key == "initContainerStatuses") {
      ForElements(value, [&](const Value& container) { ReadContainer(container, fields, times); });
    } else if (key == "conditions") {
      ForElements(value, [&](const Value& condition) { ReadCondition(condition, fields, times); });
    }
  });
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

template <class Value>
void ReadObject(const Value& object, std::string_view document, std::string_view name,
                ResourceFields& fields) {
  fields.is_object = true;
  Identity identity;
  Times times;
  int kinds = 0, api_versions = 0, metadatas = 0;
  ForMembers(object, [&](std::string_view key, const Value& value) {
    if (key == "kind") {
      identity.has_kind = !StringOf(value).empty();
      ++kinds;
    } else if (key == "apiVersion") {
      identity.has_api_version = !StringOf(value).empty();
      ++api_versions;
    } else if (key == "metadata") {
      ++metadatas;
      ReadMetadata(value, fields, identity, times);
    } else if (key == "spec") {
      WithFirst(value, "nodeName",
                [&fields](const Value& node) { fields.node_name = StringOf(node); });
    } else if (key == "status") {
      ReadStatus(value, fields, times);
    }
  });
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

// Whether the text of a tree can be parsed: it has at most `levels` levels (and perhaps an empty
// object or array below them).
bool IsParsable(const json& tree, int levels) {
  if (!tree.is_structured() || tree.empty()) return true;
  if (levels == 0) return false;
  if (tree.is_array()) {
    return std::all_of(tree.begin(), tree.end(),
                       [levels](const json& element) { return IsParsable(element, levels - 1); });
  }
  const auto& members = tree.get_ref<const json::object_t&>();
  return std::all_of(members.begin(), members.end(), [levels](const auto& member) {
    return IsParsable(member.second, levels - 1);
  });
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
  if (parser.Parse(document, root) && root.is_object()) ReadObject(root, document, name, *fields);
  parser.ShrinkIfLarge();
  return fields;
}

std::shared_ptr<const ResourceFields> ExtractResourceFields(const nlohmann::json& object,
                                                            std::string_view document,
                                                            std::string_view name) {
  auto fields = std::make_shared<ResourceFields>();
  if (object.is_object() && IsParsable(object, kJsonMaxDepth)) {
    ReadObject(object, document, name, *fields);
  }
  return fields;
}

}  // namespace kless
