#include "emulator/control_planes/classic/loop_watch.h"

#include <string>
#include <utility>
#include <vector>

#include "functions/kubernetes/custom/custom_kinds.h"
#include "functions/kubernetes/kinds/registry.h"

namespace kless::control_planes {

LoopWatch::LoopWatch(EventLoop& event_loop, Store& store, const ClassicProfile& profile,
                     const controllers::ControlLoop& loop, Random& random, Handlers handlers)
    : store_(store),
      profile_(profile),
      loop_(loop),
      random_(random),
      handlers_(std::move(handlers)),
      follower_(event_loop, store, MakeHandlers()) {}

Task<bool> LoopWatch::List(std::uint64_t* position) {
  if (handlers_.begin_list) handlers_.begin_list();
  // Nothing waits from here on, so the list misses no change after this position.  Writes of this
  // turn are both in the list and after it, which costs at most a reconcile that finds nothing to
  // do.
  *position = store_.feed().Latest();
  std::vector<std::string> types = loop_.types;
  if (types.empty()) {
    for (const kubernetes::Kind& kind : kubernetes::Kinds()) types.push_back(kind.type);
    // A definition has the name of the type that it defines.
    const auto visited =
        VisitAll(store_.resources(), kubernetes::kDefinitionType, "",
                 [&types](const ResourceId& id, const ItemPtr&) { types.push_back(id.name); });
    if (visited.has_error()) co_return false;
  }
  for (const std::string& type : types) {
    const auto visited =
        VisitAll(store_.resources(), type, "", [this](const ResourceId& id, const ItemPtr& item) {
          handlers_.observe(id, nullptr, item);
        });
    if (visited.has_error()) co_return false;
  }
  co_return true;
}

FeedFollower::Handlers LoopWatch::MakeHandlers() {
  FeedFollower::Handlers handlers;
  handlers.list = [this](std::uint64_t* position) { return List(position); };
  handlers.delay = [this] { return profile_.watch_delivery.Sample(random_); };
  handlers.deliver = [this](const ChangeRecord& record) {
    handlers_.observe(store_.resources().IdOf(record.key), record.old_image, record.new_image);
  };
  handlers.pause = handlers_.pause;
  return handlers;
}

}  // namespace kless::control_planes
