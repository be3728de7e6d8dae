// WorkloadWorld: a LoopWorld with the ReplicaSet and Deployment controllers, and manual actions of
// the API server, a scheduler and a kubelet on their objects.
#pragma once

#include <string>
#include <vector>

#include "tests/functions/controllers/loop_world.h"

namespace kless::controllers {

class WorkloadWorld : public LoopWorld {
 public:
  explicit WorkloadWorld(std::vector<ControlLoop> loops = Workloads());
  static std::vector<ControlLoop> Workloads();

  // Adds one in the namespace "ns": a template with the label app=<name> and one container of image
  // v1, with the defaults; `spec` is merged over it.
  void AddSet(const std::string& name, int replicas);
  void AddSet(const std::string& name, int replicas, const json& spec);
  void AddDeployment(const std::string& name, int replicas);
  void AddDeployment(const std::string& name, int replicas, const json& spec);
  // Changes the spec, and the generation.
  void Change(const std::string& type, const std::string& name, const json& spec);
  void SetImage(const std::string& deployment, const std::string& image);

  json Set(const std::string& name) const;
  json Deployment(const std::string& name = "d") const;
  json Status(const std::string& type, const std::string& name) const;
  // "status=Reason: message" of a condition; "" if there is none.
  std::string Condition(const std::string& type, const std::string& name,
                        const std::string& condition) const;

  // Names in "ns" in the order of their creation; with `owner`, only those it controls.
  std::vector<std::string> Pods(const std::string& owner = "") const;
  std::vector<std::string> ActivePods(const std::string& owner = "") const;
  std::vector<std::string> Sets() const;  // of Deployments, oldest first
  // Sizes of the ReplicaSets, oldest first.
  std::vector<int> Sizes() const;

  void Bind(const std::string& pod, const std::string& node);
  void Ready(const std::string& pod);  // bound to "n" if it is not yet
  void ReadyAll(const std::string& owner);
  void Unready(const std::string& pod);
  void End(const std::string& pod, const std::string& phase);
  void Kill(const std::string& pod);  // grace 0

  // "Normal ScalingReplicaSet ..." in order, of a reason.
  std::vector<std::string> Said(const std::string& reason) const;
};

}  // namespace kless::controllers
