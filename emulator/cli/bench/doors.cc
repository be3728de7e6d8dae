#include "emulator/cli/bench/doors.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/process.h"
#include "emulator/cli/bench/cost.h"
#include "emulator/cli/bench/daemon_process.h"
#include "emulator/cli/bench/load.h"
#include "emulator/cli/bench/replayer.h"

namespace kless::cli {
namespace {

using nlohmann::json;

constexpr int kConnections = 64;
constexpr int kRequests = 10'000;
constexpr const char* kPods = "/api/v1/namespaces/default/pods";
constexpr const char* kConfigMaps = "/api/v1/namespaces/default/configmaps";
constexpr const char* kJobs = "/apis/batch/v1/namespaces/default/jobs";

json Metadata(int i) {
  return {{"name", "object-" + std::to_string(i)}, {"labels", {{"app", "x"}}}};
}

json PodSpec() {
  return {{"restartPolicy", "Never"},
          {"containers",
           json::array({{{"name", "main"}, {"image", "busybox:1.36"}, {"command", {"true"}}}})}};
}

std::string ConfigMapText(int i) {
  return DumpJson({{"apiVersion", "v1"},
                   {"kind", "ConfigMap"},
                   {"metadata", Metadata(i)},
                   {"data", {{"key", std::string(100, 'v')}}}});
}

std::string PodText(int i) {
  return DumpJson(
      {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", Metadata(i)}, {"spec", PodSpec()}});
}

std::string JobText(int i) {
  return DumpJson({{"apiVersion", "batch/v1"},
                   {"kind", "Job"},
                   {"metadata", Metadata(i)},
                   {"spec", {{"template", {{"spec", PodSpec()}}}}}});
}

std::string Beside(const Cost& cost) { return Number(cost.rate, 0) + " a second on the wall"; }

BenchLine Line(const std::string& what, double budget, const Cost& cost, std::string beside) {
  return {what, Number(budget, 0) + " us CPU", Number(cost.cpu_micros, 1) + " us CPU",
          cost.cpu_micros <= budget, std::move(beside)};
}

// A put of the same ConfigMap; nullopt if etcd is not installed.
std::optional<Cost> EtcdPut() {
  const std::string program = FindProgram("etcd");
  if (program.empty()) return std::nullopt;
  constexpr int kPort = 23790;
  const TemporaryFolder folder;
  const std::string client = "http://127.0.0.1:" + std::to_string(kPort);
  const std::string peer = "http://127.0.0.1:" + std::to_string(kPort + 1);
  const ServerProcess etcd({program, "--data-dir", folder.path(), "--listen-client-urls", client,
                            "--advertise-client-urls", client, "--listen-peer-urls", peer,
                            "--initial-advertise-peer-urls", peer, "--initial-cluster",
                            "default=" + peer, "--log-level", "error"},
                           kPort);
  std::this_thread::sleep_for(std::chrono::seconds(2));  // It first elects itself.
  return CostOf(etcd, kConnections, kRequests, [](int i) {
    const json put = {{"key", Base64Encode("/registry/configmaps/default/" + std::to_string(i))},
                      {"value", Base64Encode(ConfigMapText(i))}};
    return RequestText("POST", "/v3/kv/put", DumpJson(put));
  });
}

void CreatePods(int port, int count) {
  SendAll(port, kConnections, count, [](int i) { return RequestText("POST", kPods, PodText(i)); });
}

constexpr int kRuns = 5;

// CPU seconds of the daemon for one run of the work, the mean of kRuns.
double CpuOf(const DaemonProcess& daemon, const std::function<void()>& work) {
  const double before = daemon.CpuSeconds();
  for (int run = 0; run < kRuns; ++run) work();
  return (daemon.CpuSeconds() - before) / kRuns;
}

void FetchPages(int port, int expected) {
  std::string token;
  int items = 0;
  do {
    const std::string path =
        std::string(kPods) + "?limit=500" + (token.empty() ? "" : "&continue=" + token);
    const auto page = ParseJson(Fetch(port, path));
    items += static_cast<int>(page.value()["items"].size());
    token = page.value()["metadata"].value("continue", "");
  } while (!token.empty());
  if (items != expected) throw std::runtime_error("pages hold " + std::to_string(items));
}

// The duration of `kubectl get pods`.  `page` 0: everything in one page.
double Seconds(const std::string& kubectl, int port, int page) {
  const TemporaryFolder home;
  const std::string command = "HOME=" + home.path() + " KUBECONFIG=/dev/null " + kubectl +
                              " -s http://127.0.0.1:" + std::to_string(port) +
                              " get pods --chunk-size=" + std::to_string(page) + " > " +
                              home.path() + "/out";
  const auto start = std::chrono::steady_clock::now();
  if (std::system(command.c_str()) != 0) throw std::runtime_error("kubectl failed");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return took.count();
}

}  // namespace

std::vector<BenchLine> MeasureRequests() {
  const DaemonProcess daemon(QuietFlags());
  const Cost bare =
      CostOf(daemon, kConnections, kRequests, [](int) { return RequestText("GET", "/livez"); });
  const Cost config_map = CostOf(daemon, kConnections, kRequests, [](int i) {
    return RequestText("POST", kConfigMaps, ConfigMapText(i));
  });
  const Cost pod = CostOf(daemon, kConnections, kRequests,
                          [](int i) { return RequestText("POST", kPods, PodText(i)); });
  const Cost job = CostOf(daemon, kConnections, kRequests,
                          [](int i) { return RequestText("POST", kJobs, JobText(i)); });
  const Cost get = CostOf(daemon, kConnections, kRequests, [](int i) {
    return RequestText("GET", std::string(kPods) + "/object-" + std::to_string(i));
  });
  const std::optional<Cost> etcd = EtcdPut();
  const std::string beside_etcd =
      etcd ? "etcd's /v3/kv/put of it: " + Number(etcd->cpu_micros, 1) + " us" : "no etcd in PATH";
  return {
      Line("create of a ConfigMap, 64 connections", 100, config_map,
           Beside(config_map) + "; " + beside_etcd),
      Line("create of a Pod", 200, pod, Beside(pod)),
      Line("create of a Job", 200, job, Beside(job)),
      Line("get of a Pod", 40, get,
           Beside(get) + "; the bare HTTP door (/livez): " + Number(bare.cpu_micros, 1) + " us")};
}

std::vector<BenchLine> MeasureWatches() {
  constexpr int kWatches = 100;
  constexpr int kPodCount = 10'000;
  double alone = 0;
  {
    const DaemonProcess daemon(QuietFlags());
    const double before = daemon.CpuSeconds();
    CreatePods(daemon.port(), kPodCount);
    alone = daemon.CpuSeconds() - before;
  }
  const DaemonProcess daemon(QuietFlags());
  const double idle = daemon.ResidentMegabytes();
  Streams streams(daemon.port(), std::string(kPods) + "?watch=true", kWatches);
  Fetch(daemon.port(), "/livez");
  const double opened = daemon.ResidentMegabytes();
  const double before = daemon.CpuSeconds();
  std::future<void> creator =
      std::async(std::launch::async, [&] { CreatePods(daemon.port(), kPodCount); });
  streams.ReadUntil(kPodCount);
  creator.get();
  const double cpu = daemon.CpuSeconds() - before - alone;
  const double micros = cpu / (kWatches * static_cast<double>(kPodCount)) * 1e6;
  const double kilobytes = (opened - idle) * 1024 / kWatches;
  return {{"100 watches on 10,000 pods, an event delivered", "10 us CPU",
           Number(micros, 2) + " us CPU", micros <= 10,
           Number(kilobytes, 1) + " KB of memory a watch; " +
               Number(daemon.ResidentMegabytes(), 0) + " MB in all after the last event"}};
}

std::vector<BenchLine> MeasureLists() {
  constexpr int kPodCount = 10'000;
  const DaemonProcess daemon(QuietFlags());
  CreatePods(daemon.port(), kPodCount);
  const double whole = CpuOf(daemon, [&] { Fetch(daemon.port(), kPods); });
  const double paged = CpuOf(daemon, [&] { FetchPages(daemon.port(), kPodCount); });
  std::vector<BenchLine> lines = {
      {"a list of 10,000 pods in pages of 500 against one list", "1.50 x",
       Number(paged / whole, 2) + " x", paged <= 1.5 * whole,
       Number(whole * 1e3, 0) + " ms CPU, then " + Number(paged * 1e3, 0) + " ms"}};
  const std::string kubectl = FindProgram("kubectl");
  if (kubectl.empty()) {
    lines.push_back({"kubectl get pods, 10,000 of them", "1 s", "no kubectl in PATH", true, ""});
    return lines;
  }
  const Replayer instant(daemon.port());
  Seconds(kubectl, instant.port(), 0);  // which makes requests to the daemon
  Seconds(kubectl, instant.port(), 500);
  const int known = instant.asked();
  for (const int page : {500, 0}) {
    const double before = daemon.CpuSeconds();
    double best = Seconds(kubectl, daemon.port(), page);
    for (int run = 1; run < kRuns; ++run) {
      best = std::min(best, Seconds(kubectl, daemon.port(), page));
    }
    const double cpu = (daemon.CpuSeconds() - before) / kRuns;
    double alone = Seconds(kubectl, instant.port(), page);
    for (int run = 1; run < kRuns; ++run) {
      alone = std::min(alone, Seconds(kubectl, instant.port(), page));
    }
    lines.push_back(
        {"kubectl get pods, 10,000 of them, " +
             (page == 0 ? std::string("in one list") : "in its pages of " + std::to_string(page)),
         "1 s, or kubectl's own + 10 %", Number(best, 2) + " s", best <= std::max(1.0, alone * 1.1),
         Number(alone, 2) + " s against a server that answers at once; " + Number(cpu, 2) +
             " s CPU of the daemon"});
  }
  if (instant.asked() != known) throw std::runtime_error("kubectl asked for something new");
  return lines;
}

}  // namespace kless::cli
