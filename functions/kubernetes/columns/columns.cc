#include "functions/kubernetes/columns/columns.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "functions/kubernetes/columns/cells.h"
#include "functions/kubernetes/columns/column_lists.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

void SetColumns(Kind& kind, std::vector<Column> columns) {
  kind.columns = std::make_shared<const std::vector<Column>>(std::move(columns));
}

const std::vector<Column>& ColumnsOf(const Kind& kind) {
  if (kind.columns != nullptr) return *kind.columns;
  static const std::vector<Column> kOthers = {NameColumn(), AgeColumn()};
  static const ColumnLists lists = [] {
    ColumnLists all;
    AddClusterColumns(all);
    AddEventColumns(all);
    AddNetworkColumns(all);
    AddNodeColumns(all);
    AddPodColumns(all);
    AddStorageColumns(all);
    AddWorkloadColumns(all);
    return all;
  }();
  const auto found = lists.find(kind.QualifiedKind());
  return found == lists.end() ? kOthers : found->second;
}

json RowConditions(const Kind& kind, const json& object) {
  if (kind.QualifiedKind() != "Pod") return nullptr;
  const std::string phase = StringAt(object, {"status", "phase"});
  if (phase != "Succeeded" && phase != "Failed") return nullptr;
  return json::array({{{"type", "Completed"},
                       {"status", "True"},
                       {"reason", phase},
                       {"message", phase == "Failed" ? "The pod failed."
                                                     : "The pod has completed successfully."}}});
}

}  // namespace kless::kubernetes
