// TimerItem: when a function is to look at a key again, and what it wants to be told then.
//
// A function cannot sleep.  Where a reconcile asks to be run again after a while (a back-off, a
// deadline, a TTL), it leaves an item in the table: type "timer", name "<function>/<key>".  The
// timer service invokes the function when the time has come, and removes the item when that
// invocation has succeeded.  One timer per function and key; it survives every crash.  The memo is
// what a Kubernetes controller would keep in its memory about the key.  functions/DESIGN.md,
// "Timers".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "emulator/base/task.h"
#include "functions/controllers/plan.h"
#include "functions/function.h"
#include "store/item.h"
#include "store/resources.h"

namespace kless::control_planes {

constexpr const char* kTimerType = "timer";

struct TimerItem {
  std::string function;
  std::string key;
  std::string uid;              // of the object that the memo is about; "" where keys are for ever
  std::int64_t unix_nanos = 0;  // when it is due; 0: it only keeps the memo
  std::string memo;
  std::uint64_t version = 0;  // of the item; 0: not written yet

  // {"at":<unix nanoseconds>,"function":"...","key":"...","memo":"...","uid":"..."}; members
  // without a value are left out.
  std::string ToDocument() const;
  // What is no timer reads as one without time or memo.
  static TimerItem FromItem(const std::string& function, const std::string& key, const Item& item);
};

ResourceId TimerId(const std::string& function, const std::string& key);

// The payload that a due timer invokes its function with: {"timer":"<key>"}; and back, "" if it is
// none.
std::string TimerPayload(const std::string& key);
std::string TimerKeyOf(const std::string& payload);

// What `plan` makes of the timer; nullopt: it stays as it is.
std::optional<TimerItem> NextTimer(const TimerItem& current, const controllers::Plan& plan,
                                   std::int64_t unix_nanos);

// The write of it over the version that was read; a timer without time and memo goes.
StoreClient::Action TimerWrite(const TimerItem& timer);

// Of an item that need not be there.
Task<Result<TimerItem>> ReadTimer(StoreClient* store, std::string function, std::string key);

}  // namespace kless::control_planes
