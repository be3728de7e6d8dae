// PodLedger: replays the change feed and checks at every record that no Job has too many pods.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "store/item/item.h"
#include "store/resources.h"

namespace kless::testing {

// The pods that a Job of the test should have; its spec does not change.
struct Expected {
  int parallelism = 1;
  int completions = 1;
  bool indexed = false;
};

class PodLedger {
 public:
  // `expected` by Job name (without namespace).
  PodLedger(const ResourceTable& resources, std::map<std::string, Expected> expected)
      : resources_(resources), expected_(std::move(expected)) {}

  // Returns "" if every record kept the invariants, else the first violation as a sentence.
  std::string Replay(const std::vector<RecordPtr>& records);

  // Pods that exist at the end.
  struct Pod {
    std::string job, uid, owner_uid;
    PodPhase phase{};
    bool tracked = false, deleting = false;
    int index = -1;
    bool active() const {
      return phase != PodPhase::kSucceeded && phase != PodPhase::kFailed && !deleting;
    }
  };
  const std::map<std::string, Pod>& pods() const { return pods_; }
  int Active(const std::string& job) const;
  // Pods that ended in success or failure, including those removed since.
  int Succeeded(const std::string& job) const { return Count(succeeded_, job); }
  int Failed(const std::string& job) const { return Count(failed_, job); }

 private:
  // By Job: uid of the pod -> its completion index.
  using Ended = std::map<std::string, std::map<std::string, int>>;
  static int Count(const Ended& ended, const std::string& job);
  std::string Check(const std::string& job, std::uint64_t sequence) const;

  const ResourceTable& resources_;
  const std::map<std::string, Expected> expected_;
  std::map<std::string, Pod> pods_;
  Ended succeeded_, failed_;
};

}  // namespace kless::testing
