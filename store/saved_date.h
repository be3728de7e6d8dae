// The date of the emulated world, saved in the store together with the machine's date of the same
// moment, so that another process continues the world's time (emulator/DESIGN.md, "Time").
#pragma once

#include "emulator/base/loop/event_loop.h"
#include "store/store.h"

namespace kless {

// Saves the date in the turn's transaction.
void SaveDate(Store& store, const RealEventLoop& clock);
// The same, but only for a world whose date differs, or is about to differ, from the machine's: one
// whose date was saved before, or whose clock runs at another speed.
void UpdateSavedDate(Store& store, const RealEventLoop& clock);

// Sets the date of a world that is opened.  In real time it is the saved date plus the real time
// that has passed since then, in virtual time the saved date; in both, it is never before the last
// change record.  Without a saved date the world has the scheduler's.
void RestoreDate(EventLoop& event_loop, Store& store);

}  // namespace kless
