#include "emulator/data_plane/data_plane_config.h"

#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"

namespace kless::data_plane {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxStages = 100;
constexpr int kMaxWeight = 1'000'000;
constexpr int kMaxExitCode = 255;

Error BadStage(std::size_t index, const std::string& why) {
  return MakeError(ErrorCode::kInvalidArgument, "stage " + std::to_string(index) + ": " + why);
}

Result<Step> StepFromName(const std::string& name) {
  std::vector<std::string> names;
  for (int step = 0; step < kSteps; ++step) {
    names.emplace_back(StepName(static_cast<Step>(step)));
    if (names.back() == name) return static_cast<Step>(step);
  }
  std::string message = "unknown step '" + name + "'; known: image-pull, start, ready, run, exit";
  if (const auto near = NearestWord(name, names)) message += "; did you mean '" + *near + "'?";
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Result<int> WholeNumber(const json& value, int low, int high, const char* name) {
  if (value.is_number_integer()) {
    const double number = value.get<double>();
    if (number >= low && number <= high) return value.get<int>();
  }
  return MakeError(ErrorCode::kInvalidArgument,
                   std::string("'") + name + "' must be a whole number from " +
                       std::to_string(low) + " to " + std::to_string(high));
}

Result<void> SetBool(const json& value, const std::string& key, bool* target) {
  if (!value.is_boolean()) {
    return MakeError(ErrorCode::kInvalidArgument, "'" + key + "' must be true or false");
  }
  *target = value.get<bool>();
  return {};
}

Result<void> SetField(const std::string& key, const json& value, Stage* stage) {
  if (key == "step") {
    if (!value.is_string()) {
      return MakeError(ErrorCode::kInvalidArgument, "'step' must be a word");
    }
    KLESS_TRY(const auto step, StepFromName(value.get<std::string>()));
    stage->step = step;
    return {};
  }
  if (key == "delay" || key == "jitter") {
    KLESS_TRY(auto read, Distribution::FromJson(value));
    (key == "delay" ? stage->delay : stage->jitter) = std::move(read);
    return {};
  }
  if (key == "weight" || key == "exit_code") {
    const bool weight = key == "weight";
    KLESS_TRY(const auto read,
              WholeNumber(value, weight ? 1 : 0, weight ? kMaxWeight : kMaxExitCode, key.c_str()));
    (weight ? stage->weight : stage->exit_code) = read;
    return {};
  }
  if (key == "fails") return SetBool(value, key, &stage->fails);
  if (key == "oom") return SetBool(value, key, &stage->oom);
  if (key == "post") return SetBool(value, key, &stage->post);
  std::string message = "unknown field '" + key + "'";
  const auto near =
      NearestWord(key, {"step", "delay", "jitter", "weight", "fails", "exit_code", "oom", "post"});
  if (near) message += "; did you mean '" + *near + "'?";
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

// A field that its step does not use would be accepted and ignored.
Result<void> CheckFields(const json& entry, const Stage& stage) {
  const auto only = [&](const char* key, bool allowed, const char* steps) -> Result<void> {
    if (!entry.contains(key) || allowed) return {};
    return MakeError(ErrorCode::kInvalidArgument, std::string("'") + key + "' belongs to " + steps +
                                                      ", not to " + StepName(stage.step));
  };
  auto checked = only("fails", stage.step == Step::kImagePull, "image-pull");
  if (checked.has_error()) return checked;
  checked = only("exit_code", stage.step == Step::kRun, "run");
  if (checked.has_error()) return checked;
  checked = only("oom", stage.step == Step::kRun, "run");
  if (checked.has_error()) return checked;
  return only("post", stage.step == Step::kImagePull || stage.step == Step::kStart,
              "image-pull and start");
}

Distribution Lognormal(double p50, double p99) {
  return Distribution::FromJson({{"lognormal_ms", {{"p50", p50}, {"p99", p99}}}}).value();
}

// The delays of Kubelet::kReal, in milliseconds; DESIGN.md names their sources.
std::vector<Stage> RealStages() {
  std::vector<Stage> stages(kSteps);
  for (int step = 0; step < kSteps; ++step) stages[step].step = static_cast<Step>(step);
  stages[static_cast<int>(Step::kImagePull)].delay = Lognormal(800, 6000);
  stages[static_cast<int>(Step::kStart)].delay = Lognormal(700, 2500);
  stages[static_cast<int>(Step::kRun)].delay = Lognormal(2000, 20000);
  stages[static_cast<int>(Step::kExit)].jitter = Distribution::FromJson(json(1000)).value();
  return stages;
}

}  // namespace

const char* StepName(Step step) {
  switch (step) {
    case Step::kImagePull:
      return "image-pull";
    case Step::kStart:
      return "start";
    case Step::kReady:
      return "ready";
    case Step::kRun:
      return "run";
    case Step::kExit:
      return "exit";
  }
  return "";
}

Result<std::vector<Stage>> StagesFromJson(const json& list) {
  if (!list.is_array() || list.size() > kMaxStages) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "stages must be a list of at most " + std::to_string(kMaxStages));
  }
  std::vector<Stage> stages;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const json& entry = list[i];
    if (!entry.is_object() || !entry.contains("step")) {
      return BadStage(i, R"(must be a map with a step, such as {"step":"run","delay":450})");
    }
    Stage stage;
    for (const auto& [key, value] : entry.items()) {
      const auto set = SetField(key, value, &stage);
      if (set.has_error()) return BadStage(i, set.error().message);
    }
    const auto checked = CheckFields(entry, stage);
    if (checked.has_error()) return BadStage(i, checked.error().message);
    stages.push_back(std::move(stage));
  }
  return stages;
}

std::vector<std::vector<Stage>> StagesOf(const DataPlaneConfig& config) {
  std::vector<Stage> own(kSteps);
  for (int step = 0; step < kSteps; ++step) own[step].step = static_cast<Step>(step);
  if (config.kubelet == Kubelet::kReal) own = RealStages();
  const auto replace = [&own](Step step, const std::optional<Distribution>& delay) {
    if (delay) own[static_cast<int>(step)].delay = *delay;
  };
  replace(Step::kImagePull, config.image_pull);
  replace(Step::kStart, config.start);
  replace(Step::kRun, config.run_time);
  std::vector<std::vector<Stage>> all(kSteps);
  for (const Stage& stage : config.stages) all[static_cast<int>(stage.step)].push_back(stage);
  for (int step = 0; step < kSteps; ++step) {
    if (all[step].empty()) all[step].push_back(std::move(own[step]));
  }
  return all;
}

}  // namespace kless::data_plane
