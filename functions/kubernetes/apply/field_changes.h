// Which fields an object has, and which of them differ from another's, as server-side apply sees
// fields: a list, map or struct that is atomic is one field, one that is not is its members.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/apply/field_set.h"
#include "functions/kubernetes/schema.h"

namespace kless::kubernetes {

// How a value is shared; of a null schema or one that knows nothing of it: objects by member, lists
// as a whole.
enum class SharedAs { kWhole, kMembers, kElements };
SharedAs HowShared(const Schema* schema, const nlohmann::json& value);

// The path element of a list's element: "k:{...}" or "v:...".
std::string ElementOf(const Schema& list, const nlohmann::json& element);

// What an applied configuration claims.
FieldSet AllFields(const Schema* schema, const nlohmann::json& value);

// What the writer of a new object owns: what Compare finds between nothing, taken as Go's object
// before it is decoded, and the object.
FieldSet CreatedFields(const Schema* schema, const nlohmann::json& object);

struct FieldChanges {
  FieldSet added, modified, removed;

  // What a writer of the change comes to own.
  FieldSet Taken() const;
};

// null_is_zero: where `before` is null, it is the object that Go has before it is decoded: members
// that are written out though they are not set are there already.
FieldChanges Compare(const Schema* schema, const nlohmann::json* before,
                     const nlohmann::json* after, bool null_is_zero);

}  // namespace kless::kubernetes
