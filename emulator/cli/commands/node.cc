// `kless node`: lists the simulated nodes, and makes them fail and return.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/text_table.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/daemon_command.h"
#include "emulator/cli/output.h"

namespace kless::cli {
namespace {

using nlohmann::json;

struct NodeOptions {
  std::string server;
  std::string name;
  std::string output = "text";
};

// Whether the kubelet works, which `kubectl get nodes` cannot know.
std::string StateCell(const json& node) {
  if (!node.value("alive", false)) return "failed";
  return node.value("registered", false) ? "alive" : "alive, no Node object";
}

int ListNodes(ApiClient& api, const NodeOptions& options) {
  const auto answer = api.Call("GET", "/kless/v1/nodes");
  if (answer.has_error()) return Fail(answer.error());
  if (options.output == "json") {
    PrintJson(answer.value());
    return 0;
  }
  const json nodes = answer.value().value("nodes", json::array());
  if (nodes.empty()) std::fprintf(stderr, "no simulated nodes; 'kless serve --nodes 3' has some\n");
  TextTable table({"NAME", "STATE", "ZONE", "PODS", "HEARTBEATS"});
  table.AlignRightFrom(3);
  for (const json& node : nodes) {
    table.Add({Cell(node, "name"), StateCell(node), Cell(node, "zone"), Cell(node, "pods"),
               Cell(node, "heartbeats")});
  }
  table.Print();
  return 0;
}

int Change(ApiClient& api, const NodeOptions& options, const char* verb, const char* done) {
  const auto answer =
      api.Call("POST", "/kless/v1/nodes/" + PercentEncode(options.name) + "/" + verb);
  if (answer.has_error()) return Fail(answer.error());
  if (options.output == "json") {
    PrintJson(answer.value());
    return 0;
  }
  std::printf("node %s %s\n", options.name.c_str(), done);
  return 0;
}

int FailNode(ApiClient& api, const NodeOptions& options) {
  return Change(api, options, "fail", "failed: its kubelet has stopped");
}

int Return(ApiClient& api, const NodeOptions& options) {
  return Change(api, options, "return", "returned: its kubelet posts Ready");
}

}  // namespace

void AddNode(CLI::App& app, Action& action) {
  CLI::App* const node =
      app.add_subcommand("node", "Look at the simulated nodes, make them fail and return");
  node->require_subcommand(1);
  node->footer("Examples:\n  kless node list\n  kless node fail node-1");
  auto options = std::make_shared<NodeOptions>();

  CLI::App* const list = AddDaemonCommand<NodeOptions>(
      *node, action, options, "list", "Print the simulated nodes and their pods", ListNodes);
  AddOutputFlag(*list, &options->output);
  list->footer("Example:\n  kless node list");

  CLI::App* const fail = AddDaemonCommand<NodeOptions>(
      *node, action, options, "fail",
      "Stop a node's kubelet: its pods stand still, its lease runs out", FailNode);
  fail->add_option("NAME", options->name, "The node")->required()->type_name("");
  AddOutputFlag(*fail, &options->output);
  fail->footer("Example:\n  kless node fail node-0");

  CLI::App* const back = AddDaemonCommand<NodeOptions>(
      *node, action, options, "return", "Bring a failed or deleted node back", Return);
  back->add_option("NAME", options->name, "The node")->required()->type_name("");
  AddOutputFlag(*back, &options->output);
  back->footer("Example:\n  kless node return node-0");
}

}  // namespace kless::cli
