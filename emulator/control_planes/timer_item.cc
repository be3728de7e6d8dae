#include "emulator/control_planes/timer_item.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::control_planes {

std::string TimerItem::ToDocument() const {
  nlohmann::json document = {{"function", function}, {"key", key}};
  if (unix_nanos != 0) document["at"] = unix_nanos;
  if (!memo.empty()) document["memo"] = memo;
  if (!uid.empty()) document["uid"] = uid;
  return DumpJson(document);
}

TimerItem TimerItem::FromItem(const std::string& function, const std::string& key,
                              const Item& item) {
  TimerItem timer;
  timer.function = function;
  timer.key = key;
  timer.version = item.version;
  const auto parsed = ParseJson(item.document);
  if (parsed.has_error() || !parsed->is_object()) return timer;
  timer.unix_nanos = kubernetes::IntegerAt(parsed.value(), "at").value_or(0);
  timer.memo = kubernetes::StringAt(parsed.value(), "memo");
  timer.uid = kubernetes::StringAt(parsed.value(), "uid");
  return timer;
}

StoreClient::Action TimerWrite(const TimerItem& timer) {
  StoreClient::Action action;
  action.id = TimerId(timer.function, timer.key);
  const bool goes = timer.unix_nanos == 0 && timer.memo.empty();
  action.kind = goes ? TransactItem::Kind::kRemove : TransactItem::Kind::kPut;
  if (!goes) action.document = timer.ToDocument();
  action.condition =
      timer.version == 0 ? Condition::NotExists() : Condition::VersionIs(timer.version);
  return action;
}

ResourceId TimerId(const std::string& function, const std::string& key) {
  return {kTimerType, function + "/" + key};
}

std::string TimerPayload(const std::string& key) {
  return DumpJson(nlohmann::json{{"timer", key}});
}

std::string TimerKeyOf(const std::string& payload) {
  if (payload.empty()) return std::string();
  const auto parsed = ParseJson(payload);
  if (parsed.has_error() || !parsed->is_object()) return std::string();
  return kubernetes::StringAt(parsed.value(), "timer");
}

std::optional<TimerItem> NextTimer(const TimerItem& current, const controllers::Plan& plan,
                                   std::int64_t unix_nanos) {
  TimerItem next = current;
  if (plan.requeue_after && *plan.requeue_after > Duration::zero()) {
    next.unix_nanos = unix_nanos + plan.requeue_after->count();
  }
  if (plan.memo) next.memo = *plan.memo;
  if (next.unix_nanos == current.unix_nanos && next.memo == current.memo) return std::nullopt;
  // It is written for its memo: a time that has passed must not make it fire again.
  if (next.unix_nanos <= unix_nanos) next.unix_nanos = 0;
  return next;
}

Task<Result<TimerItem>> ReadTimer(StoreClient* store, std::string function, std::string key) {
  const Result<ItemPtr> item = co_await store->Get(TimerId(function, key));
  if (item.has_value()) co_return TimerItem::FromItem(function, key, *item.value());
  if (item.error().code != ErrorCode::kNotFound) co_return item.error();
  TimerItem timer;
  timer.function = function;
  timer.key = key;
  co_return timer;
}

}  // namespace kless::control_planes
