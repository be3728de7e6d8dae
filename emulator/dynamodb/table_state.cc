#include "emulator/dynamodb/table_state.h"

#include <algorithm>

#include "store/resources.h"

namespace kless::dynamodb {

const char* BillingModeName(BillingMode mode) {
  return mode == BillingMode::kProvisioned ? "PROVISIONED" : "PAY_PER_REQUEST";
}

const char* ViewTypeName(ViewType type) {
  switch (type) {
    case ViewType::kKeysOnly:
      return "KEYS_ONLY";
    case ViewType::kNewImage:
      return "NEW_IMAGE";
    case ViewType::kOldImage:
      return "OLD_IMAGE";
    case ViewType::kNewAndOldImages:
      return "NEW_AND_OLD_IMAGES";
  }
  return "NEW_AND_OLD_IMAGES";
}

std::optional<ViewType> ViewTypeFromName(std::string_view name) {
  for (const ViewType type : {ViewType::kKeysOnly, ViewType::kNewImage, ViewType::kOldImage,
                              ViewType::kNewAndOldImages}) {
    if (name == ViewTypeName(type)) return type;
  }
  return std::nullopt;
}

const char* ProjectionTypeName(ProjectionType type) {
  switch (type) {
    case ProjectionType::kAll:
      return "ALL";
    case ProjectionType::kKeysOnly:
      return "KEYS_ONLY";
    case ProjectionType::kInclude:
      return "INCLUDE";
  }
  return "ALL";
}

std::optional<ProjectionType> ProjectionTypeFromName(std::string_view name) {
  for (const ProjectionType type :
       {ProjectionType::kAll, ProjectionType::kKeysOnly, ProjectionType::kInclude}) {
    if (name == ProjectionTypeName(type)) return type;
  }
  return std::nullopt;
}

void ThroughputChanges::NoteRequest(std::int64_t unix_nanos) {
  if (pending->increases) last_increase_nanos = unix_nanos;
  if (!pending->decreases) return;
  decreases_today = DecreasesOn(unix_nanos);
  last_decrease_nanos = unix_nanos;
}

std::int64_t ThroughputChanges::DecreasesOn(std::int64_t unix_nanos) const {
  constexpr std::int64_t kDay = std::int64_t{24} * 3600 * 1'000'000'000;
  return last_decrease_nanos / kDay == unix_nanos / kDay ? decreases_today : 0;
}

const char* TableStatusName(TableStatus status) {
  switch (status) {
    case TableStatus::kCreating:
      return "CREATING";
    case TableStatus::kActive:
      return "ACTIVE";
    case TableStatus::kUpdating:
      return "UPDATING";
    case TableStatus::kDeleting:
      return "DELETING";
  }
  return "ACTIVE";
}

bool SecondaryIndex::Projects(std::string_view attribute) const {
  return projection == ProjectionType::kAll || key.Find(attribute) != nullptr ||
         (projection == ProjectionType::kInclude &&
          std::find(projected.begin(), projected.end(), attribute) != projected.end());
}

Throughput WarmOf(BillingMode billing, const Throughput& provisioned) {
  return billing == BillingMode::kPayPerRequest ? kOnDemandWarm : provisioned;
}

Throughput TableState::Warm() const {
  const Throughput least = WarmOf(billing, throughput);
  if (!warm) return least;
  return {std::max(least.read, warm->read), std::max(least.write, warm->write)};
}

bool TableState::is_resource_table() const {
  return table->description().name == ResourceTable::kTableName;
}

const SecondaryIndex* TableState::FindIndex(std::string_view index) const {
  for (const SecondaryIndex& candidate : indexes) {
    if (candidate.name == index) return &candidate;
  }
  return nullptr;
}

SecondaryIndex* TableState::FindIndex(std::string_view index) {
  return const_cast<SecondaryIndex*>(std::as_const(*this).FindIndex(index));
}

const StreamState* TableState::stream() const {
  return streams.empty() || streams.back().until ? nullptr : &streams.back();
}

std::string TableState::StreamArn(const StreamState& stream) const {
  return arn + "/stream/" + stream.label;
}

std::string TableState::IndexArn(const SecondaryIndex& index) const {
  return arn + "/index/" + index.name;
}

std::vector<KeyAttribute> TableState::Attributes() const {
  std::vector<KeyAttribute> attributes;
  const auto add = [&attributes](const KeySchema& key) {
    attributes.insert(attributes.end(), key.partition.begin(), key.partition.end());
    attributes.insert(attributes.end(), key.sort.begin(), key.sort.end());
  };
  add(layout.keys);
  for (const SecondaryIndex& index : indexes) add(index.key);
  std::sort(attributes.begin(), attributes.end(),
            [](const KeyAttribute& a, const KeyAttribute& b) { return a.name < b.name; });
  attributes.erase(std::unique(attributes.begin(), attributes.end()), attributes.end());
  return attributes;
}

}  // namespace kless::dynamodb
