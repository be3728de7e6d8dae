// Seeded random streams.  There is one stream per component, seeded by (run seed, component name),
// so that an additional draw in one component does not shift another.  The mapping from bits to
// values is our own, because the standard distributions differ between libraries.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace kless {

class Random {
 public:
  Random(std::uint64_t seed, std::string_view component);

  std::uint64_t Bits() { return engine_(); }
  // Uniform in [0, bound); bound > 0.
  std::uint64_t Below(std::uint64_t bound);
  // Uniform in [0, 1), 53 bits.
  double Unit();
  // Standard normal, by inversion of one Unit(): the same bits on every machine.
  double Normal();
  // RFC 9562 version 4, lowercase.
  std::string Uuid();
  // Kubernetes' generateName suffix: `length` characters of bcdfghjklmnpqrstvwxz2456789.
  std::string NameSuffix(int length = 5);

 private:
  std::mt19937_64 engine_;
};

// Entropy from the operating system, for a daemon without a given seed.
std::uint64_t EntropySeed();

// A well-mixed 64-bit hash (FNV-1a, then a finaliser); stable across machines and releases.
std::uint64_t HashBytes(std::string_view bytes, std::uint64_t seed = 0);

// Natural logarithm (x > 0) and exponential by IEEE basic operations only, so that every machine
// gets the same bits; relative error below 1e-14 over the range that latencies need.
double PortableLog(double x);
double PortableExp(double x);

// The standard normal's quantile for 0 < p < 1, relative error below 1.15e-9; portable likewise.
double NormalQuantile(double p);

}  // namespace kless
