// Costs: the cost of a run at list price in AWS's us-east-1, in US dollars.  Pure functions.
//
// Serverless: Lambda requests and GB-seconds, DynamoDB request units; when idle, storage and
// provisioned concurrency are billed.  Classic: the control plane by the hour, whether used or not,
// as managed EKS, or on three self-managed nodes.  The nodes that run the pods are not included,
// since both need them.
//
// Not counted: free tiers, taxes, logs, data transfer, disks of the three nodes, and DynamoDB's 100
// bytes of overhead per stored item.  Reading the change feed is free for Lambda's event source
// mappings
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CostOptimization_StreamsUsage.html).
//
// Each price names AWS's page for it; the values are as third parties quoted these pages by
// 2026-11.
#pragma once

#include <optional>

#include "emulator/experiment/measures/run_result.h"

namespace kless::experiment {

// https://aws.amazon.com/lambda/pricing/ (2026-11): $0.20 per million requests, $0.0000166667 per
// GB-second on x86, first tier.  Every invocation that began is a request; its billed time is that
// of the invocation log.
constexpr double kLambdaUsdPerRequest = 0.20 / 1e6;
constexpr double kLambdaUsdPerGbSecond = 0.0000166667;
// The same page (2026-11), provisioned concurrency on x86: $0.0000041667 per GB-second as long as
// it is configured, used or not; an invocation that it serves costs $0.0000097222 per GB-second.
constexpr double kProvisionedUsdPerGbSecond = 0.0000041667;
constexpr double kProvisionedUsdPerGbSecondOfUse = 0.0000097222;
// https://aws.amazon.com/dynamodb/pricing/on-demand/ (2026-11; in force since 2024-11): $0.625 per
// million write request units (1 KB each), $0.125 per million read request units (4 KB, strongly
// consistent), $0.25 per GB and month.
constexpr double kDynamoUsdPerWriteUnit = 0.625 / 1e6;
constexpr double kDynamoUsdPerReadUnit = 0.125 / 1e6;
constexpr double kDynamoUsdPerGbMonth = 0.25;
// https://aws.amazon.com/eks/pricing/ (2026-11): $0.10 per cluster and hour, standard support.
constexpr double kEksUsdPerHour = 0.10;
// Assumption: a self-managed control plane is three nodes, which etcd needs to survive one failure,
// with 2 vCPU and 8 GB each, the size in etcd's hardware guide for a small cluster
// (https://etcd.io/docs/v3.5/op-guide/hardware/). m5.large, Linux, on demand: $0.096 per hour
// (https://aws.amazon.com/ec2/pricing/on-demand/, 2026-11).
constexpr int kOwnControlPlaneNodes = 3;
constexpr double kNodeUsdPerHour = 0.096;
constexpr double kOwnControlPlaneUsdPerHour = kOwnControlPlaneNodes * kNodeUsdPerHour;
constexpr double kHoursPerMonth = 730;                // AWS's month: 365 days / 12
constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;  // AWS's GB, for memory, too

struct ServerlessCosts {
  // Costs of the run.
  double requests_usd = 0, compute_usd = 0;  // Lambda
  double provisioned_usd = 0;                // Lambda: concurrency kept ready during the run
  double writes_usd = 0, reads_usd = 0;      // DynamoDB
  // Costs when idle: of the data that the run left, and of the concurrency kept ready.
  double storage_usd_per_month = 0, provisioned_usd_per_month = 0;
  // Costs that grow with the number of requests.
  double use_usd() const { return requests_usd + compute_usd + writes_usd + reads_usd; }
  double total_usd() const { return use_usd() + provisioned_usd; }
  double idle_usd_per_month() const { return storage_usd_per_month + provisioned_usd_per_month; }
};
// nullopt without invocations, or without the counts "store_reads" and "store_writes".
std::optional<ServerlessCosts> MeasureServerlessCosts(const RunResult& run);

// Whether the run had no functions.
bool IsClassic(const RunResult& run);

// The number of units, at `usd_each` on the serverless plane, per hour at which that plane,
// including what it costs when idle, costs as much as one at `usd_per_hour`.  0: idle it costs more
// already.  nullopt if a unit costs nothing.
std::optional<double> BreakEvenPerHour(double usd_each, double idle_usd_per_month,
                                       double usd_per_hour);

}  // namespace kless::experiment
