#include "emulator/data_plane/pod_ip.h"

#include <cstddef>

namespace kless::data_plane {

namespace {

constexpr std::uint32_t kPodNetwork = 0x0a000000;  // 10.0.0.0
// 0 is the network, 1 its gateway, 255 the broadcast address.
constexpr int kFirstSlot = 2;
constexpr int kLastSlot = 254;

}  // namespace

std::string IpText(std::uint32_t ip) {
  return std::to_string(ip >> 24) + "." + std::to_string((ip >> 16) & 255) + "." +
         std::to_string((ip >> 8) & 255) + "." + std::to_string(ip & 255);
}

std::string PodIp(int node, int slot) {
  return IpText(kPodNetwork + static_cast<std::uint32_t>(node) * 256 +
                static_cast<std::uint32_t>(slot));
}

int PodIpSlots::Take(int wanted) {
  if (wanted >= kFirstSlot && wanted <= kLastSlot &&
      !taken_.test(static_cast<std::size_t>(wanted))) {
    taken_.set(static_cast<std::size_t>(wanted));
    return wanted;
  }
  for (int step = 1; step <= kLastSlot - kFirstSlot + 1; ++step) {
    int slot = last_ + step;
    if (slot > kLastSlot) slot -= kLastSlot - kFirstSlot + 1;
    if (slot < kFirstSlot || taken_.test(static_cast<std::size_t>(slot))) continue;
    taken_.set(static_cast<std::size_t>(slot));
    last_ = slot;
    return slot;
  }
  return 0;
}

void PodIpSlots::Give(int slot) {
  if (slot > 0) taken_.reset(static_cast<std::size_t>(slot));
}

}  // namespace kless::data_plane
