// Measurements of the DynamoDB door, with those of dynalite and DynamoDB Local where they are
// installed: `dynalite` and `java` in PATH, the folder of DynamoDBLocal.jar in DYNAMODB_LOCAL.
#pragma once

#include <vector>

#include "emulator/cli/bench/measurements.h"

namespace kless::cli {

// Puts, gets and queries over 64 connections; puts one after another with and without a mapping.
std::vector<BenchLine> MeasureDynamoDb();
// The same operations at 1,000,000 items against 1,000.
std::vector<BenchLine> MeasureDynamoDbScale();

}  // namespace kless::cli
