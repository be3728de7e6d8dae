// NodeWorld: nodes and their kubelets over a LoopWorld with both node loops.
#pragma once

#include <string>
#include <vector>

#include "tests/functions/controllers/loop_world.h"

namespace kless::controllers {

class NodeWorld : public LoopWorld {
 public:
  explicit NodeWorld(std::int64_t start = kStart);

  // Adds a node as the API server admits it, with the taint not-ready:NoSchedule (NL1). "": no
  // zone.
  void AddNode(const std::string& name, const std::string& zone = "");
  // Posts a status of the kubelet: Ready with this status, no pressure.  Also renews the lease.
  void PostReady(const std::string& name, const char* ready = "True");
  void RenewLease(const std::string& name);
  // A ready node whose kubelet has just posted its status.
  void AddReadyNode(const std::string& name, const std::string& zone = "");
  // A pod that runs there; it tolerates nothing, or has `tolerations`.
  void AddPod(const std::string& name, const std::string& node);
  void AddPod(const std::string& name, const std::string& node, json tolerations);

  // "key:Effect" of each taint.
  std::vector<std::string> Taints(const std::string& node) const;
  bool IsTainted(const std::string& node, const std::string& taint) const;
  // When a taint appeared last, in seconds; -1: never.
  double TaintedAt(const std::string& node, const std::string& taint) const;
  // When it disappeared last.
  double ClearedAt(const std::string& node, const std::string& taint) const;
  json Condition(const std::string& type, const std::string& name, const char* condition) const;
  // "12.5 Normal Reason message" of each event with this reason.
  std::vector<std::string> Said(const std::string& reason) const;

 private:
  static bool Holds(const json& node, const std::string& taint);
};

// A toleration of not-ready and unreachable for `seconds`.
json TolerateFor(int seconds);

}  // namespace kless::controllers
