// EventRecorder: client-go's event correlation (reference/controllers.md CM6 to CM9), without I/O.
//
// Per (component, object, type, reason): the first 9 different messages within 10 minutes get
// Events of their own, later ones are folded into one Event "(combined from similar events): ...".
// Per (component, object): a burst of 25, then one per 300 s; what is above is dropped.  The same
// message again raises the count of its Event. Its state lives in the memory of an execution
// environment, as client-go's lives in a process.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "functions/controllers/plan.h"

namespace kless::controllers {

struct EventTarget {
  std::string api_version, kind, namespace_name, name, uid;
  std::uint64_t resource_version = 0;
};

// The write that an event leads to.
struct EventWrite {
  ResourceId id;         // type "event"
  std::string document;  // the whole Event; for count > 1 it replaces the earlier one
  bool create = true;
};

class EventRecorder {
 public:
  explicit EventRecorder(std::string component) : component_(std::move(component)) {}
  // nullopt: dropped by the spam filter.  `name` completes a note with append_name.
  std::optional<EventWrite> Record(const EventTarget& target, const EventNote& note,
                                   const std::string& name, std::int64_t unix_nanos,
                                   const std::string& uid);

 private:
  struct Source {  // per object: the spam filter's bucket
    double tokens = 25;
    std::int64_t refilled_unix_nanos = 0;
  };
  struct Aggregate {                               // per object, type and reason
    std::map<std::string, std::int64_t> messages;  // message -> last seen
    std::int64_t last_unix_nanos = 0;
  };
  struct Seen {  // per message (or per aggregate)
    std::string event_name;
    std::string uid;
    std::int64_t first_unix_nanos = 0;
    int count = 0;
  };
  const std::string component_;
  std::map<std::string, Source> sources_;
  std::map<std::string, Aggregate> aggregates_;
  std::map<std::string, Seen> seen_;
};

}  // namespace kless::controllers
