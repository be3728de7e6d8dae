// The verbs of stories: the requests that a user would send.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"
#include "tests/harness/manifest.h"
#include "tests/harness/world.h"

namespace kless::harness {

namespace {

using nlohmann::json;

constexpr const char* kControllerUidLabel = "batch.kubernetes.io/controller-uid";

std::string JobPath(const std::string& job) {
  return "/apis/batch/v1/namespaces/default/jobs/" + job;
}
std::string PodPath(const std::string& pod) { return "/api/v1/namespaces/default/pods/" + pod; }

}  // namespace

json World::Armed::fault() const {
  json fault = {{"kind", event.target}};
  for (const auto& [name, value] : event.arguments) {
    if (name == "for") continue;
    if (name == "function") {
      fault[name] = value;
    } else {
      fault[name] = json::parse(value, nullptr, false);
    }
  }
  return fault;
}

void World::Apply(const Event& event) {
  static const std::map<std::string, ApplyEvent> kApply = {{"submit", &World::Submit},
                                                           {"scale", &World::Edit},
                                                           {"resize", &World::Edit},
                                                           {"suspend", &World::Edit},
                                                           {"resume", &World::Edit},
                                                           {"deadline", &World::Edit},
                                                           {"ttl", &World::Edit},
                                                           {"delete", &World::Delete},
                                                           {"delete-pod", &World::DeletePod},
                                                           {"fail-pod", &World::HarmPod},
                                                           {"oom-pod", &World::HarmPod},
                                                           {"evict-pod", &World::HarmPod},
                                                           {"unlabel-pod", &World::UnlabelPod},
                                                           {"relabel-pods", &World::RelabelPods},
                                                           {"stray-pod", &World::AddStray},
                                                           {"fail-node", &World::ChangeNode},
                                                           {"return-node", &World::ChangeNode},
                                                           {"delete-node", &World::ChangeNode},
                                                           {"fault", &World::AddFault},
                                                           {"restart", &World::Restart}};
  const auto found = kApply.find(event.verb);
  if (found == kApply.end()) return Report("server-error", {}, "no such verb: " + event.ToText());
  (this->*found->second)(event);
}

void World::Submit(const Event& event) {
  const HttpResponse response = emulator_->Send("POST", "/apis/batch/v1/namespaces/default/jobs",
                                                DumpJson(JobManifest(event)));
  Feed();
  if (response.status == 201 || response.status == 409) return;
  Report("server-error", {"job", "default/" + event.target},
         std::to_string(response.status) + " " + response.body);
}

int World::PatchSpec(const std::string& job, const json& spec) {
  return Send("PATCH", JobPath(job), {{"spec", spec}});
}

void World::Edit(const Event& event) {
  json spec = json::object();
  if (event.verb == "scale") {
    spec["parallelism"] = event.Number("parallelism", 1);
  } else if (event.verb == "resize") {
    spec["parallelism"] = spec["completions"] = event.Number("size", 1);
  } else if (event.verb == "deadline") {
    spec["activeDeadlineSeconds"] = event.Number("seconds", 10);
  } else if (event.verb == "ttl") {
    spec["ttlSecondsAfterFinished"] = event.Number("seconds", 10);
  } else {
    spec["suspend"] = event.verb == "suspend";
  }
  const int status = PatchSpec(event.target, spec);
  coverage_.Count(status == 200 ? "edits made" : "edits refused");
}

void World::Delete(const Event& event) {
  Send("DELETE", JobPath(event.target),
       event.Has("propagation") ? json{{"propagationPolicy", event.Text("propagation")}} : json());
}

std::vector<std::string> World::PodsOf(const std::string& job) const {
  std::vector<std::string> pods;
  for (const auto& [uid, state] : checker_.jobs()) {
    if (!state.exists || state.name != "default/" + job) continue;
    for (const auto& [name, pod] : checker_.pods()) {
      if (pod.owner == uid) pods.push_back(name.substr(name.find('/') + 1));
    }
  }
  return pods;
}

std::string World::PodOf(const Event& event) const {
  const std::vector<std::string> pods = PodsOf(event.target);
  if (pods.empty()) return "";
  return pods[static_cast<std::size_t>(std::max<std::int64_t>(event.Number("nth", 0), 0)) %
              pods.size()];
}

void World::DeletePod(const Event& event) {
  const std::string pod = PodOf(event);
  if (pod.empty()) return;
  Send("DELETE", PodPath(pod),
       event.Text("force") == "true" ? json{{"gracePeriodSeconds", 0}} : json());
  coverage_.Count("pods deleted");
}

void World::HarmPod(const Event& event) {
  const std::string pod = PodOf(event);
  if (pod.empty()) return;
  const std::string verb = event.verb.substr(0, event.verb.find('-'));
  json body;
  if (verb == "fail") body = {{"exit_code", event.Number("exit", 1)}};
  const int status = Send("POST", "/kless/v1/pods/default/" + pod + "/" + verb, body);
  if (status == 200) coverage_.Count("pods harmed");
}

void World::UnlabelPod(const Event& event) {
  const std::string pod = PodOf(event);
  const auto found = checker_.pods().find("default/" + pod);
  if (found == checker_.pods().end() || found->second.selected_by.empty()) return;
  unlabelled_[pod] = found->second.selected_by;
  const json labels = {{kControllerUidLabel, nullptr}};
  Send("PATCH", PodPath(pod), {{"metadata", {{"labels", labels}}}});
}

void World::RelabelPods(const Event&) {
  for (const auto& [pod, uid] : unlabelled_) {
    const json labels = {{kControllerUidLabel, uid}};
    Send("PATCH", PodPath(pod), {{"metadata", {{"labels", labels}}}});
  }
  unlabelled_.clear();
}

void World::AddStray(const Event& event) {
  const auto job = Get(JobPath(event.target));
  if (!job) return;
  const json* labels = kubernetes::Find(*job, {"spec", "selector", "matchLabels"});
  if (labels == nullptr) return;
  const std::string name = event.target + "-stray-" + std::to_string(strays_++);
  Send("POST", "/api/v1/namespaces/default/pods", StrayPod(name, *labels, event.Text("run")));
}

void World::ChangeNode(const Event& event) {
  if (event.verb == "delete-node") {
    Send("DELETE", "/api/v1/nodes/" + event.target, nullptr);
    return;
  }
  const bool fail = event.verb == "fail-node";
  const int status =
      Send("POST", "/kless/v1/nodes/" + event.target + (fail ? "/fail" : "/return"), nullptr);
  if (status != 200) return;
  coverage_.Count(fail ? "nodes lost" : "nodes returned");
  if (fail) {
    dead_nodes_.insert(event.target);
  } else {
    dead_nodes_.erase(event.target);
  }
}

void World::AddFault(const Event& event) {
  const std::int64_t until = event.Has("for") ? event.at_ms + event.Number("for", 0)
                                              : std::numeric_limits<std::int64_t>::max();
  armed_.push_back({event, until});
  Arm(armed_.back());
}

// Faults belong to the process: those that have time left are switched on again.  A failed
// simulated kubelet starts again with it.
void World::Restart(const Event&) {
  CountFaults();
  Feed();
  if (violated()) return;
  emulator_->Restart();
  coverage_.Count("restarts made");
  dead_nodes_.clear();
  std::erase_if(armed_, [](const Armed& armed) { return armed.event.Has("at"); });
  for (const Armed& armed : armed_) Arm(armed);
}

}  // namespace kless::harness
