// ConfigMaps, Secrets, claims.
#include <nlohmann/json.hpp>

#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/columns/column_lists.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

Column DataColumn() {
  Column column = TextColumn("Data", "Number of its keys.", TextCell());
  column.cell = [](const json& object, std::int64_t) -> json {
    return FindOrEmpty(object, "data").size() + FindOrEmpty(object, "binaryData").size();
  };
  return column;
}

std::string ShortMode(const std::string& mode) {
  if (mode == "ReadWriteOnce") return "RWO";
  if (mode == "ReadOnlyMany") return "ROX";
  if (mode == "ReadWriteMany") return "RWX";
  if (mode == "ReadWriteOncePod") return "RWOP";
  return "";
}

bool IsBound(const json& claim) { return !StringAt(claim, {"spec", "volumeName"}).empty(); }

std::string PhaseText(const json& claim) {
  if (!StringAt(claim, {"metadata", "deletionTimestamp"}).empty()) return "Terminating";
  return StringAt(claim, {"status", "phase"});
}

std::string CapacityText(const json& claim) {
  return IsBound(claim) ? IntOrString(claim, {"status", "capacity", "storage"}, "0") : "";
}

std::string ModesText(const json& claim) {
  if (!IsBound(claim)) return "";
  const json* given = Find(claim, {"status", "accessModes"});
  std::vector<std::string> modes;
  for (const char* mode : {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"}) {
    if (HoldsString(given, mode)) modes.push_back(ShortMode(mode));
  }
  return Joined(modes);
}

}  // namespace

void AddStorageColumns(ColumnLists& lists) {
  lists["ConfigMap"] = {NameColumn(), DataColumn(), AgeColumn()};
  lists["Secret"] = {NameColumn(), TextColumn("Type", "What the secret is for.", {"type"}, ""),
                     DataColumn(), AgeColumn()};
  lists["PersistentVolumeClaim"] = {
      NameColumn(),
      TextColumn("Status", "Phase of the claim.", PhaseText),
      TextColumn("Volume", "The volume that it is bound to.", {"spec", "volumeName"}, ""),
      TextColumn("Capacity", "Size of the volume.", CapacityText),
      TextColumn("Access Modes", "How the volume may be mounted.", ModesText),
      TextColumn("StorageClass", "Class of the volume.", {"spec", "storageClassName"}, ""),
      TextColumn("VolumeAttributesClass", "Attributes of the volume.",
                 {"spec", "volumeAttributesClassName"}, "<unset>"),
      AgeColumn(),
      TextColumn("VolumeMode", "Filesystem or Block.", {"spec", "volumeMode"}, "<unset>", 1)};
}

}  // namespace kless::kubernetes
