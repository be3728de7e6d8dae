// The fields that an object has, and those that differ from another object's, by the rules of
// server-side apply: an atomic list, map or struct is one field; any other consists of its members.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/kubernetes/apply/field_set.h"
#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

// How a value is shared.  With a null schema, or one without a rule, objects are shared by member
// and lists as a whole.
enum class SharedAs { kWhole, kMembers, kElements };
SharedAs HowShared(const Schema* schema, const nlohmann::json& value);

// The path element of a list's element: "k:{...}" or "v:...".
std::string ElementOf(const Schema& list, const nlohmann::json& element);

// The fields that an applied configuration claims.
FieldSet AllFields(const Schema* schema, const nlohmann::json& value);

// The fields that the writer of a new object owns: the differences between Go's object before
// decoding and the new object.
FieldSet CreatedFields(const Schema* schema, const nlohmann::json& object);

struct FieldChanges {
  FieldSet added, modified, removed;

  // The fields that the writer of the change comes to own.
  FieldSet Taken() const;
};

// `null_is_zero`: a null `before` stands for Go's object before decoding, in which members that are
// serialized even when unset already exist.
FieldChanges Compare(const Schema* schema, const nlohmann::json* before,
                     const nlohmann::json* after, bool null_is_zero);

}  // namespace kless::kubernetes
