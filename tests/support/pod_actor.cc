#include "tests/support/pod_actor.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"

namespace kless::testing {

bool SetPodPhase(Store& store, const std::string& pod, PodPhase phase) {
  const ResourceId id{"pod", pod};
  const auto item = store.resources().Get(id);
  if (item.has_error()) return false;
  nlohmann::json object = nlohmann::json::parse(item.value()->document);
  object["status"]["phase"] = PodPhaseName(phase);
  return store.resources()
      .Put(id, DumpJson(object), Condition::VersionIs(item.value()->version))
      .has_value();
}

PodActor::PodActor(EventLoop& event_loop, Store& store, std::uint64_t seed, Duration longest,
                   int failures_max)
    : event_loop_(event_loop),
      store_(store),
      random_(seed, "pod actor"),
      longest_(longest),
      failures_max_(failures_max) {}

void PodActor::Start(int looks) {
  looks_ = looks;
  Look();
}

void PodActor::Look() {
  if (looks_-- <= 0) return;
  const auto page = store_.resources().List("pod", "", "", 10'000);
  for (const ItemPtr& item : page.value().items) {
    const ResourceFields& fields = *item->fields;
    const std::string name = store_.resources().IdOf(item->key).name;
    if (fields.phase == PodPhase::kSucceeded || fields.phase == PodPhase::kFailed) {
      if (!fields.tracked && random_.Below(2) == 0) {
        store_.resources().Remove({"pod", name}, Condition::None()).value();
      }
      continue;
    }
    if (!seen_.insert(name + " " + fields.uid).second) continue;
    const auto delay = Duration(
        static_cast<Duration::rep>(random_.Below(static_cast<std::uint64_t>(longest_.count()))));
    event_loop_.CallAt(event_loop_.Now() + delay, [this, name] { End(name); });
  }
  event_loop_.CallAt(event_loop_.Now() + longest_ / 4, [this] { Look(); });
}

void PodActor::End(std::string pod) {
  const bool fails = failed_ < failures_max_ && random_.Below(10) == 0;
  const auto before = store_.resources().Get({"pod", pod});
  if (before.has_error()) return;
  if (!SetPodPhase(store_, pod, fails ? PodPhase::kFailed : PodPhase::kSucceeded)) return;
  ++(fails ? failed_ : succeeded_);
}

}  // namespace kless::testing
