#include "emulator/emulator.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <set>

#include "emulator/base/loop/event.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/log.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/control_planes/timer_service.h"
#include "emulator/doors/admin/door.h"
#include "emulator/doors/admin/metrics.h"
#include "emulator/doors/aws/door.h"
#include "emulator/doors/aws/dynamodb/operations.h"
#include "emulator/doors/aws/lambda/context.h"
#include "emulator/doors/aws/lambda/invoke.h"
#include "emulator/doors/aws/lambda/operations.h"
#include "emulator/doors/aws/logs/operations.h"
#include "emulator/doors/aws/sqs/operations.h"
#include "emulator/doors/aws/streams/operations.h"
#include "emulator/doors/http/caller.h"
#include "emulator/doors/kubernetes/door.h"
#include "emulator/dynamodb/service.h"
#include "emulator/lambda/functions.h"
#include "emulator/lambda/mappings.h"
#include "emulator/logs/log_store.h"
#include "emulator/processes/process_functions.h"
#include "emulator/settings.h"
#include "emulator/sqs/queues.h"
#include "emulator/table_streams.h"
#include "functions/pool/user/user_functions.h"
#include "store/saved_date.h"

namespace kless {

namespace {

constexpr const char* kBootsValue = "boots";
// Trims by age and count, also the invocation log, in real time only: a virtual run ends when no
// timer is left.
constexpr Duration kHousekeepingPeriod = std::chrono::seconds(5);
constexpr std::uint64_t kTrimRecords = 20'000;

PoolOptions MakePoolOptions(const Config& config, std::uint64_t seed, Telemetry* telemetry) {
  PoolOptions options;
  options.account_concurrency = config.account_concurrency;
  options.seed = seed;
  options.keep_alive_policy = config.keep_alive_policy;
  options.keep_alive_memory_mb = config.keep_alive_memory_mb;
  options.telemetry = telemetry;
  return options;
}

dynamodb::ServiceOptions MakeServiceOptions(const AwsConfig& config,
                                            const LatencyProfile& latency) {
  dynamodb::ServiceOptions options;
  options.catalog.scope = {config.account, config.region};
  options.catalog.isolate = config.isolate;
  options.catalog.create_delay = config.table_delay;
  options.throttling = config.throttling;
  options.catalog.ttl_interval = config.ttl_interval;
  options.index_lag = config.index_lag > Duration::zero() ? Distribution::Constant(config.index_lag)
                                                          : latency.index_lag;
  options.transaction_time = config.transaction_time;
  options.ttl_delay = config.ttl_delay;
  return options;
}

std::uint64_t LoadBoots(const Store& store) {
  const auto text = store.LoadValue(kBootsValue);
  return text ? ParseUnsigned(*text).value_or(0) : 0;
}

// A restart on the same file must never draw the same uid or request id again, seeded or not.
std::uint64_t CountBoot(Store& store, std::uint64_t seed) {
  const std::uint64_t boots = LoadBoots(store);
  store.SaveValue(kBootsValue, std::to_string(boots + 1));
  return boots == 0 ? seed : HashBytes("boot " + std::to_string(boots), seed);
}

// Returns the names that a user function must not have: another start may run that loop, and the
// other words have a different meaning among the settings of functions.
std::set<std::string> ReservedNames() {
  std::set<std::string> names = control_planes::LoopFunctionNames();
  names.insert({"default", "account_concurrency", "keep_alive_policy", "keep_alive_memory_mb"});
  return names;
}

// Returns the settings given as functions.NAME, and for a new function as functions.default.  Those
// of the latency profile apply only to control loops.
FunctionTexts TextsOfUserFunction(const Config& config, const std::string& name, bool is_new) {
  FunctionTexts texts;
  const auto own = config.functions.find(name);
  if (own != config.functions.end()) texts = own->second;
  if (!is_new) return texts;
  constexpr std::string_view kDefaults = "functions.default.";
  for (const auto& [path, text] : config.given) {
    if (path.starts_with(kDefaults)) texts.emplace(path.substr(kDefaults.size()), text);
  }
  return texts;
}

// Warns of names without a function: it may be created later, or the name is misspelt.
void WarnOfUnknownFunctions(const Config& config, const UserFunctions& functions) {
  for (const auto& [name, texts] : config.functions) {
    if (control_planes::LoopFunctionNames().contains(name) || functions.Find(name) != nullptr) {
      continue;
    }
    Log(LogLevel::kWarning, "functions",
        "the settings functions." + name + " wait for a function of this name: it is not a " +
            "control loop's, and none was created yet (kless function create " + name + ")");
  }
}

void WarnOfUserFunctions(const Store& store) {
  std::string names;
  for (const std::string& name : UserFunctions::StoredNames(store)) {
    names += (names.empty() ? "" : ", ") + name;
  }
  if (names.empty()) return;
  Log(LogLevel::kWarning, "functions",
      "user functions run in real time only and are left out here: " + names);
}

}  // namespace

// Members are in the order of their dependencies.
struct Emulator::Parts {
  Parts(EventLoop& event_loop, Config config, std::unique_ptr<Store> store, std::uint64_t seed,
        Telemetry* telemetry)
      : event_loop(event_loop),
        config(std::move(config)),
        seed(seed),
        store(std::move(store)),
        dynamodb(event_loop, *this->store,
                 MakeServiceOptions(this->config.aws, this->config.latency), seed),
        queues(event_loop, *this->store, seed),
        logs(event_loop, *this->store, seed),
        faults(seed),
        pool(event_loop, *this->store, this->config.latency, faults,
             MakePoolOptions(this->config, seed, telemetry)),
        kubernetes_door(event_loop, *this->store, seed),
        admin_door(event_loop, dynamic_cast<RealEventLoop*>(&event_loop), *this->store, pool,
                   mappings, faults),
        dynamodb_context(
            dynamodb, this->config.aws.texts_of_2026 ? ErrorTexts::kCurrent : ErrorTexts::kOlder),
        logs_context(event_loop, logs),
        sqs_context(event_loop, queues, this->config.tls ? "https" : "http"),
        aws_door({this->config.aws.account, this->config.aws.region}, seed),
        metrics(event_loop, *this->store, pool, mappings),
        urls(event_loop),
        processes(event_loop) {
    admin_door.SetDynamoDb(&dynamodb);
    metrics.SetDynamoDb(&dynamodb);
    if (dynamic_cast<RealEventLoop*>(&event_loop) == nullptr) {
      WarnOfUserFunctions(*this->store);
      return;
    }
    const UserFunctions::Context world{event_loop, *this->store,           pool,
                                       faults,     this->config.latency,   mappings,
                                       urls,       TableStreams(dynamodb), &processes};
    user_functions = std::make_unique<UserFunctions>(
        world, seed, telemetry, ReservedNames(), [this](const std::string& name, bool is_new) {
          return TextsOfUserFunction(this->config, name, is_new);
        });
    admin_door.SetUserFunctions(user_functions.get());
    lambda_functions = std::make_unique<lambda::Functions>(
        lambda::Functions::Context{event_loop, *this->store, pool, processes, logs}, seed);
    lambda_mappings = std::make_unique<lambda::Mappings>(
        lambda::Mappings::Context{event_loop, *this->store, pool, faults, this->config.latency,
                                  mappings, dynamodb, queues, *lambda_functions,
                                  TableStreams(dynamodb)},
        seed, telemetry);
    lambda_context = std::make_unique<doors::aws::LambdaContext>(
        doors::aws::LambdaContext{event_loop, pool, *lambda_functions, *lambda_mappings});
  }

  void KeepHouse() {
    const auto* const clock = dynamic_cast<RealEventLoop*>(&event_loop);
    // At speed 1 the saved date stays true by itself.
    if (clock->paused() || clock->speed() != 1) SaveDate(*store, *clock);
    dynamodb.Clean();
    store->Trim(kTrimRecords);
    store->invocations().Trim(1'000'000);
    KeepHouseLater();
  }
  void KeepHouseLater() {
    housekeeping.expires_after(kHousekeepingPeriod);
    housekeeping.async_wait([this](boost::system::error_code error) {
      if (!error) KeepHouse();
    });
  }

  EventLoop& event_loop;
  const Config config;
  const std::uint64_t seed;
  std::unique_ptr<Store> store;
  dynamodb::Service dynamodb;
  sqs::Queues queues;
  logs::LogStore logs;
  Faults faults;
  FunctionPool pool;
  EventSourceMappings mappings;
  std::unique_ptr<control_planes::TimerService> timers;
  std::unique_ptr<control_planes::ControllerManager> controller_manager;
  std::unique_ptr<data_plane::DataPlane> data_plane;
  doors::KubernetesDoor kubernetes_door;
  doors::AdminDoor admin_door;
  doors::aws::DynamoDbContext dynamodb_context;
  doors::aws::LogsContext logs_context;
  doors::aws::SqsContext sqs_context;
  doors::AwsDoor aws_door;
  doors::Metrics metrics;
  HttpCaller urls;
  processes::ProcessFunctions processes;
  // Null in virtual time, as programs know no virtual clock.
  std::unique_ptr<UserFunctions> user_functions;
  std::unique_ptr<lambda::Functions> lambda_functions;
  std::unique_ptr<lambda::Mappings> lambda_mappings;
  std::unique_ptr<doors::aws::LambdaContext> lambda_context;
  Router router;
  asio::steady_timer housekeeping{event_loop.context()};
};

Emulator::Emulator() = default;

Emulator::~Emulator() {
  // Suspended coroutines are destroyed first, while everything they refer to still exists.
  if (parts_) parts_->event_loop.DropAll();
}

Result<std::unique_ptr<Emulator>> Emulator::Create(EventLoop& event_loop, Config config,
                                                   Telemetry* telemetry) {
  KLESS_TRY(auto store, Store::Open(event_loop, config.store));
  RestoreDate(event_loop, *store);
  const std::uint64_t seed = CountBoot(*store, config.seed.value_or(EntropySeed()));

  std::unique_ptr<Emulator> emulator(new Emulator());
  emulator->parts_ =
      std::make_unique<Parts>(event_loop, std::move(config), std::move(store), seed, telemetry);
  Parts& world = *emulator->parts_;

  if (world.config.control_plane == ControlPlane::kClassic) {
    world.controller_manager = std::make_unique<control_planes::ControllerManager>(
        event_loop, *world.store, world.config.latency, telemetry, seed, world.config.loops);
    world.admin_door.SetControllerManager(world.controller_manager.get());
  } else {
    control_planes::ServerlessOptions options;
    options.loops = world.config.loops;
    options.settings = [&world](const std::string& function) {
      return SettingsOfFunction(world.config, function);
    };
    options.reserves_scheduler = !GivesSchedulerReservation(world.config);
    KLESS_TRY_VOID(control_planes::AddLoopFunctions(event_loop, *world.store, world.pool,
                                                    world.faults, world.config.latency, options,
                                                    seed, telemetry, &world.mappings));
    world.timers = std::make_unique<control_planes::TimerService>(
        event_loop, *world.store, world.pool, world.config.latency, seed);
    world.admin_door.SetTimers(world.timers.get());
  }
  if (world.config.data_plane.nodes > 0) {
    world.data_plane = std::make_unique<data_plane::DataPlane>(event_loop, *world.store,
                                                               world.config.data_plane, seed);
    world.admin_door.SetDataPlane(world.data_plane.get());
  }
  KLESS_TRY_VOID(world.kubernetes_door.Bootstrap());
  if (world.user_functions) {
    world.user_functions->Load();
    WarnOfUnknownFunctions(world.config, *world.user_functions);
    world.lambda_functions->Load();
    world.lambda_mappings->Load();
  }
  world.store->EndTurn();

  doors::DaemonFacts facts;
  facts.control_plane = ControlPlaneName(world.config.control_plane);
  facts.latency = world.config.latency.name;
  facts.loops = world.config.loops;
  facts.seed = seed;
  facts.boots = emulator->boots();
  facts.durability = DurabilityName(world.config.store.durability);
  if (world.config.store.durability != Durability::kMemory) {
    facts.data_file = world.config.store.path;
  }
  world.admin_door.SetFacts(std::move(facts));

  world.kubernetes_door.Register(world.router);
  world.admin_door.Register(world.router);
  world.metrics.Register(world.router);
  world.aws_door.Add(doors::aws::MakeDynamoDbService(world.dynamodb_context));
  world.aws_door.Add(doors::aws::MakeStreamsService(world.dynamodb_context));
  world.aws_door.Add(doors::aws::MakeLogsService(world.logs_context));
  world.aws_door.Add(doors::aws::MakeSqsService(world.sqs_context));
  world.aws_door.NoteWriters(*world.store, world.pool.writers());
  if (world.lambda_context) {
    doors::aws::LambdaContext& context = *world.lambda_context;
    world.aws_door.Add(doors::aws::MakeLambdaService(context), doors::aws::LambdaRoutes());
    world.aws_door.AddBlob(
        "Lambda", "POST", "/2015-03-31/functions/{FunctionName}/invocations",
        [&context](doors::aws::RestJson& protocol, HttpRequest request, doors::aws::Caller caller) {
          return doors::aws::InvokeFunction(context, protocol, std::move(request),
                                            std::move(caller));
        });
    doors::aws::RegisterLambdaCode(world.router, context);
  }
  world.aws_door.Register(world.router);
  for (auto& [name, mapping] : world.mappings) mapping->Start();
  if (world.timers) world.timers->Start();
  if (world.controller_manager) world.controller_manager->Start();
  if (world.data_plane) world.data_plane->Start();
  world.kubernetes_door.Start();
  world.dynamodb.ttl().Start();
  if (dynamic_cast<RealEventLoop*>(&event_loop) != nullptr) {
    world.KeepHouseLater();
  }
  return emulator;
}

Router& Emulator::router() { return parts_->router; }
doors::HttpMetrics& Emulator::http_metrics() { return parts_->metrics.http(); }
Store& Emulator::store() { return *parts_->store; }
FunctionPool& Emulator::pool() { return parts_->pool; }
Faults& Emulator::faults() { return parts_->faults; }
EventSourceMappings& Emulator::mappings() { return parts_->mappings; }
control_planes::ControllerManager* Emulator::controller_manager() {
  return parts_->controller_manager.get();
}
data_plane::DataPlane* Emulator::data_plane() { return parts_->data_plane.get(); }
const Config& Emulator::config() const { return parts_->config; }
std::uint64_t Emulator::seed() const { return parts_->seed; }
std::uint64_t Emulator::boots() const { return LoadBoots(*parts_->store); }

void Emulator::SetEndpoint(std::map<std::string, std::string> variables) {
  if (parts_->user_functions) parts_->user_functions->SetEndpoint(std::move(variables));
}

bool Emulator::Idle() const {
  return (!parts_->controller_manager || parts_->controller_manager->Idle()) &&
         (!parts_->timers || parts_->timers->Idle()) &&
         (!parts_->data_plane || parts_->data_plane->Idle()) && parts_->pool.Idle() &&
         parts_->dynamodb.Idle() &&
         std::all_of(parts_->mappings.begin(), parts_->mappings.end(),
                     [](const auto& mapping) { return mapping.second->Idle(); });
}

bool Emulator::AtRest() const {
  return Idle() && (!parts_->timers || parts_->timers->AtRest()) &&
         (!parts_->controller_manager || parts_->controller_manager->AtRest()) &&
         (!parts_->data_plane || parts_->data_plane->AtRest());
}

Task<> Emulator::Drain(TimePoint deadline) {
  if (parts_->timers) parts_->timers->Stop();
  if (parts_->data_plane) parts_->data_plane->Stop();
  for (auto& [name, mapping] : parts_->mappings) mapping->Stop(StopReason::kDisable);
  while (!parts_->pool.Idle() && parts_->event_loop.Now() < deadline) {
    co_await parts_->pool.changed().Wait(deadline);
  }
  control_planes::ControllerManager* const manager = parts_->controller_manager.get();
  if (manager == nullptr) co_return;
  manager->Stop();
  while (!manager->Quiet() && parts_->event_loop.Now() < deadline) {
    co_await manager->changed().Wait(deadline);
  }
}

}  // namespace kless
