#include "store/sqlite/version_cache.h"

#include <functional>
#include <string_view>

namespace kless {

// The place of a key has no visible effect, so any good hash does.
std::size_t VersionCache::PlaceOf(int table, const Key& key) {
  const std::hash<std::string_view> hash;
  const std::size_t mixed =
      hash(key.sort) * 31 + hash(key.partition) + static_cast<std::size_t>(table);
  return (mixed ^ mixed >> 32) % (kChunks * kChunkPlaces);
}

std::optional<std::uint64_t> VersionCache::Find(int table, const Key& key) const {
  const std::size_t at = PlaceOf(table, key);
  const auto& chunk = chunks_[at / kChunkPlaces];
  if (!chunk) return std::nullopt;
  const Place& place = chunk[at % kChunkPlaces];
  if (!place.used || place.table != table || place.key != key) return std::nullopt;
  return place.version;
}

void VersionCache::Set(int table, const Key& key, std::uint64_t version) {
  const std::size_t at = PlaceOf(table, key);
  auto& chunk = chunks_[at / kChunkPlaces];
  if (!chunk) chunk = std::make_unique<Place[]>(kChunkPlaces);
  Place& place = chunk[at % kChunkPlaces];
  place.used = true;
  place.table = table;
  place.version = version;
  place.key = key;
}

void VersionCache::Clear() {
  for (auto& chunk : chunks_) chunk.reset();
}

}  // namespace kless
