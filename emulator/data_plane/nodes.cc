#include "emulator/data_plane/nodes.h"

#include <algorithm>
#include <utility>

#include "emulator/base/strings.h"
#include "emulator/base/system/log.h"
#include "store/item/resource_fields.h"

namespace kless::data_plane {
namespace {

// Reference kubernetes.md (b).
constexpr Duration kLeasePeriod = std::chrono::seconds(10);
constexpr Duration kStatusPeriod = std::chrono::minutes(5);

}  // namespace

Nodes::Nodes(EventLoop& event_loop, Store& store, const DataPlaneConfig& config, std::uint64_t seed)
    : event_loop_(event_loop),
      store_(store),
      config_(config),
      random_(seed, "nodes"),
      timers_(event_loop, [this](Beat beat) { OnBeat(beat); }) {
  nodes_.reserve(static_cast<std::size_t>(config.nodes));
  for (int index = 0; index < config.nodes; ++index) {
    Node node;
    node.identity = IdentityOf(config, index);
    node.index = index;
    by_name_[node.identity.name] = index;
    nodes_.push_back(std::move(node));
  }
}

// version 0: the object must not exist.
Result<void> Nodes::Put(const ResourceId& id, std::string document, std::uint64_t version) {
  const Condition condition = version == 0 ? Condition::NotExists() : Condition::VersionIs(version);
  KLESS_TRY_VOID(store_.resources().Put(id, std::move(document), condition));
  return {};
}

Result<void> Nodes::RenewLease(Node& node) {
  const std::string& name = node.identity.name;
  const ResourceId id{kLeaseType, std::string(kLeaseNamespace) + "/" + name};
  const auto current = store_.resources().Get(id);
  if (current.has_error() && current.error().code != ErrorCode::kNotFound) return current.error();
  const std::int64_t now = event_loop_.UnixNanos();
  const bool exists = current.has_value() && current.value()->fields->is_object;
  std::string document = exists ? RenewedLease(current.value()->document, name, now)
                                : NewLease(name, node.uid, random_.Uuid(), now);
  const std::size_t bytes = document.size();
  KLESS_TRY_VOID(Put(id, std::move(document), current.has_value() ? current.value()->version : 0));
  ++stats_.lease_writes;
  ++node.heartbeats;
  stats_.bytes += bytes;
  return {};
}

Result<void> Nodes::Post(Node& node, bool create) {
  const ResourceId id{kNodeType, node.identity.name};
  const auto current = store_.resources().Get(id);
  if (current.has_error() && current.error().code != ErrorCode::kNotFound) return current.error();
  if (current.has_error() && !create) return {};
  const std::int64_t now = event_loop_.UnixNanos();
  std::optional<std::string> document;
  std::string uid;
  if (current.has_value()) {
    document = PostedNode(current.value()->document, config_, node.identity, now);
    uid = current.value()->fields->uid;
  }
  if (!document || uid.empty()) {
    uid = random_.Uuid();
    document = NewNode(config_, node.identity, uid, now);
  }
  const std::size_t bytes = document->size();
  KLESS_TRY_VOID(Put(id, std::move(*document), current.has_value() ? current.value()->version : 0));
  node.uid = std::move(uid);
  node.registered = true;
  ++stats_.status_writes;
  ++node.heartbeats;
  stats_.bytes += bytes;
  return {};
}

Result<void> Nodes::Register(int index) {
  Node& node = nodes_[static_cast<std::size_t>(index)];
  const auto posted = Post(node, true);
  if (posted.has_error() || !config_.heartbeats) return posted;
  return RenewLease(node);
}

void Nodes::AddBeat(Beat beat, Duration delay) { timers_.Add(event_loop_.Now() + delay, beat); }

// Heartbeats are spread over their periods: node i of N beats at (i + 1) / N of each.
void Nodes::StartHeartbeats() {
  if (!config_.heartbeats) return;
  for (const Node& node : nodes_) {
    if (!node.alive) continue;
    AddBeat({node.index, true, node.life}, kLeasePeriod * (node.index + 1) / config_.nodes);
    AddBeat({node.index, false, node.life}, kStatusPeriod * (node.index + 1) / config_.nodes);
  }
}

void Nodes::OnBeat(Beat beat) {
  Node& node = nodes_[static_cast<std::size_t>(beat.node)];
  if (!node.alive || beat.life != node.life) return;  // Return starts them again
  const auto written = beat.lease ? RenewLease(node) : Post(node, false);
  if (written.has_error()) {
    Log(LogLevel::kWarning, "data plane",
        "heartbeat of " + node.identity.name + ": " + written.error().message);
  }
  AddBeat(beat, beat.lease ? kLeasePeriod : kStatusPeriod);
}

Node* Nodes::Find(const std::string& name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &nodes_[static_cast<std::size_t>(found->second)];
}

Result<Node*> Nodes::FindOrExplain(const std::string& name) {
  if (Node* node = Find(name)) return node;
  std::vector<std::string> names;
  for (const auto& [known, index] : by_name_) names.push_back(known);
  std::string message = "no simulated node '" + name + "'";
  if (const auto near = NearestWord(name, names)) message += "; did you mean '" + *near + "'?";
  return MakeError(ErrorCode::kNotFound, std::move(message));
}

void Nodes::OnObject(const std::string& name, const std::string& uid) {
  Node* const node = Find(name);
  if (node == nullptr) return;
  node->registered = !uid.empty();
  node->uid = uid;
}

Result<Node*> Nodes::Fail(const std::string& name) {
  const auto found = FindOrExplain(name);
  if (found.has_error()) return found;
  Node& node = *found.value();
  if (!node.alive) {
    return MakeError(ErrorCode::kConflict,
                     "node " + name + " has failed already; `return` brings it back");
  }
  if (!config_.heartbeats) {
    // From here on the lease counts: it times out as if it had been renewed until now.
    const auto renewed = RenewLease(node);
    if (renewed.has_error()) return renewed.error();
    const ResourceId id{kNodeType, name};
    const auto current = store_.resources().Get(id);
    if (current.has_error() && current.error().code != ErrorCode::kNotFound) return current.error();
    std::optional<std::string> document;
    if (current.has_value()) document = WithoutHeartbeatsAnnotation(current.value()->document);
    if (document) {
      KLESS_TRY_VOID(Put(id, std::move(*document), current.value()->version));
    }
  }
  node.alive = false;
  ++node.life;
  node.failed_at = event_loop_.UnixNanos();
  return &node;
}

Result<Node*> Nodes::Return(const std::string& name) {
  const auto found = FindOrExplain(name);
  if (found.has_error()) return found;
  Node& node = *found.value();
  if (node.alive && node.registered) {
    return MakeError(ErrorCode::kConflict, "node " + name + " has not failed");
  }
  KLESS_TRY_VOID(Post(node, true));
  KLESS_TRY_VOID(RenewLease(node));
  if (!node.alive && config_.heartbeats) {
    AddBeat({node.index, true, node.life}, kLeasePeriod);
    AddBeat({node.index, false, node.life}, kStatusPeriod);
  }
  node.alive = true;
  return &node;
}

}  // namespace kless::data_plane
