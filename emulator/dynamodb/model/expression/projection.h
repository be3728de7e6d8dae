// Projections: the parts of an item at some paths.
#pragma once

#include <vector>

#include "emulator/dynamodb/model/expression/syntax.h"
#include "emulator/dynamodb/model/stored_item.h"

namespace kless {

// What is at the paths, within the maps and lists that lead there; the elements of a list are in
// their order and without gaps.  Paths at which there is nothing are left out.  The paths must be
// distinct (CheckDistinctPaths).
//
// ReturnValues UPDATED_OLD and UPDATED_NEW are the projections of the item before and after an
// update on the update's paths (PathsOf in update.h).
AttributeMap Project(const Projection& projection, const AttributeSource& item);

}  // namespace kless
