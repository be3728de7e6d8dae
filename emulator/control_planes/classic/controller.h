// Controller: a control loop of the classic control plane, as its manager sees it.
#pragma once

#include <cstdint>

namespace kless::control_planes {

class Controller {
 public:
  virtual ~Controller() = default;

  virtual void Start() = 0;  // call it once, when the control plane is operational
  // Begins nothing new; what is running finishes.
  virtual void Stop() = 0;

  // Whether everything committed has arrived, nothing is to be done now, and it is quiet.
  virtual bool Idle() const = 0;
  // Idle, and nothing waits for its time, except what never ends (ControlLoop::housekeeping).
  virtual bool AtRest() const = 0;
  // Whether nothing is being reconciled, and no event is being written.
  virtual bool Quiet() const = 0;
  // The feed's records up to here have arrived.
  virtual std::uint64_t position() const = 0;
};

}  // namespace kless::control_planes
