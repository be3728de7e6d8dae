// TimerItem: when a function is to reconcile a key again, and with which memo.
//
// A function cannot sleep.  If a reconcile asks to run again after a while (a back-off, a deadline,
// a TTL), it leaves an item in the table: type "timer", name "<function>/<key>".  The timer service
// invokes the function when the time has come, and removes the item when that invocation has
// succeeded.  There is one timer per function and key; it survives every crash.  The memo is the
// state that a Kubernetes controller would keep in memory about the key.  See functions/DESIGN.md,
// "Timers".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "emulator/base/loop/task.h"
#include "functions/controllers/loop/plan.h"
#include "functions/pool/function.h"
#include "store/item/item.h"
#include "store/resources.h"

namespace kless::control_planes {

constexpr const char* kTimerType = "timer";

struct TimerItem {
  std::string function;
  std::string key;
  std::string uid;              // of the object that the memo is about; "" if keys are permanent
  std::int64_t unix_nanos = 0;  // when it is due; 0: it only holds the memo
  std::string memo;
  std::uint64_t version = 0;  // of the item; 0: not written yet

  // {"at":<unix nanoseconds>,"function":"...","key":"...","memo":"...","uid":"..."}; members
  // without a value are omitted.
  std::string ToDocument() const;
  // A malformed document is read as a timer without time or memo.
  static TimerItem FromItem(const std::string& function, const std::string& key, const Item& item);
};

ResourceId TimerId(const std::string& function, const std::string& key);

// The payload with which a due timer invokes its function, {"timer":"<key>"}, and back ("" if it is
// not such a payload).
std::string TimerPayload(const std::string& key);
std::string TimerKeyOf(const std::string& payload);

// The timer after `plan`; nullopt if it does not change.
std::optional<TimerItem> NextTimer(const TimerItem& current, const controllers::Plan& plan,
                                   std::int64_t unix_nanos);

// The write of the timer over the version that was read; a timer without time and memo is removed.
StoreClient::Action TimerWrite(const TimerItem& timer);

// Reads an item that may not exist.
Task<Result<TimerItem>> ReadTimer(StoreClient* store, std::string function, std::string key);

}  // namespace kless::control_planes
