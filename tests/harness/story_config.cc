// The settings of a story, each with its default.
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/strings.h"
#include "emulator/control_planes/serverless.h"
#include "tests/harness/story.h"
#include "tests/support/test_emulator.h"

namespace kless::harness {

namespace {

// "LOW-HIGH" or "VALUE", milliseconds.
std::optional<Distribution> Milliseconds(const std::string& text) {
  const auto dash = text.find('-');
  const auto low = ParseUnsigned(text.substr(0, dash));
  const auto high = dash == std::string::npos ? low : ParseUnsigned(text.substr(dash + 1));
  if (!low || !high || *low > *high) return std::nullopt;
  const auto made = Distribution::FromJson({{"uniform_ms", {*low, *high}}});
  if (made.has_error()) return std::nullopt;
  return made.value();
}

// The percentage of runs that fail, of containers whose pods do not determine it.
std::optional<std::vector<data_plane::Stage>> FailingRuns(const std::string& text) {
  const auto percent = ParseUnsigned(text);
  if (!percent || *percent < 1 || *percent > 99) return std::nullopt;
  const nlohmann::json stages = {{{"step", "run"}, {"weight", *percent}, {"exit_code", 1}},
                                 {{"step", "run"}, {"weight", 100 - *percent}}};
  auto made = data_plane::StagesFromJson(stages);
  if (made.has_error()) return std::nullopt;
  return std::move(made.value());
}

bool SetNumber(const std::string& text, int least, int* number) {
  const auto parsed = ParseUnsigned(text);
  if (!parsed || *parsed < static_cast<std::uint64_t>(least) || *parsed > 100'000) return false;
  *number = static_cast<int>(*parsed);
  return true;
}

template <typename To, typename From>
bool SetFrom(From value, To* to) {
  if (!value) return false;
  *to = std::move(*value);
  return true;
}

bool Apply(const std::string& name, const std::string& text, Config* config) {
  data_plane::DataPlaneConfig& nodes = config->data_plane;
  if (name == "plane") {  // serverless
    if (text == "classic") config->control_plane = ControlPlane::kClassic;
    return text == "classic" || text == "serverless";
  }
  if (name == "layout") {  // type-name
    if (text == "name-type") config->store.key_layout = KeyLayout::kNameType;
    return text == "name-type" || text == "type-name";
  }
  if (name == "durability") {  // of stories with a restart; scratch
    if (text == "normal") config->store.durability = Durability::kNormal;
    return text == "normal" || text == "scratch";
  }
  if (name == "shards") return SetNumber(text, 1, &config->store.resource_shards);  // 4
  if (name == "factor")
    return SetNumber(text, 1, &config->function_default.mapping.parallelization_factor);  // 1
  if (name == "batch")
    return SetNumber(text, 1, &config->function_default.mapping.batch_size);           // 100
  if (name == "concurrency") return SetNumber(text, 1, &config->account_concurrency);  // 1000
  if (name == "function-memory")
    return SetNumber(text, 128, &config->function_default.config.memory_mb);
  if (name == "read") return SetFrom(Milliseconds(text), &config->latency.store_read);  // 0
  if (name == "write") return SetFrom(Milliseconds(text), &config->latency.store_write);
  if (name == "feed") return SetFrom(Milliseconds(text), &config->latency.feed_delivery);
  if (name == "lag") return SetFrom(Milliseconds(text), &config->latency.index_lag);
  if (name == "timer") return SetFrom(Milliseconds(text), &config->latency.timer_delivery);
  if (name == "request-cpu") return SetFrom(Milliseconds(text), &config->latency.store_request_cpu);
  if (name == "init") return SetFrom(Milliseconds(text), &config->function_default.config.init);
  if (name == "api") return SetFrom(Milliseconds(text), &config->latency.classic.api_latency);
  if (name == "watch") return SetFrom(Milliseconds(text), &config->latency.classic.watch_delivery);
  if (name == "nodes") return SetNumber(text, 1, &nodes.nodes);          // 1
  if (name == "node-pods") return SetNumber(text, 1, &nodes.node_pods);  // 110
  if (name == "node-cpu" || name == "node-memory") {                     // 32, 128Gi
    (name == "node-cpu" ? nodes.node_cpu : nodes.node_memory) = text;
    return !text.empty();
  }
  if (name == "fail-percent") return SetFrom(FailingRuns(text), &nodes.stages);  // 0
  if (name == "start") return SetFrom(Milliseconds(text), &nodes.start);         // 0
  if (name == "stop") return SetFrom(Milliseconds(text), &nodes.stop);           // 0
  return false;
}

}  // namespace

Result<Config> MakeConfig(const Story& story, const std::string& folder) {
  Config config = testing::TestConfig();
  config.seed = story.seed;
  config.loops = control_planes::LoopNames();
  config.data_plane.nodes = 1;
  config.store.durability = Durability::kScratch;
  for (const auto& [name, value] : story.settings) {
    if (Apply(name, value, &config)) continue;
    return MakeError(ErrorCode::kInvalidArgument,
                     "unknown setting, or bad value: " + name + "=" + value);
  }
  if (folder.empty()) {
    config.store.durability = Durability::kMemory;
  } else {
    config.data_directory = folder;
    config.store.path = folder + "/kless.db";
  }
  return config;
}

}  // namespace kless::harness
