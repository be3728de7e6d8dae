#include "functions/kubernetes/apply/field_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

template <class Children>
auto LowerBound(Children& children, std::string_view element) {
  return std::lower_bound(
      children.begin(), children.end(), element,
      [](const FieldSet::Child& child, std::string_view key) { return child.element < key; });
}

void AppendPaths(const FieldSet& set, const std::string& path, std::vector<std::string>& paths) {
  if (set.member) paths.push_back(path);
  for (const auto& [element, child] : set.children) {
    AppendPaths(child, path + ElementText(element), paths);
  }
}

}  // namespace

const FieldSet* FieldSet::Find(std::string_view element) const {
  const auto found = LowerBound(children, element);
  return found == children.end() || found->element != element ? nullptr : &found->set;
}

FieldSet& FieldSet::At(std::string_view element) {
  auto found = LowerBound(children, element);
  if (found == children.end() || found->element != element) {
    found = children.insert(found, Child{std::string(element), {}});
  }
  return found->set;
}

void FieldSet::Append(std::string element, FieldSet&& set) {
  if (set.Empty()) return;
  if (children.empty() || children.back().element < element) {
    children.push_back(Child{std::move(element), std::move(set)});
  } else {
    FieldSet& there = At(element);
    if (there.Empty()) {
      there = std::move(set);
    } else {
      there.Add(set);
    }
  }
}

void FieldSet::Erase(std::string_view element) {
  const auto found = LowerBound(children, element);
  if (found != children.end() && found->element == element) children.erase(found);
}

void FieldSet::Add(const FieldSet& other) {
  member = member || other.member;
  std::vector<Child> merged;
  merged.reserve(children.size() + other.children.size());
  auto theirs = other.children.begin();
  for (Child& child : children) {
    while (theirs != other.children.end() && theirs->element < child.element) {
      merged.push_back(*theirs++);
    }
    if (theirs != other.children.end() && theirs->element == child.element) {
      child.set.Add((theirs++)->set);
    }
    merged.push_back(std::move(child));
  }
  merged.insert(merged.end(), theirs, other.children.end());
  children = std::move(merged);
}

void FieldSet::Subtract(const FieldSet& other) {
  if (other.member) member = false;
  std::vector<Child> kept;
  kept.reserve(children.size());
  for (Child& child : children) {
    if (const FieldSet* less = other.Find(child.element)) child.set.Subtract(*less);
    if (!child.set.Empty()) kept.push_back(std::move(child));
  }
  children = std::move(kept);
}

FieldSet FieldSet::Intersection(const FieldSet& other) const {
  FieldSet both;
  both.member = member && other.member;
  for (const auto& [element, set] : children) {
    if (const FieldSet* theirs = other.Find(element)) {
      both.Append(element, set.Intersection(*theirs));
    }
  }
  return both;
}

FieldSet FieldSet::WithContainers() const {
  FieldSet result;
  result.member = member;
  result.children.reserve(children.size());
  for (const auto& [element, set] : children) {
    FieldSet child = set.WithContainers();
    if (element.starts_with("f:")) child.member = true;
    result.children.push_back({element, std::move(child)});
  }
  return result;
}

json FieldSet::ToJson() const {
  json::object_t fields;
  if (member && !children.empty()) fields.emplace(".", json::object());
  for (const auto& [element, set] : children) {
    fields.emplace_hint(fields.end(), element, set.ToJson());
  }
  return fields;
}

FieldSet FieldSet::FromJson(const json& fields) {
  FieldSet set;
  if (!fields.is_object()) return set;
  for (const auto& [element, value] : fields.items()) {
    if (element == ".") {
      set.member = true;
      continue;
    }
    if (element.size() < 2 || element[1] != ':') continue;
    FieldSet child = FromJson(value);
    if (child.children.empty()) child.member = true;
    set.Append(element, std::move(child));
  }
  return set;
}

std::vector<std::string> FieldSet::Paths() const {
  std::vector<std::string> paths;
  AppendPaths(*this, "", paths);
  return paths;
}

bool operator==(const FieldSet& a, const FieldSet& b) {
  return a.member == b.member &&
         std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                    [](const FieldSet::Child& left, const FieldSet::Child& right) {
                      return left.element == right.element && left.set == right.set;
                    });
}

std::string ElementText(std::string_view element) {
  const std::string_view value = element.substr(std::min<std::size_t>(2, element.size()));
  if (element.starts_with("f:")) return "." + std::string(value);
  if (element.starts_with("v:")) return "[=" + std::string(value) + "]";
  if (element.starts_with("i:")) return "[" + std::string(value) + "]";
  std::string text = "[";
  const auto keys = ParseJson(value);
  if (keys.has_value() && keys->is_object()) {
    for (const auto& [key, part] : keys->items()) {
      if (text.size() > 1) text += ',';
      text += key + "=" + DumpJson(part);
    }
  }
  return text + "]";
}

}  // namespace kless::kubernetes
