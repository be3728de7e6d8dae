// QueryForm: the parameters of a request of AWS's Query protocol, and their JSON text by a shape.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
//
//   Tags.member.1.Key=a, Tags.1.Key=a                 a list
//   Attribute.1.Name=DelaySeconds&Attribute.1.Value=5  a flattened map (see shape.h)
//   Attributes.entry.1.key=...&...entry.1.value=...    any other map
//
// Elements are in the order of their numbers, which may have gaps.  Parameters that the shape does
// not know are ignored, as AWS does.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "emulator/doors/aws/wire/aws_error.h"
#include "emulator/doors/aws/wire/shape.h"

namespace kless::doors::aws {

// More parameters than any operation has: ten messages with ten attributes of four parts.
constexpr std::size_t kFormParametersMax = 10'000;
// Levels of a name: "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue" has six.
constexpr std::size_t kFormLevelsMax = 32;

using FormParameters = std::map<std::string, std::string, std::less<>>;

// Reads "a=b&c=d" in application/x-www-form-urlencoded; the last of equal names counts.
// Errors: MalformedQueryString.
AwsResult<FormParameters> ParseForm(std::string_view body);

// The JSON text of a structure.  Numbers and booleans that are none stay strings, so that the
// validator refuses them.  Errors: MalformedQueryString.
AwsResult<std::string> FormToJson(const Shape& input, const FormParameters& parameters);

}  // namespace kless::doors::aws
