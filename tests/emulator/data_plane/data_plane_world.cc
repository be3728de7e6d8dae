#include "tests/emulator/data_plane/data_plane_world.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "store/item/resource_fields.h"

namespace kless::data_plane {
namespace {

std::string NameOf(const json& object) {
  const json& metadata = object["metadata"];
  const std::string name = metadata["name"];
  return metadata.contains("namespace") ? metadata["namespace"].get<std::string>() + "/" + name
                                        : name;
}

}  // namespace

DataPlaneConfig NodesConfig(int nodes) {
  DataPlaneConfig config;
  config.nodes = nodes;
  return config;
}

Distribution Delay(Duration delay) { return Distribution::Constant(delay); }

json PodObject(const std::string& name, const std::string& node, const json& command) {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata",
           {{"name", name},
            {"namespace", "default"},
            {"uid", "uid-" + name},
            {"generation", 1},
            {"creationTimestamp", "2026-01-01T00:00:00Z"},
            {"annotations", json::object()}}},
          {"spec",
           {{"nodeName", node},
            {"restartPolicy", "Never"},
            {"terminationGracePeriodSeconds", 30},
            {"containers",
             json::array({{{"name", "main"}, {"image", "busybox"}, {"command", command}}})}}},
          {"status",
           {{"phase", "Pending"},
            {"qosClass", "BestEffort"},
            {"conditions", json::array({{{"type", "PodScheduled"},
                                         {"status", "True"},
                                         {"lastProbeTime", nullptr},
                                         {"lastTransitionTime", "2025-12-31T23:59:59Z"}}})}}}};
}

DataPlaneWorld::DataPlaneWorld(DataPlaneConfig config, bool start)
    : config_(std::move(config)),
      context_(std::make_unique<asio::io_context>()),
      event_loop_(std::make_unique<VirtualEventLoop>(*context_)) {
  StoreOptions options;
  options.durability = Durability::kMemory;
  store_ = std::move(Store::Open(*event_loop_, options).value());
  plane_ = std::make_unique<DataPlane>(*event_loop_, *store_, config_, 1);
  if (!start) return;
  plane_->Start();
  RunFor(Duration::zero());
}

DataPlaneWorld::~DataPlaneWorld() { event_loop_->DropAll(); }

void DataPlaneWorld::Restart() {
  plane_->Stop();
  RunFor(Duration::zero());
  event_loop_->DropAll();
  plane_ = std::make_unique<DataPlane>(*event_loop_, *store_, config_, 2);
  plane_->Start();
  RunFor(Duration::zero());
}

void DataPlaneWorld::RunFor(Duration duration) { event_loop_->Run(event_loop_->Now() + duration); }

std::int64_t DataPlaneWorld::NowMs() const {
  return event_loop_->Now().time_since_epoch() / milliseconds(1);
}

void DataPlaneWorld::Put(const std::string& type, const json& object) {
  PutText(type, NameOf(object), DumpJson(object));
}

void DataPlaneWorld::PutText(const std::string& type, const std::string& name,
                             const std::string& text) {
  const auto put = store_->resources().Put({type, name}, text, Condition::None());
  ASSERT_TRUE(put.has_value()) << put.error().message;
}

void DataPlaneWorld::Bind(const json& pod) {
  Put("pod", pod);
  RunFor(Duration::zero());
}

void DataPlaneWorld::Delete(const std::string& pod, std::optional<std::int64_t> grace) {
  const ResourceId id{"pod", "default/" + pod};
  kubernetes::DeletionOptions options;
  options.grace_seconds = grace;
  const auto rest = kubernetes::DeleteObject(*kubernetes::FindKindByType("pod"), Pod(pod), options,
                                             event_loop_->UnixNanos());
  const auto done = rest ? store_->resources().Put(id, DumpJson(*rest), Condition::None())
                         : store_->resources().Remove(id, Condition::None());
  ASSERT_TRUE(done.has_value());
  RunFor(Duration::zero());
}

bool DataPlaneWorld::Exists(const std::string& type, const std::string& name) {
  return store_->resources().Get({type, name}).has_value();
}

json DataPlaneWorld::Object(const std::string& type, const std::string& name) {
  const auto item = store_->resources().Get({type, name});
  return item.has_value() ? json::parse(item.value()->document) : json();
}

json DataPlaneWorld::Pod(const std::string& name) { return Object("pod", "default/" + name); }

json DataPlaneWorld::Status(const std::string& pod) { return Pod(pod)["status"]; }

std::string DataPlaneWorld::Phase(const std::string& pod) {
  const json object = Pod(pod);
  return object.is_null() ? "gone" : object["status"].value("phase", "");
}

json DataPlaneWorld::State(const std::string& pod, int index) {
  return Status(pod)["containerStatuses"][static_cast<std::size_t>(index)]["state"];
}

json DataPlaneWorld::Condition(const std::string& pod, const std::string& type) {
  const json conditions = Status(pod)["conditions"];
  for (const json& condition : conditions) {
    if (condition["type"] == type) return condition;
  }
  return nullptr;
}

std::vector<std::string> DataPlaneWorld::History(const std::string& pod) {
  std::vector<std::string> history;
  std::uint64_t after = 0;
  for (;;) {
    const auto read = store_->feed().Read(after, 1000);
    if (read.has_error() || read.value().empty()) return history;
    for (const RecordPtr& record : read.value()) {
      after = record->sequence;
      const ResourceId id = store_->resources().IdOf(record->key);
      if (id.type != "pod" || id.name != "default/" + pod) continue;
      const std::int64_t ms =
          (record->unix_nanos - VirtualEventLoop::kDefaultUnixEpochNanos) / 1'000'000;
      history.push_back(
          std::to_string(ms) + " " +
          (record->new_image ? PodPhaseName(record->new_image->fields->phase) : "gone"));
    }
  }
}

}  // namespace kless::data_plane
