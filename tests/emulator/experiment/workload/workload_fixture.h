// Helpers that the tests of workloads share: a folder with trace files, and descriptions as JSON
// text.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/experiment/workload/workload.h"

namespace kless::experiment {

class WorkloadFixture : public testing::Test {
 protected:
  WorkloadFixture();
  ~WorkloadFixture() override;

  void Write(const std::string& name, const std::string& text) const;
  Result<Workload> Try(const std::string& description, std::uint64_t seed = 1) const;
  // Fails the test if there is an error.
  Workload Make(const std::string& description, std::uint64_t seed = 1) const;
  // The message, with FOLDER for the test's folder; "" if there is no error.
  std::string Problem(const std::string& description) const;
  // The same for ValidateWorkload.
  std::string ValidationProblem(const std::string& description) const;

  static std::vector<double> Milliseconds(const Workload& workload);

 private:
  std::string Shorten(std::string message) const;

  std::string folder_;
};

}  // namespace kless::experiment
