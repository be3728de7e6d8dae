// Hand-written records, the input of a checker in its tests.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tests/harness/checker.h"

namespace kless::harness {

// Objects in namespace "default"; each call is one record, a second later than the one before.
class Records {
 public:
  // A Job "a" with uid "job-a" and this spec; later calls change it.
  void Job(const nlohmann::json& spec);
  // Sets its status from now on.
  void Status(const nlohmann::json& status);
  // A pod of the Job "a", or of "owner" ("": without an owner); its uid is "uid-NAME".
  void Pod(const std::string& name);
  void Pod(const std::string& name, const nlohmann::json& changes,
           const std::string& owner = "job-a");
  // Merges into the current object (RFC 7396).
  void Change(const ResourceId& id, const nlohmann::json& patch);
  void ChangePod(const std::string& name, const nlohmann::json& patch);
  void Put(const ResourceId& id, const nlohmann::json& object);
  void Remove(const ResourceId& id);
  // Skips sequence numbers.
  void Skip() { ++sequence_; }
  void AtEnd(const EndOfRun& end = {}) { checker.AtEnd(end); }

  // The name of the violated invariant, "" if there is none.
  std::string Invariant() const;

  Checker checker;

 private:
  void Send(const ResourceId& id, const ItemPtr& before, const ItemPtr& after);
  ItemPtr Make(const ResourceId& id, const nlohmann::json& object) const;

  std::uint64_t sequence_ = 0;
  std::map<ResourceId, ItemPtr> items_;
};

}  // namespace kless::harness
