#include "emulator/dynamodb/capacity.h"

#include <gtest/gtest.h>

#include "tests/emulator/dynamodb/service_fixture.h"

namespace kless::dynamodb {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(CapacityTest, UnitsAreBlocksOfFourAndOneKilobyte) {
  EXPECT_EQ(ReadUnits(0, Consistency::kEventual), 0.5);
  EXPECT_EQ(ReadUnits(4096, Consistency::kStrong), 1);
  EXPECT_EQ(ReadUnits(4097, Consistency::kStrong), 2);
  EXPECT_EQ(ReadUnits(4097, Consistency::kEventual), 1);
  EXPECT_EQ(ReadUnits(1, Consistency::kTransaction), 2);
  EXPECT_EQ(WriteUnits(0, false), 1);
  EXPECT_EQ(WriteUnits(1025, false), 2);
  EXPECT_EQ(WriteUnits(1025, true), 4);
}

TableRequest Provisioned(std::int64_t read, std::int64_t write) {
  TableRequest request = ServiceFixture::Request("music");
  request.billing.reset();
  request.throughput = Throughput{read, write};
  return request;
}

int WritesAdmitted(ServiceFixture& service, const TableState& table, int tries) {
  int admitted = 0;
  for (int i = 0; i < tries; ++i) {
    const auto written =
        service.Put(table, R"({"p":{"S":")" + std::to_string(i) + R"("},"c":{"N":"1"}})");
    if (written.has_value()) {
      ++admitted;
    } else {
      EXPECT_EQ(written.error().kind, FailureKind::kThroughputExceeded);
    }
  }
  return admitted;
}

TEST(CapacityTest, AProvisionedTableYieldsItsRateAndFiveMinutesOfBurst) {
  TestOptions options;
  options.throttling = true;
  ServiceFixture service(options);
  const TableState& table = service.Create(Provisioned(3, 3));
  EXPECT_EQ(WritesAdmitted(service, table, 50), 3);
  service.Sleep(seconds(2));
  EXPECT_EQ(WritesAdmitted(service, table, 50), 6);
  service.Sleep(minutes(30));
  EXPECT_EQ(WritesAdmitted(service, table, 1000), 900);
  EXPECT_EQ(service.capacity().StatsOf(table).write_throttles, 47u + 44u + 100u);
}

TEST(CapacityTest, AnOnDemandPartitionYieldsAThousandWritesASecond) {
  TestOptions options;
  options.throttling = true;
  ServiceFixture service(options);
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  int admitted = 0;
  for (int i = 0; i < 1500; ++i) {
    admitted += service.Put(table, R"({"p":{"S":"hot"},"c":{"N":")" + std::to_string(i) + "\"}}")
                    .has_value();
  }
  EXPECT_EQ(admitted, 1000);
}

TEST(CapacityTest, NothingIsThrottledWhileItIsOffAndAllIsCounted) {
  ServiceFixture service;
  const TableState& table = service.Create(Provisioned(1, 1));
  EXPECT_EQ(WritesAdmitted(service, table, 50), 50);
  EXPECT_EQ(service.capacity().StatsOf(table).consumed.table.write, 50);
}

}  // namespace
}  // namespace kless::dynamodb
