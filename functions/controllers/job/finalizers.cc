#include "functions/controllers/job/finalizers.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

// Offset after the string that begins at `at`; npos if it does not end.
std::size_t SkipString(const std::string& text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return std::string::npos;
}

// Whether `at` is a direct member of the document's "metadata" object.
bool IsMemberOfMetadata(const std::string& text, std::size_t at) {
  int depth = 0;
  bool in_metadata = false;
  for (std::size_t i = 0; i < at;) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t end = SkipString(text, i);
      if (end == std::string::npos || end > at) return false;
      if (depth == 1 && end < text.size() && text[end] == ':') {
        in_metadata = text.compare(i, end - i, "\"metadata\"") == 0;
      }
      i = end;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++i;
  }
  return depth == 2 && in_metadata;
}

// Cuts `"finalizers":["<finalizer>"]` out of compact JSON if metadata has exactly that.
std::optional<std::string> CutOnlyFinalizer(const std::string& document,
                                            std::string_view finalizer) {
  std::string member = R"("finalizers":[")";
  member += finalizer;
  member += "\"]";
  std::size_t begin = document.find(member);
  if (begin == std::string::npos || !IsMemberOfMetadata(document, begin)) return std::nullopt;
  std::size_t end = begin + member.size();
  if (end < document.size() && document[end] == ',') {
    ++end;
  } else if (begin > 0 && document[begin - 1] == ',') {
    --begin;
  }
  std::string out;
  out.reserve(document.size());
  out.append(document, 0, begin);
  out.append(document, end, std::string::npos);
  return out;
}

bool RemoveFinalizer(json& metadata, std::string_view finalizer) {
  json* finalizers = kubernetes::Find(metadata, "finalizers");
  if (finalizers == nullptr || !finalizers->is_array()) return false;
  json kept = json::array();
  for (json& entry : *finalizers) {
    if (!entry.is_string() || entry.get_ref<const std::string&>() != finalizer) {
      kept.push_back(std::move(entry));
    }
  }
  const bool removed = kept.size() != finalizers->size();
  if (kept.empty()) {
    metadata.erase("finalizers");
  } else {
    *finalizers = std::move(kept);
  }
  return removed;
}

bool RemoveOwner(json& metadata, const std::string& owner_uid) {
  json* references = kubernetes::Find(metadata, "ownerReferences");
  if (references == nullptr || !references->is_array()) return false;
  json kept = json::array();
  for (json& entry : *references) {
    if (kubernetes::StringAt(entry, "uid") != owner_uid) kept.push_back(std::move(entry));
  }
  const bool removed = kept.size() != references->size();
  if (kept.empty()) {
    metadata.erase("ownerReferences");
  } else {
    *references = std::move(kept);
  }
  return removed;
}

}  // namespace

std::optional<std::string> WithoutFinalizer(const std::string& document,
                                            std::string_view finalizer) {
  if (document.find(finalizer) == std::string::npos) return std::nullopt;
  if (auto cut = CutOnlyFinalizer(document, finalizer)) return cut;
  auto parsed = ParseJson(document);
  if (parsed.has_error()) return std::nullopt;
  json* metadata = kubernetes::Find(parsed.value(), "metadata");
  if (metadata == nullptr || !RemoveFinalizer(*metadata, finalizer)) return std::nullopt;
  return DumpJson(parsed.value());
}

std::optional<std::string> WithoutOwner(const std::string& document, const std::string& owner_uid,
                                        std::string_view finalizer) {
  auto parsed = ParseJson(document);
  if (parsed.has_error()) return std::nullopt;
  json* metadata = kubernetes::Find(parsed.value(), "metadata");
  if (metadata == nullptr || !RemoveOwner(*metadata, owner_uid)) return std::nullopt;
  RemoveFinalizer(*metadata, finalizer);
  return DumpJson(parsed.value());
}

bool MentionsOwner(const std::string& document, const std::string& owner_uid) {
  return !owner_uid.empty() && document.find(owner_uid) != std::string::npos;
}

}  // namespace kless::controllers
