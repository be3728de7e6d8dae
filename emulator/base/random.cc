#include "emulator/base/random.h"

#include <cmath>

#include "emulator/base/strings.h"

namespace kless {

std::uint64_t HashBytes(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const unsigned char byte : bytes) {
    hash ^= byte;
    hash *= 0x100000001b3ULL;
  }
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53ULL;
  hash ^= hash >> 33;
  return hash;
}

std::uint64_t EntropySeed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

Random::Random(std::uint64_t seed, std::string_view component)
    : engine_(HashBytes(component, seed * 0x9e3779b97f4a7c15ULL + 1)) {}

std::uint64_t Random::Below(std::uint64_t bound) {
  // Rejection keeps the draw unbiased; the loop almost always ends after one draw.
  const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
  std::uint64_t bits = engine_();
  while (bits >= limit) bits = engine_();
  return bits % bound;
}

double Random::Unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }

double PortableLog(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);  // exact; mantissa in [0.5, 1)
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2;
    --exponent;
  }
  // log(m) = 2 atanh((m-1)/(m+1)); |z| < 0.172, so the 12th term is below 1e-18.
  const double z = (mantissa - 1) / (mantissa + 1);
  const double z2 = z * z;
  double sum = 0;
  for (int k = 23; k >= 1; k -= 2) sum = sum * z2 + 1.0 / k;
  return 2 * z * sum + exponent * 0.69314718055994530942;
}

double PortableExp(double x) {
  const double scaled = x * 1.4426950408889634074;
  const double whole = std::floor(scaled + 0.5);
  const double rest = (x - whole * 0.693147180369123816490) - whole * 1.90821492927058770002e-10;
  double sum = 1;
  for (int k = 17; k >= 1; --k) sum = 1 + sum * rest / k;
  return std::ldexp(sum, static_cast<int>(whole));
}

double NormalQuantile(double p) {
  // Inverse of the normal distribution function by P. J. Acklam's rational approximation
  // (relative error below 1.15e-9), which needs log and sqrt only in the tails.
  static constexpr double kA[] = {-3.969683028665376e+01, 2.209460984245205e+02,
                                  -2.759285104469687e+02, 1.383577518672690e+02,
                                  -3.066479806614716e+01, 2.506628277459239e+00};
  static constexpr double kB[] = {-5.447609879822406e+01, 1.615858368580409e+02,
                                  -1.556989798598866e+02, 6.680131188771972e+01,
                                  -1.328068155288572e+01};
  static constexpr double kC[] = {-7.784894002430293e-03, -3.223964580411365e-01,
                                  -2.400758277161838e+00, -2.549732539343734e+00,
                                  4.374664141464968e+00,  2.938163982698783e+00};
  static constexpr double kD[] = {7.784695709041462e-03, 3.224671290700398e-01,
                                  2.445134137142996e+00, 3.754408661907416e+00};
  const auto tail = [](double q) {
    return (((((kC[0] * q + kC[1]) * q + kC[2]) * q + kC[3]) * q + kC[4]) * q + kC[5]) /
           ((((kD[0] * q + kD[1]) * q + kD[2]) * q + kD[3]) * q + 1);
  };
  constexpr double kLow = 0.02425;
  if (p < kLow) return tail(std::sqrt(-2 * PortableLog(p)));
  if (p > 1 - kLow) return -tail(std::sqrt(-2 * PortableLog(1 - p)));
  const double q = p - 0.5;
  const double r = q * q;
  return (((((kA[0] * r + kA[1]) * r + kA[2]) * r + kA[3]) * r + kA[4]) * r + kA[5]) * q /
         (((((kB[0] * r + kB[1]) * r + kB[2]) * r + kB[3]) * r + kB[4]) * r + 1);
}

double Random::Normal() { return NormalQuantile(Unit() + 0x1.0p-54); }  // the argument is never 0

std::string Random::Uuid() {
  const std::uint64_t high = (Bits() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (Bits() & ~(0xc0ULL << 56)) | (0x80ULL << 56);
  std::string text = HexDigits(high) + HexDigits(low);
  for (const std::size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
  return text;
}

std::string Random::NameSuffix(int length) {
  static constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string text;
  for (int i = 0; i < length; ++i) text.push_back(kAlphabet[Below(kAlphabet.size())]);
  return text;
}

}  // namespace kless
