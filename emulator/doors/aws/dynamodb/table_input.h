// The inputs of CreateTable and UpdateTable as the catalog takes them.
#pragma once

#include "emulator/doors/aws/wire/aws_error.h"
#include "emulator/doors/aws/wire/input.h"
#include "emulator/dynamodb/catalog.h"

namespace kless::doors::aws {

// Refuse what kless does not support, such as replicas, rather than to ignore it.
AwsResult<dynamodb::TableRequest> ReadTableRequest(const Input& input);
AwsResult<dynamodb::TableUpdate> ReadTableUpdate(const Input& input);

}  // namespace kless::doors::aws
