#include "emulator/cli/bench/dynamodb.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "emulator/base/system/process.h"
#include "emulator/cli/bench/cost.h"
#include "emulator/cli/bench/daemon_process.h"
#include "emulator/cli/bench/load.h"

namespace kless::cli {
namespace {

using std::chrono::seconds;

constexpr int kDynamoDbConnections = 64;
constexpr int kItems = 10'000;
constexpr int kPartitionItems = 100;  // what a Query returns
constexpr int kQueries = 1'000;
constexpr int kSequentialPuts = 3'000;
constexpr const char* kTable = "bench";

// --- requests -----------------------------------------------------------------------------------

// No peer checks the signature, all want one.
std::string Request(std::string_view operation, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\n"
         "X-Amz-Target: DynamoDB_20120810." +
         std::string(operation) +
         "\r\nX-Amz-Date: 20261201T000000Z\r\n"
         "Authorization: AWS4-HMAC-SHA256 "
         "Credential=test/20261201/us-east-1/dynamodb/aws4_request, "
         "SignedHeaders=host;x-amz-date;x-amz-target, "
         "Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string CreateTableBody(const std::string& table, bool stream) {
  return R"({"TableName":")" + table +
         R"(","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[)"
         R"({"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"}],)"
         R"("KeySchema":[{"AttributeName":"p","KeyType":"HASH"},)"
         R"({"AttributeName":"s","KeyType":"RANGE"}])" +
         (stream ? R"(,"StreamSpecification":{"StreamEnabled":true,)"
                   R"("StreamViewType":"NEW_AND_OLD_IMAGES"})"
                 : "") +
         "}";
}

// Consecutive numbers are in different partitions; a partition has kPartitionItems items.
std::string KeyText(int i, int items) {
  const int partitions = std::max(1, items / kPartitionItems);
  return R"("p":{"S":"partition-)" + std::to_string(i % partitions) + R"("},"s":{"N":")" +
         std::to_string(i / partitions) + R"("})";
}

// 1.35 KB with its attributes.
std::string ItemText(int i, int items) {
  static const std::string text(1'100, 'x');
  return "{" + KeyText(i, items) + R"(,"number":{"N":")" + std::to_string(i) +
         R"("},"flag":{"BOOL":true},"tags":{"SS":["blue","green"]},)"
         R"("nested":{"M":{"list":{"L":[{"N":"1"},{"S":"two"},{"NULL":true}]}}},)"
         R"("text":{"S":")" +
         text + R"("}})";
}

std::string PutRequest(const std::string& table, int i, int items) {
  return Request("PutItem",
                 R"({"TableName":")" + table + R"(","Item":)" + ItemText(i, items) + "}");
}

std::string GetRequest(int i, int items) {
  return Request("GetItem", R"({"TableName":"bench","Key":{)" + KeyText(i, items) + "}}");
}

std::string QueryRequest(int i, int items) {
  const int partitions = std::max(1, items / kPartitionItems);
  return Request("Query", R"({"TableName":"bench","KeyConditionExpression":"p = :p",)"
                          R"("ExpressionAttributeValues":{":p":{"S":"partition-)" +
                              std::to_string(i % partitions) + R"("}}})");
}

std::string UpdateRequest(int i, int items) {
  return Request("UpdateItem", R"({"TableName":"bench","Key":{)" + KeyText(i, items) +
                                   R"(},"UpdateExpression":"ADD #n :one",)"
                                   R"("ExpressionAttributeNames":{"#n":"number"},)"
                                   R"("ExpressionAttributeValues":{":one":{"N":"1"}}})");
}

// Items first..first + 24.
std::string BatchRequest(int first, int items) {
  std::string body = R"({"RequestItems":{"bench":[)";
  for (int i = first; i < first + 25; ++i) {
    if (i != first) body += ",";
    body += R"({"PutRequest":{"Item":)" + ItemText(i, items) + "}}";
  }
  return Request("BatchWriteItem", body + "]}}");
}

// --- servers ------------------------------------------------------------------------------------

struct Costs {
  Cost put, get, query;
};

// Tables of the peers are ACTIVE after a moment.
template <class Server>
void CreateTable(const Server& server, const std::string& table, bool stream) {
  Exchange(server.port(), Request("CreateTable", CreateTableBody(table, stream)));
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::string description =
        Exchange(server.port(), Request("DescribeTable", R"({"TableName":")" + table + R"("})"));
    if (description.find(R"("TableStatus":"ACTIVE")") != std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  throw std::runtime_error("table " + table + " does not become ACTIVE");
}

template <class Server>
Costs CostsOf(const Server& server, bool stream, int items) {
  CreateTable(server, kTable, stream);
  Costs costs;
  costs.put = CostOf(server, kDynamoDbConnections, items,
                     [items](int i) { return PutRequest(kTable, i, items); });
  costs.get =
      CostOf(server, kDynamoDbConnections, items, [items](int i) { return GetRequest(i, items); });
  costs.query = CostOf(server, kDynamoDbConnections, std::min(items, kQueries),
                       [items](int i) { return QueryRequest(i, items); });
  return costs;
}

struct Peer {
  bool installed = false;
  Costs costs;
};

// dynalite has no streams.
Peer Dynalite() {
  const std::string program = FindProgram("dynalite");
  if (program.empty()) return {};
  constexpr int kPort = 23801;
  const ServerProcess server({program, "--host", "127.0.0.1", "--port", std::to_string(kPort),
                              "--createTableMs", "0", "--deleteTableMs", "0"},
                             kPort);
  return {true, CostsOf(server, false, kItems)};
}

Peer DynamoDbLocal() {
  const std::string java = FindProgram("java");
  const char* const jars = std::getenv("DYNAMODB_LOCAL");
  if (java.empty() || jars == nullptr) return {};
  constexpr int kPort = 23802;
  const TemporaryFolder folder;
  const std::string libraries = std::string(jars) + "/DynamoDBLocal_lib";
  const ServerProcess server(
      {java, "-Djava.library.path=" + libraries, "-jar", std::string(jars) + "/DynamoDBLocal.jar",
       "-port", std::to_string(kPort), "-dbPath", folder.path(), "-sharedDb"},
      kPort);
  std::this_thread::sleep_for(seconds(2));  // The port is open before it answers.
  // Slow on disk: a tenth of the requests.
  return {true, CostsOf(server, true, kItems / 10)};
}

std::string Rate(const Cost& cost) { return Number(cost.rate, 0) + "/s"; }

BenchLine CpuLine(const std::string& what, double budget, const Cost& cost, const Peer& dynalite,
                  const Peer& local, Cost Costs::*part) {
  std::string beside = Rate(cost);
  if (dynalite.installed) {
    const Cost& peer = dynalite.costs.*part;
    beside += "; dynalite " + Rate(peer) + ", " + Number(peer.cpu_micros, 0) + " us";
  }
  if (local.installed) {
    const Cost& peer = local.costs.*part;
    beside += "; DynamoDB Local " + Rate(peer) + ", " + Number(peer.cpu_micros, 0) + " us";
  }
  return {what, Number(budget, 0) + " us CPU", Number(cost.cpu_micros, 1) + " us CPU",
          cost.cpu_micros <= budget, beside};
}

BenchLine FactorLine(const std::string& what, double budget, const Cost& ours, const Peer& peer,
                     const char* missing) {
  if (!peer.installed) return {what, Number(budget, 0) + " x", missing, true, ""};
  const double factor = ours.rate / peer.costs.put.rate;
  return {what, Number(budget, 0) + " x", Number(factor, 1) + " x", factor >= budget,
          Rate(ours) + " against " + Rate(peer.costs.put)};
}

// A put of a resource that no loop acts on.
std::string ResourcePut(int i) {
  return Request("PutItem", R"({"TableName":"resources","Item":{"resource-type":{"S":"thing"},)"
                            R"("resource-name":{"S":"default/thing-)" +
                                std::to_string(i) + R"("},"resource-value":{"S":"{\"text\":\")" +
                                std::string(1'300, 'x') + R"(\"}"}}})");
}

// Puts on one connection, each after the response to the one before; the best of three runs.
double SequentialSeconds(const DaemonProcess& daemon) {
  constexpr int kRuns = 3;
  double best = 1e9;
  for (int run = 0; run < kRuns; ++run) {
    const Cost cost = CostOf(daemon, 1, kSequentialPuts,
                             [&](int i) { return ResourcePut(run * kSequentialPuts + i); });
    best = std::min(best, kSequentialPuts / cost.rate);
  }
  return best;
}

void Fill(const DaemonProcess& daemon, int items) {
  SendAll(daemon.port(), kDynamoDbConnections, items / 25,
          [items](int i) { return BatchRequest(i * 25, items); });
}

}  // namespace

std::vector<BenchLine> MeasureDynamoDb() {
  Costs costs;
  {
    const DaemonProcess daemon(QuietFlags());
    costs = CostsOf(daemon, true, kItems);
  }
  Costs in_memory;
  {
    std::vector<std::string> flags = QuietFlags();
    flags.insert(flags.end(), {"--durability", "memory"});
    const DaemonProcess daemon(flags);
    in_memory = CostsOf(daemon, true, kItems);
  }
  const Peer dynalite = Dynalite();
  const Peer local = DynamoDbLocal();
  std::vector<BenchLine> lines = {
      CpuLine("PutItem of 1.35 KB, 64 connections, stream on", 39, costs.put, dynalite, local,
              &Costs::put),
      FactorLine("... against dynalite in memory", 4, in_memory.put, dynalite,
                 "no dynalite in PATH"),
      FactorLine("... against DynamoDB Local on disk", 40, costs.put, local,
                 "no java, or no DYNAMODB_LOCAL"),
      CpuLine("GetItem of 1.35 KB", 27, costs.get, dynalite, local, &Costs::get),
      CpuLine("Query of 100 items of 1.35 KB", 200, costs.query, dynalite, local, &Costs::query)};

  double without = 0;
  double with = 0;
  {
    const DaemonProcess daemon(QuietFlags());
    without = SequentialSeconds(daemon);
  }
  {
    const DaemonProcess daemon({"--loops", "job", "--nodes", "0"});
    with = SequentialSeconds(daemon);
  }
  lines.push_back({"3,000 puts, one connection, with a mapping", "1.3 x",
                   Number(with / without, 2) + " x", with <= 1.3 * without,
                   Number(without, 2) + " s without, " + Number(with, 2) + " s with"});
  return lines;
}

std::vector<BenchLine> MeasureDynamoDbScale() {
  constexpr int kFew = 1'000;
  constexpr int kMany = 1'000'000;
  constexpr int kScaleRequests = 5'000;
  struct Operation {
    const char* name;
    std::string (*request)(int, int);
    int requests;
  };
  const Operation operations[] = {
      {"GetItem", GetRequest, kScaleRequests},
      {"Query of 100 items", QueryRequest, kQueries},
      {"UpdateItem", UpdateRequest, kScaleRequests},
      {"PutItem", [](int i, int items) { return PutRequest(kTable, i, items); }, kScaleRequests}};
  const DaemonProcess few(QuietFlags());
  const DaemonProcess many(QuietFlags());
  CreateTable(few, kTable, true);
  CreateTable(many, kTable, true);
  Fill(few, kFew);
  Fill(many, kMany);
  std::vector<BenchLine> lines;
  for (const Operation& operation : operations) {
    // On one connection, since an operation's time is that from its request to its reply.
    const auto cost = [&operation](const DaemonProcess& daemon, int items) {
      return CostOf(daemon, 1, operation.requests, [&operation, items](int i) {
        // Spread over all partitions.
        return operation.request(static_cast<int>(i * 7'919LL % items), items);
      });
    };
    const Cost small = cost(few, kFew);
    const Cost large = cost(many, kMany);
    const double factor = small.rate / large.rate;
    lines.push_back({std::string(operation.name) + ", 1,000,000 items against 1,000", "2.0 x",
                     Number(factor, 2) + " x", factor <= 2,
                     Number(1e6 / small.rate, 0) + " us, then " + Number(1e6 / large.rate, 0) +
                         " us; of CPU " + Number(small.cpu_micros, 0) + " us, then " +
                         Number(large.cpu_micros, 0) + " us"});
  }
  lines.push_back({"resident memory with 1,000,000 items of 1.35 KB", "300 MB",
                   Number(many.ResidentMegabytes(), 0) + " MB", many.ResidentMegabytes() <= 300,
                   Number(few.ResidentMegabytes(), 0) + " MB with 1,000"});
  return lines;
}

}  // namespace kless::cli
