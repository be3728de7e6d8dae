// EventRecorder: client-go's event correlation (reference/controllers.md CM6 to CM9), without I/O.
//
// Per (component, object, type, reason): the first 9 different messages within 10 minutes get
// Events of their own, later ones are folded into one Event "(combined from similar events): ...".
// Per (component, object): a burst of 25, then one per 300 s; the rest is dropped.  The same
// message again increments the count of its Event.  The state lives in the memory of an execution
// environment, as client-go's lives in a process.
//
// A note with an action is an event of events.k8s.io/v1, as the scheduler emits them (reference
// scheduler.md, section 3): in core/v1 it has no source, no count and no timestamps except
// eventTime.  Notes that differ only in their message (same type, action, reason, object and
// version of the object) share one Event with a series, unless 6 minutes have passed in between;
// nothing is dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "functions/controllers/loop/lru_map.h"
#include "functions/controllers/loop/plan.h"

namespace kless::controllers {

// The write that results from an event.
struct EventWrite {
  ResourceId id;         // type "event"
  std::string document;  // the whole Event; for count > 1 it replaces the earlier one
  bool create = true;
};

class EventRecorder {
 public:
  explicit EventRecorder(std::string component);
  // Returns nullopt if the spam filter drops the event.  `name` completes a note with append_name.
  // `uid` must be new on every call: it becomes a new Event's uid, and its hash is the suffix of
  // the Event's name.
  std::optional<EventWrite> Record(const EventTarget& target, const EventNote& note,
                                   const std::string& name, std::int64_t unix_nanos,
                                   const std::string& uid);

 private:
  struct Source {  // per object: the spam filter's bucket
    double tokens = 0;
    std::int64_t refilled_unix_nanos = -1;  // -1: new
  };
  struct Aggregate {  // per object, type and reason
    std::set<std::string> messages;
    std::int64_t last_unix_nanos = 0;
  };
  struct Seen {  // per message (or per aggregate)
    std::string event_name;
    std::string uid;
    std::int64_t first_unix_nanos = 0;
    int count = 0;
    bool written = false;  // false: every occurrence so far was dropped
  };

  struct Series {  // per type, action, reason, object and version
    std::string event_name, uid, note;
    std::int64_t first_unix_nanos = 0;
    std::int64_t last_unix_nanos = 0;
    int count = 0;
  };

  EventWrite RecordAction(const EventTarget& target, const EventNote& note, std::string message,
                          std::int64_t unix_nanos, const std::string& uid);
  // Whether there have been too many similar messages, so that this one is folded.
  bool Folds(const std::string& group_key, const std::string& message, std::int64_t unix_nanos);
  bool Spends(const std::string& source_key, std::int64_t unix_nanos);

  const std::string component_;
  LruMap<Source> sources_;
  LruMap<Aggregate> aggregates_;
  LruMap<Seen> seen_;
  LruMap<Series> series_;
};

}  // namespace kless::controllers
