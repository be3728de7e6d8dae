#include "store/saved_date.h"

#include <algorithm>
#include <optional>
#include <string>

#include "emulator/base/strings.h"

namespace kless {
namespace {

constexpr const char* kDateValue = "date";

// Both in nanoseconds since 1970.
struct SavedDate {
  std::int64_t emulated = 0;
  std::int64_t machine = 0;
};

std::optional<SavedDate> LoadDate(const Store& store) {
  const auto text = store.LoadValue(kDateValue);
  if (!text) return std::nullopt;
  const auto space = text->find(' ');
  if (space == std::string::npos) return std::nullopt;
  const auto emulated = ParseInteger(text->substr(0, space));
  const auto machine = ParseInteger(text->substr(space + 1));
  if (!emulated || !machine) return std::nullopt;
  return SavedDate{*emulated, *machine};
}

}  // namespace

void SaveDate(Store& store, const RealEventLoop& clock) {
  store.SaveValue(kDateValue, std::to_string(clock.UnixNanos()) + " " +
                                  std::to_string(RealEventLoop::MachineUnixNanos()));
}

void UpdateSavedDate(Store& store, const RealEventLoop& clock) {
  if (clock.speed() != 1 || store.LoadValue(kDateValue)) SaveDate(store, clock);
}

void RestoreDate(EventLoop& event_loop, Store& store) {
  const auto* const clock = dynamic_cast<RealEventLoop*>(&event_loop);
  if (const auto saved = LoadDate(store)) {
    if (clock == nullptr) {
      event_loop.SetUnixNanos(std::max(saved->emulated, event_loop.UnixNanos()));
    } else {
      // The machine's clock may have been set back meanwhile.
      const std::int64_t passed = RealEventLoop::MachineUnixNanos() - saved->machine;
      event_loop.SetUnixNanos(saved->emulated + std::max<std::int64_t>(passed, 0));
    }
  }
  const std::uint64_t latest = store.feed().Latest();
  const auto last = store.feed().Read(std::max<std::uint64_t>(latest, 1) - 1, 1);
  if (last.has_error() || last.value().empty()) return;
  const std::int64_t written = last.value().back()->unix_nanos;
  if (written <= event_loop.UnixNanos()) return;
  event_loop.SetUnixNanos(written);
  if (clock != nullptr) SaveDate(store, *clock);
}

}  // namespace kless
