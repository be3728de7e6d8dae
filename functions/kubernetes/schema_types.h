// Schemas that several kinds are made of.
#pragma once

#include "functions/kubernetes/schema.h"

namespace kless::kubernetes::schema_types {

extern const Schema kString, kBool, kInt32, kInt64, kTime, kAny;
extern const Schema kStrings, kStringMap, kQuantities;
extern const Schema kObjectMeta, kLabelSelector, kPodTemplateSpec, kResources, kObjectReferences;

// Of a kind whose objects have metadata, and spec and status where given (null: none).
Schema KindSchema(const char* go_name, const Schema* spec, const Schema* status);

}  // namespace kless::kubernetes::schema_types
