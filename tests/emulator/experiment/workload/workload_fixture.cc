#include "tests/emulator/experiment/workload/workload_fixture.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "emulator/base/random.h"

namespace kless::experiment {

WorkloadFixture::WorkloadFixture() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kless-test-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
}

WorkloadFixture::~WorkloadFixture() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void WorkloadFixture::Write(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
}

Result<Workload> WorkloadFixture::Try(const std::string& description, std::uint64_t seed) const {
  Random random(seed, "workload");
  return MakeWorkload(nlohmann::json::parse(description), folder_, random);
}

Workload WorkloadFixture::Make(const std::string& description, std::uint64_t seed) const {
  auto made = Try(description, seed);
  if (made.has_value()) return std::move(made.value());
  ADD_FAILURE() << made.error().message;
  return {};
}

std::string WorkloadFixture::Problem(const std::string& description) const {
  const auto made = Try(description);
  return made.has_error() ? Shorten(made.error().message) : "";
}

std::string WorkloadFixture::ValidationProblem(const std::string& description) const {
  const auto valid = ValidateWorkload(nlohmann::json::parse(description), folder_);
  return valid.has_error() ? Shorten(valid.error().message) : "";
}

std::vector<double> WorkloadFixture::Milliseconds(const Workload& workload) {
  std::vector<double> times;
  for (const Arrival& arrival : workload.arrivals) times.push_back(ToMilliseconds(arrival.at));
  return times;
}

std::string WorkloadFixture::Shorten(std::string message) const {
  for (auto at = message.find(folder_); at != std::string::npos; at = message.find(folder_)) {
    message.replace(at, folder_.size(), "FOLDER");
  }
  return message;
}

}  // namespace kless::experiment
