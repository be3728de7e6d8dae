// The addresses of pods: each node has a network of its own, from which its pods draw.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>

namespace kless::data_plane {

// "10.0.3.2".
std::string IpText(std::uint32_t ip);
// In the pod network 10.0.0.0/8: 256 addresses for each of at most 65,536 nodes.
std::string PodIp(int node, int slot);

// The last numbers of the addresses of one node: which are taken.
class PodIpSlots {
 public:
  // Takes `wanted` if it is free, or else the next free one after the last that was drawn.  0 if
  // all are taken.
  int Take(int wanted);
  // 0 is ignored.
  void Give(int slot);

 private:
  std::bitset<256> taken_;
  int last_ = 1;
};

}  // namespace kless::data_plane
