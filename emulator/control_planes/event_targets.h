// What events say about the object they are about.
#pragma once

#include "functions/controllers/plan.h"
#include "store/item.h"
#include "store/resources.h"

namespace kless::control_planes {

// `item` null: the object is gone, or has no uid.
controllers::EventTarget EventTargetOf(const ResourceId& id, const ItemPtr& item);

}  // namespace kless::control_planes
