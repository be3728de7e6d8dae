// The columns of custom kinds.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "functions/kubernetes/columns/columns.h"

namespace kless::kubernetes {

// Name, and then additionalPrinterColumns or, if there are none, Age.
std::vector<Column> CustomColumns(const nlohmann::json& version);

}  // namespace kless::kubernetes
