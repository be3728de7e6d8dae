// The references in events to their objects.
#pragma once

#include "functions/controllers/loop/plan.h"
#include "store/item/item.h"
#include "store/resources.h"

namespace kless::control_planes {

// `item` is null if the object is gone or has no uid.
controllers::EventTarget EventTargetOf(const ResourceId& id, const ItemPtr& item);

}  // namespace kless::control_planes
