// The column lists, by the qualified name of the kind ("Pod", "Job.batch"); one file per area.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "functions/kubernetes/columns/columns.h"

namespace kless::kubernetes {

using ColumnLists = std::map<std::string, std::vector<Column>>;

void AddClusterColumns(ColumnLists& lists);
void AddEventColumns(ColumnLists& lists);
void AddNetworkColumns(ColumnLists& lists);
void AddNodeColumns(ColumnLists& lists);
void AddPodColumns(ColumnLists& lists);
void AddStorageColumns(ColumnLists& lists);
void AddWorkloadColumns(ColumnLists& lists);

}  // namespace kless::kubernetes
