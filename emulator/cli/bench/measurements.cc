#include "emulator/cli/bench/measurements.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/cli/bench/daemon_process.h"
#include "emulator/cli/bench/doors.h"
#include "emulator/cli/bench/dynamodb.h"
#include "emulator/cli/http_client.h"
#include "emulator/emulator.h"

namespace kless::cli {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

bool AnswersHealth(const std::string& endpoint) {
  auto client = HttpClient::Create(endpoint);
  if (client.has_error()) return false;
  const auto reply = client->Send("GET", "/kless/v1/health");
  return reply.has_value() && reply->status == 200;
}

Config BenchConfig(const std::string& folder) {
  Config config;
  config.data_directory = folder;
  config.store.path = folder + "/kless.db";
  config.seed = 1;
  return config;
}

std::string Document(Random& random, std::size_t size) {
  std::string text = R"({"apiVersion":"v1","kind":"ConfigMap","data":{"random":")";
  while (text.size() + 3 < size) text += random.NameSuffix(16);
  return text + R"("}})";
}

// --- start and idle -----------------------------------------------------------------------------

std::vector<BenchLine> MeasureStart() {
  constexpr int kRuns = 11;
  std::vector<double> walls;
  double resident = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto start = std::chrono::steady_clock::now();
    const DaemonProcess daemon({"--loops", "job", "--nodes", "0"});
    if (!AnswersHealth(daemon.endpoint())) continue;
    walls.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
    resident = std::max(resident, daemon.ResidentMegabytes());
  }
  if (walls.empty()) throw std::runtime_error("the daemon did not start");
  std::sort(walls.begin(), walls.end());
  const double median = walls[walls.size() / 2];
  return {{"process start to first answer", "15 ms", Number(median, 1) + " ms", median <= 15, ""},
          {"resident memory when idle", "20 MB", Number(resident, 1) + " MB", resident <= 20, ""}};
}

// --- store --------------------------------------------------------------------------------------

struct StoreWriter {
  StoreWriter(const std::string& folder, int items)
      : context(1), event_loop(context), random(7, "bench"), items(items) {
    StoreOptions options;
    options.path = folder + "/kless.db";
    store = std::move(Store::Open(event_loop, options).value());
  }

  void Write(int count) {
    for (int i = 0; i < count; ++i) {
      const ResourceId id{
          "configmap",
          "default/" + std::to_string(random.Below(static_cast<std::uint64_t>(items)))};
      store->resources().Put(id, Document(random, 1500), Condition::None()).value();
      if (i % 64 == 63) store->EndTurn();
    }
    store->EndTurn();
  }

  asio::io_context context;
  VirtualEventLoop event_loop;
  std::unique_ptr<Store> store;
  Random random;
  int items;
};

std::vector<BenchLine> MeasureWrites() {
  TemporaryFolder folder;
  StoreWriter writer(folder.path(), 100'000);
  writer.Write(20'000);
  constexpr int kWrites = 100'000;
  // The cost of building the documents does not belong to the store.
  Random random(7, "documents");
  const double before_documents = CpuSeconds();
  std::size_t bytes = 0;
  for (int i = 0; i < kWrites; ++i) bytes += Document(random, 1500).size();
  const double documents = CpuSeconds() - before_documents;
  if (bytes == 0) throw std::runtime_error("no documents");
  const double before = CpuSeconds();
  const auto start = std::chrono::steady_clock::now();
  writer.Write(kWrites);
  const double cpu = (CpuSeconds() - before - documents) / kWrites * 1e6;
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {{"store write, 1.5 KB, random key, 64 a commit", "30 us CPU", Number(cpu, 1) + " us CPU",
           cpu <= 30, Number(kWrites / wall, 0) + " writes/s on the wall"}};
}

std::vector<BenchLine> MeasureMemory() {
  TemporaryFolder folder;
  StoreWriter writer(folder.path(), 100'000);
  writer.Write(200'000);
  const double early = ResidentMegabytesOf(getpid());
  writer.Write(800'000);
  const double late = ResidentMegabytesOf(getpid());
  return {{"resident memory after 1,000,000 writes against 200,000", "1.10 x",
           Number(late / early, 2) + " x", late <= 1.1 * early,
           Number(early, 1) + " MB, then " + Number(late, 1) + " MB"}};
}

// --- jobs ---------------------------------------------------------------------------------------

struct RealTimeEmulator {
  RealTimeEmulator() : context(1), event_loop(context) {
    emulator = std::move(Emulator::Create(event_loop, BenchConfig(folder.path())).value());
  }
  // Runs `task` to its end.
  void Run(Task<> task) {
    Spawn(event_loop, "bench", RunAndStop(std::move(task)));
    event_loop.Run();
    if (!failure.empty()) throw std::runtime_error(failure);
  }
  Task<> RunAndStop(Task<> task) {
    try {
      co_await std::move(task);
    } catch (const std::exception& error) {
      failure = error.what();
    }
    event_loop.Stop();
  }

  TemporaryFolder folder;
  asio::io_context context;
  RealEventLoop event_loop;
  std::unique_ptr<Emulator> emulator;
  std::string failure;
};

HttpRequest PostJob(const std::string& name, int pods) {
  const json job = {
      {"apiVersion", "batch/v1"},
      {"kind", "Job"},
      {"metadata", {{"name", name}}},
      {"spec",
       {{"parallelism", pods},
        {"completions", pods},
        {"template",
         {{"spec",
           {{"restartPolicy", "Never"},
            {"containers", json::array({{{"name", "main"}, {"image", "busybox:1.36"}}})}}}}}}}};
  HttpRequest request;
  request.method = "POST";
  request.path = "/apis/batch/v1/namespaces/default/jobs";
  request.headers["content-type"] = "application/json";
  request.body = DumpJson(job);
  return request;
}

// Submits a job and waits until the records of all its pods are committed.
Task<> SubmitAndCount(RealTimeEmulator* world, std::string name, int pods, Duration* took) {
  ChangeFeed& feed = world->emulator->store().feed();
  std::uint64_t position = feed.Latest();
  const TimePoint start = world->event_loop.Now();
  const HttpResponse response = co_await world->emulator->router().Dispatch(PostJob(name, pods));
  if (response.status != 201) throw std::runtime_error(response.body);
  int seen = 0;
  while (seen < pods) {
    co_await feed.WaitBeyond(position, std::nullopt);
    const auto records = feed.Read(position, 1000);
    for (const RecordPtr& record : records.value()) {
      position = record->sequence;
      const ResourceId id = world->emulator->store().resources().IdOf(record->key);
      if (record->type == ChangeType::kInsert && id.type == "pod") ++seen;
    }
  }
  *took = world->event_loop.Now() - start;
}

std::vector<BenchLine> MeasureJobs() {
  std::vector<BenchLine> lines;
  {
    RealTimeEmulator world;
    Duration took{};
    world.Run(SubmitAndCount(&world, "warm-up", 100, &took));
    std::vector<double> walls;
    const double before = CpuSeconds();
    constexpr int kRuns = 15;
    for (int run = 0; run < kRuns; ++run) {
      world.Run(SubmitAndCount(&world, "job" + std::to_string(run), 100, &took));
      walls.push_back(ToMilliseconds(took));
    }
    std::sort(walls.begin(), walls.end());
    const double median = walls[walls.size() / 2];
    lines.push_back({"one job of 100 pods", "15 ms", Number(median, 1) + " ms", median <= 15,
                     Number((CpuSeconds() - before) / kRuns * 1e3, 1) + " ms CPU a job"});
  }
  RealTimeEmulator world;
  Duration took{};
  const double before = CpuSeconds();
  world.Run(SubmitAndCount(&world, "big", 10'000, &took));
  const double rate = 10'000 / (ToMilliseconds(took) / 1e3);
  lines.push_back({"one job of 10,000 pods", "8000 pods/s", Number(rate, 0) + " pods/s",
                   rate >= 8000,
                   Number((CpuSeconds() - before) / 10'000 * 1e6, 0) + " us CPU a pod"});
  return lines;
}

// --- feed to function ---------------------------------------------------------------------------

Task<> WriteNow(RealTimeEmulator* world, Table* table, int count) {
  for (int i = 0; i < count; ++i) {
    Item item;
    item.key.partition = "item" + std::to_string(i % 97);
    item.attributes = R"({"n":{"N":")" + std::to_string(i) + R"("}})";
    table->Put(std::move(item), Condition::None()).value();
    co_await world->event_loop.SleepFor(std::chrono::microseconds(500));
  }
  co_await world->event_loop.SleepFor(milliseconds(50));
}

Task<Result<std::string>> NoteDelay(std::vector<double>* delays,
                                    std::shared_ptr<const FunctionEvent> event,
                                    std::shared_ptr<InvocationContext> context) {
  for (const RecordPtr& record : event->records) {
    delays->push_back(static_cast<double>(context->event_loop.UnixNanos() - record->unix_nanos) /
                      1e6);
  }
  co_return std::string("null");
}

std::vector<BenchLine> MeasureDelivery() {
  RealTimeEmulator world;
  TableDescription description;
  description.name = "bench";
  description.partition_key = "id";
  Store& store = world.emulator->store();
  Table* table = store.CreateTable(description).value();
  store.EndTurn();
  std::vector<double> delays;
  FunctionConfig function;
  function.name = "probe";
  const Handler probe = [&delays](std::shared_ptr<const FunctionEvent> event,
                                  std::shared_ptr<InvocationContext> context) {
    return NoteDelay(&delays, std::move(event), std::move(context));
  };
  FunctionPool& pool = world.emulator->pool();
  pool.Register(function, probe).value();
  EventSourceMappingConfig config;
  config.name = "probe";
  config.function = "probe";
  config.table = "bench";
  auto mapping = EventSourceMapping::Create(world.event_loop, store, pool, world.emulator->faults(),
                                            world.emulator->config().latency, config, 1);
  mapping.value()->Start();
  const double before = CpuSeconds();
  constexpr int kWrites = 4000;
  world.Run(WriteNow(&world, table, kWrites));
  const double cpu = (CpuSeconds() - before) / kWrites * 1e6;
  if (delays.size() < kWrites) throw std::runtime_error("records were not delivered");
  std::sort(delays.begin(), delays.end());
  const double p50 = delays[delays.size() / 2];
  const double p99 = delays[delays.size() * 99 / 100];
  mapping.value()->Stop(StopReason::kDisable);
  // Suspended pollers are destroyed while the mapping still exists.
  world.event_loop.DropAll();
  return {{"change record written to function running, p99", "2 ms", Number(p99, 2) + " ms",
           p99 < 2, "p50 " + Number(p50, 2) + " ms; " + Number(cpu, 0) + " us CPU a record"}};
}

// --- virtual time -------------------------------------------------------------------------------

std::string WriteName(int i) { return "default/item" + std::to_string(i); }

Task<Result<std::string>> WriteOnce(std::shared_ptr<const FunctionEvent> event,
                                    std::shared_ptr<InvocationContext> context) {
  const ResourceId id{"configmap", event->payload};
  std::string document = R"({"by":")" + context->request_id + R"("})";
  KLESS_CO_TRY_VOID(co_await context->store.Put(id, std::move(document), Condition::None()));
  co_return std::string("null");
}

Task<> InvokeAt(EventLoop* event_loop, FunctionPool* pool, Duration delay, std::string name) {
  co_await event_loop->SleepFor(delay);
  auto event = std::make_shared<FunctionEvent>();
  event->payload = std::move(name);
  const InvokeOptions options;
  const InvokeResult result = co_await pool->Invoke("write", std::move(event), options);
  if (result.payload.has_error()) throw std::runtime_error(result.payload.error().message);
}

// Invocations per CPU second.
double SimulateInvocations(Durability durability) {
  TemporaryFolder folder;
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  Config config = BenchConfig(folder.path());
  config.store.durability = durability;
  config.latency.store_write = Distribution::Constant(milliseconds(5));
  auto emulator = std::move(Emulator::Create(event_loop, config).value());
  FunctionConfig function;
  function.name = "write";
  function.init = Distribution::Constant(milliseconds(50));
  emulator->pool().Register(function, WriteOnce).value();
  constexpr int kInvocations = 50'000;
  const double before = CpuSeconds();
  for (int i = 0; i < kInvocations; ++i) {
    Spawn(event_loop, "bench",
          InvokeAt(&event_loop, &emulator->pool(), milliseconds(i), WriteName(i)));
  }
  event_loop.Run(TimePoint(milliseconds(kInvocations) + seconds(10)));
  if (event_loop.failed_tasks() != 0) throw std::runtime_error("invocations failed");
  return kInvocations / (CpuSeconds() - before);
}

std::vector<BenchLine> MeasureVirtual() {
  const double scratch = SimulateInvocations(Durability::kScratch);
  const double normal = SimulateInvocations(Durability::kNormal);
  const double memory = SimulateInvocations(Durability::kMemory);
  return {{"virtual time, invocations with one write each", "15000 a CPU second",
           Number(scratch, 0) + " a CPU second", scratch >= 15'000,
           "durability scratch; " + Number(normal, 0) +
               " with normal, where each instant is a commit of its own; " + Number(memory, 0) +
               " with memory"}};
}

}  // namespace

const std::vector<BenchMeasurement>& BenchMeasurements() {
  static const std::vector<BenchMeasurement> measurements = {
      {"start", MeasureStart},
      {"writes", MeasureWrites},
      {"jobs", MeasureJobs},
      {"delivery", MeasureDelivery},
      {"virtual", MeasureVirtual},
      {"memory", MeasureMemory},
      {"requests", MeasureRequests},
      {"watches", MeasureWatches},
      {"lists", MeasureLists},
      {"dynamodb", MeasureDynamoDb},
      {"dynamodb-scale", MeasureDynamoDbScale},
  };
  return measurements;
}

}  // namespace kless::cli
