// LoopWorld: a table in a map, a settable clock, and the smallest driver that runs control loops as
// the control planes do: records wake keys, a reconcile is repeated until the world has no question
// left, the plan's writes are carried out, and each key has one timer and one memo.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "functions/controllers/loop/control_loop.h"

namespace kless::controllers {

using nlohmann::json;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1767225600 * kSecond;  // 2026-01-01T00:00:00Z: a tick of any period

class LoopWorld {
 public:
  explicit LoopWorld(std::vector<ControlLoop> loops, std::int64_t start = kStart);

  // One write as watchers see it.
  struct Change {
    std::int64_t at = 0;  // Unix nanoseconds
    ResourceId id;
    ItemPtr before, after;  // null: none
    bool created() const { return before == nullptr; }
    bool gone() const { return after == nullptr; }
    json Before() const;  // null: none
    json After() const;
  };
  struct Event {
    std::int64_t at = 0;
    std::string component;
    EventNote note;
    std::string object;  // "Pod/a"
    std::string text() const { return note.type + " " + note.reason + " " + note.message; }
  };
  std::vector<Change> changes;
  std::vector<Event> events;
  int reconciles = 0;
  // Writes left before the driver dies; -1: it does not die.  The dead driver's key is delivered
  // again.
  int writes_left = -1;
  // If not empty, why creations of pods fail.  Their key is retried 5 ms later.
  std::string refusal;

  std::int64_t now() const { return now_; }
  double Seconds() const;  // since the start
  double SecondsOf(std::int64_t unix_nanos) const;

  // Objects as the API server would have stored them.  Put fills in missing fields: kind and
  // apiVersion (of built-in kinds), name, namespace, uid "uid-<name>", creationTimestamp.
  void Put(const std::string& type, const std::string& name);
  void Put(const std::string& type, const std::string& name, json object);
  void PutRaw(const std::string& type, const std::string& name, std::string document);
  void Patch(const std::string& type, const std::string& name, const json& patch);
  void Delete(const std::string& type, const std::string& name,
              Deletion::Propagation propagation = Deletion::Propagation::kBackground,
              std::optional<std::int64_t> grace = std::nullopt);
  bool Exists(const std::string& type, const std::string& name) const;
  json Get(const std::string& type, const std::string& name) const;  // null: none

  // Runs until nothing is left to do now.
  void Settle();
  // Runs until `seconds` after the start, with every timer on the way.
  void RunUntil(double seconds);
  // Runs until no timer is left; at most until `seconds` after the start.
  void RunToEnd(double seconds = 1e6);
  std::size_t timers() const;
  // The next timer, in seconds after the start; -1: none.
  double NextTimer() const;
  std::string Memo(const std::string& key) const;

 private:
  struct Running {
    ControlLoop loop;
    std::deque<std::string> queue;
    std::map<std::string, std::int64_t> timers;
    std::map<std::string, std::string> memos;
  };

  void Write(const ResourceId& id, std::optional<std::string> document);
  bool Reconcile(Running& running, const std::string& key);
  void Answer(const World::Question& question, World& world) const;
  // Returns false if the driver died.
  bool Execute(const Running& running, const ResourceId& owner, Plan plan, bool* failed);
  // Returns false if it was refused.
  bool Do(const ResourceId& owner, controllers::Write& write);
  void Edit(const controllers::Write& write);
  void DeleteItem(const ResourceId& id, const Deletion& deletion);
  void Say(const Running& running, const ResourceId& owner, const EventNote& note,
           const std::string& name);

  std::vector<Running> loops_;
  std::map<ResourceId, ItemPtr> items_;
  const std::int64_t start_;
  std::int64_t now_;
  std::uint64_t sequence_ = 0;
  Random random_{11, "loop-world"};
};

// The reference of a dependent: {"apiVersion", "kind", "name", "uid", "blockOwnerDeletion"}.
json OwnedBy(const std::string& kind, const std::string& name, const std::string& uid,
             bool blocks = true);
json Owners(const std::vector<json>& references);  // {"metadata": {"ownerReferences": [...]}}

}  // namespace kless::controllers
