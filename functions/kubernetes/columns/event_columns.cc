// The cells of `kubectl get events`.
#include <cctype>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/columns/column_lists.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

std::string FirstSeen(const json& event, std::int64_t now) {
  if (!StringAt(event, "firstTimestamp").empty()) return Since(event, {"firstTimestamp"}, now);
  return Since(event, {"eventTime"}, now);
}

std::string LastSeen(const json& event, std::int64_t now) {
  if (Find(event, "series") != nullptr) return Since(event, {"series", "lastObservedTime"}, now);
  if (!StringAt(event, "lastTimestamp").empty()) return Since(event, {"lastTimestamp"}, now);
  return FirstSeen(event, now);
}

std::string ObjectText(const json& event) {
  const std::string text = LowerCase(StringAt(event, {"involvedObject", "kind"}));
  const std::string name = StringAt(event, {"involvedObject", "name"});
  return name.empty() ? text : text + "/" + name;
}

std::string SourceText(const json& event) {
  std::string component = StringAt(event, {"source", "component"});
  if (component.empty()) component = StringAt(event, "reportingComponent");
  std::string host = StringAt(event, {"source", "host"});
  if (host.empty()) host = StringAt(event, "reportingInstance");
  return host.empty() ? component : component + ", " + host;
}

std::string MessageText(const json& event) {
  std::string text = StringAt(event, "message");
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  std::size_t begin = 0;
  while (begin < text.size() && std::isspace(static_cast<unsigned char>(text[begin]))) ++begin;
  return text.substr(begin);
}

json Count(const json& event) {
  if (const auto count = IntegerAt(event, {"series", "count"})) return *count;
  const std::int64_t count = IntegerAt(event, "count").value_or(0);
  return count == 0 ? 1 : count;
}

Column TimeColumn(const char* name, const char* description,
                  std::string (*since)(const json&, std::int64_t), int priority) {
  Column column = TextColumn(name, description, TextCell(), priority);
  column.cell = [since](const json& event, std::int64_t now) -> json { return since(event, now); };
  return column;
}

}  // namespace

void AddEventColumns(ColumnLists& lists) {
  Column count = TextColumn("Count", "How often it happened.", TextCell(), 1);
  count.cell = [](const json& event, std::int64_t) { return Count(event); };
  lists["Event"] = {
      TimeColumn("Last Seen", "Time since it happened last.", LastSeen, 0),
      TextColumn("Type", "Normal or Warning.", {"type"}, ""),
      TextColumn("Reason", "Why it happened, in one word.", {"reason"}, ""),
      TextColumn("Object", "What it happened to.", ObjectText),
      TextColumn("Subobject", "The part of the object.", {"involvedObject", "fieldPath"}, "", 1),
      TextColumn("Source", "Who tells of it.", SourceText, 1),
      TextColumn("Message", "What happened.", MessageText),
      TimeColumn("First Seen", "Time since it happened first.", FirstSeen, 1),
      std::move(count),
      TextColumn("Name", "Name of the event.", {"metadata", "name"}, "", 1)};
}

}  // namespace kless::kubernetes
