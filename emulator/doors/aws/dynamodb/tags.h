// Tags of requests.
//
// A key has 1 to 128 characters, a value up to 256; both hold letters, spaces and digits of any
// script and + - = . _ : / @.  Keys that begin with "aws:" are AWS's own.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html
#pragma once

#include <map>
#include <string>
#include <vector>

#include "emulator/doors/aws/wire/aws_error.h"
#include "emulator/doors/aws/wire/input.h"

namespace kless::doors::aws {

// The member Tags; an absent one is an empty one.
AwsResult<std::map<std::string, std::string>> ReadTags(const Input& input);
// The member TagKeys.
AwsResult<std::vector<std::string>> ReadTagKeys(const Input& input);

}  // namespace kless::doors::aws
