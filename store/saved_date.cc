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

void SaveDate(Store& store, const RealScheduler& clock) {
  store.SaveValue(kDateValue, std::to_string(clock.UnixNanos()) + " " +
                                  std::to_string(RealScheduler::MachineUnixNanos()));
}

void UpdateSavedDate(Store& store, const RealScheduler& clock) {
  if (clock.speed() != 1 || store.LoadValue(kDateValue)) SaveDate(store, clock);
}

void RestoreDate(Scheduler& scheduler, Store& store) {
  const auto* const clock = dynamic_cast<RealScheduler*>(&scheduler);
  if (const auto saved = LoadDate(store)) {
    if (clock == nullptr) {
      scheduler.SetUnixNanos(std::max(saved->emulated, scheduler.UnixNanos()));
    } else {
      // The machine's clock may have been set back meanwhile.
      const std::int64_t passed = RealScheduler::MachineUnixNanos() - saved->machine;
      scheduler.SetUnixNanos(saved->emulated + std::max<std::int64_t>(passed, 0));
    }
  }
  const std::uint64_t latest = store.feed().Latest();
  const auto last = store.feed().Read(std::max<std::uint64_t>(latest, 1) - 1, 1);
  if (last.has_error() || last.value().empty()) return;
  const std::int64_t written = last.value().back()->unix_nanos;
  if (written <= scheduler.UnixNanos()) return;
  scheduler.SetUnixNanos(written);
  if (clock != nullptr) SaveDate(store, *clock);
}

}  // namespace kless
