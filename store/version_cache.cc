#include "store/version_cache.h"

#include <functional>
#include <string_view>

namespace kless {
namespace {

// 16,384 places: with keys of usual lengths about 2 MB.
constexpr std::size_t kPlaces = 1u << 14;

}  // namespace

VersionCache::VersionCache() : places_(kPlaces) {}

// Which place a key has never shows: any good hash does.
std::size_t VersionCache::PlaceOf(int table, const Key& key) {
  const std::hash<std::string_view> hash;
  const std::size_t mixed =
      hash(key.sort) * 31 + hash(key.partition) + static_cast<std::size_t>(table);
  return (mixed ^ mixed >> 32) % kPlaces;
}

std::optional<std::uint64_t> VersionCache::Find(int table, const Key& key) const {
  const Place& place = places_[PlaceOf(table, key)];
  if (!place.used || place.table != table || place.key != key) return std::nullopt;
  return place.version;
}

void VersionCache::Set(int table, const Key& key, std::uint64_t version) {
  Place& place = places_[PlaceOf(table, key)];
  place.used = true;
  place.table = table;
  place.version = version;
  place.key = key;
}

void VersionCache::Clear() {
  for (Place& place : places_) place.used = false;
}

}  // namespace kless
