// The one validator of inputs: types first, in the order of the document, then constraints, in the
// order of the shape's members.  Texts and order are AWS's, as dynalite's suite has them; those
// that changed in 2026 are from https://github.com/paritysuite/dynamodb-conformance.
#pragma once

#include <simdjson.h>

#include "emulator/doors/aws/wire/aws_error.h"
#include "emulator/doors/aws/wire/shape.h"

namespace kless::doors::aws {

// The most constraint errors that one reply names.
constexpr int kConstraintErrorsMax = 10;

// Members that the shape does not know are ignored, and so are members that are null.  Of equal
// names the last one counts.  Errors: SerializationException for a wrong type,
// ValidationException for constraints.  `java_package` is part of some texts:
// "com.amazonaws.dynamodb.v20120810".  `older_texts`: those from before 2026.
AwsResult<void> Validate(const Shape& input, simdjson::dom::element body,
                         const std::string& java_package, bool older_texts = false);

}  // namespace kless::doors::aws
