// How tables are found, made and deleted.
//
// Descriptions are one text each among the store's named values, written in the transaction of the
// change.  A table whose deletion takes time (the profile's delay) is still there for the store; it
// is removed when the first lookup after that time meets it.

#include "emulator/dynamodb/catalog.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "emulator/base/strings.h"
#include "emulator/base/system/log.h"
#include "emulator/dynamodb/capacity.h"
#include "emulator/dynamodb/catalog_parts.h"
#include "emulator/dynamodb/table_arn.h"
#include "emulator/dynamodb/table_json.h"
#include "emulator/dynamodb/table_rules.h"
#include "store/resources.h"

namespace kless::dynamodb {
namespace {

constexpr const char* kTablePrefix = "dynamodb.table.";
constexpr const char* kGonePrefix = "dynamodb.gone.";
// Shards of a table as event source mappings see them; a new on-demand table has four partitions.
constexpr int kMappingShards = 4;

std::string StoredName(const char* prefix, int table_id) {
  return prefix + std::to_string(table_id);
}

// "2026-11-30T23:41:07.113"
std::string LabelOf(std::int64_t unix_nanos) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> time{
      std::chrono::milliseconds(unix_nanos / 1'000'000)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[40];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

Catalog::StreamSource SourceOf(int table_id, const TableState& table, const StreamState& stream) {
  return {table_id,
          table.name,
          table.creator,
          table.StreamArn(stream),
          table.layout,
          stream,
          PartitionsOf(table, nullptr)};
}

Failure InvalidPart(const char* part, std::string_view arn) {
  return Invalid(std::string("1 validation error detected: Invalid ") + part + " in '" +
                 std::string(arn) + "'");
}

// An ARN in place of a table's name that is none of a table.
Failure InvalidNameArn(std::string_view text) {
  const auto arn = ParseArn(text);
  if (!arn || arn->service != "dynamodb") return Invalid("Invalid table ARN: " + std::string(text));
  if (arn->partition != "aws") return InvalidPart("AWS partition", text);
  if (!arn->resource.starts_with("table/")) return InvalidPart("resource type", text);
  return Invalid("Invalid table ARN: " + std::string(text));
}

Failure TableNotFound(const std::string& name) {
  return Fail(FailureKind::kResourceNotFound,
              "Requested resource not found: Table: " + name + " not found");
}

}  // namespace

Catalog::Catalog(EventLoop& event_loop, Store& store, CatalogOptions options, std::uint64_t seed)
    : event_loop_(event_loop),
      store_(store),
      options_(std::move(options)),
      parts_(std::make_unique<Parts>(seed)) {
  Load();
  for (Table* const table : store_.Tables()) {
    if (!parts_->tables.contains(table->description().id)) Adopt(*table);
  }
  UpdateRetention();
}

Catalog::~Catalog() { *parts_->alive = false; }

void Catalog::Load() {
  for (const auto& [name, text] : store_.LoadValues(kTablePrefix)) {
    const int id = static_cast<int>(
        ParseUnsigned(name.substr(std::string_view(kTablePrefix).size())).value_or(0));
    Table* const table = store_.FindTable(id);
    auto state = TableFromText(text);
    if (table == nullptr || table->IsDeleted() || state.has_error()) {
      Log(LogLevel::kWarning, "dynamodb",
          "the description " + name + " is left out: " +
              (state.has_error() ? state.error().message : "its table does not exist"));
      continue;
    }
    state.value().table = table;
    parts_->names[NameOf(state.value().creator, state.value().name)] = id;
    OpenIndexes(parts_->tables[id] = std::move(state.value()));
  }
  for (const auto& [name, text] : store_.LoadValues(kGonePrefix)) {
    const int id = static_cast<int>(
        ParseUnsigned(name.substr(std::string_view(kGonePrefix).size())).value_or(0));
    auto state = TableFromText(text);
    if (!state.has_error()) parts_->gone[id] = std::move(state.value());
  }
}

void Catalog::Save(const TableState& table) {
  store_.SaveValue(StoredName(kTablePrefix, table.store_id()), TableToText(table));
}

std::pair<Scope, std::string> Catalog::NameOf(const Scope& scope, std::string name) const {
  return {options_.isolate ? scope : Scope{}, std::move(name)};
}

// Describes a table that was made without DynamoDB.
TableState* Catalog::Adopt(Table& table) {
  const TableDescription& description = table.description();
  TableState state;
  state.table = &table;
  state.name = description.name;
  state.creator = options_.scope;
  state.id = parts_->random.Uuid();
  state.arn = TableArnText(state.creator, state.name);
  state.created_nanos = state.active_nanos = state.updated_nanos = Now();
  state.layout.keys.partition = {{description.partition_key, description.partition_type}};
  if (!description.sort_key.empty()) {
    state.layout.keys.sort = {{description.sort_key, description.sort_type}};
  }
  state.layout.document_attribute = description.document_attribute;
  state.billing_was_given = true;
  state.on_demand_nanos = Now();
  if (state.is_resource_table()) {
    AddStream(state, ViewType::kNewAndOldImages);
    state.streams.back().after = 0;
  }
  const int id = state.store_id();
  parts_->names[NameOf(state.creator, state.name)] = id;
  TableState& kept = parts_->tables[id] = std::move(state);
  Save(kept);
  return &kept;
}

TableState* Catalog::Settle(int table_id) {
  const auto found = parts_->tables.find(table_id);
  if (found == parts_->tables.end()) return nullptr;
  TableState& table = found->second;
  const std::int64_t now = Now();
  if (table.deleted_nanos != 0 && now >= table.deleted_nanos && Remove(table_id)) return nullptr;
  bool changed = SettleUpdate(table);
  for (std::size_t i = table.indexes.size(); i-- > 0;) {
    const SecondaryIndex& index = table.indexes[i];
    if (index.deleted_nanos == 0 || now < index.deleted_nanos) continue;
    const auto dropped = table.table->DropIndex(index.entries);
    if (dropped.has_error()) {
      Log(LogLevel::kError, "dynamodb", dropped.error().message);
      continue;
    }
    parts_->backfills.erase(index.entries);
    table.indexes.erase(table.indexes.begin() + static_cast<std::ptrdiff_t>(i));
    changed = true;
  }
  if (changed) Save(table);
  return &table;
}

bool Catalog::Remove(int table_id) {
  const auto deleted = store_.DeleteTable(parts_->tables.at(table_id).table->description().name);
  if (deleted.has_error()) {
    Log(LogLevel::kError, "dynamodb", deleted.error().message);
    return false;
  }
  TableState table = std::move(parts_->tables.at(table_id));
  for (const SecondaryIndex& index : table.indexes) parts_->backfills.erase(index.entries);
  parts_->backfills.erase(table.ttl.entries);
  parts_->tables.erase(table_id);
  parts_->names.erase(NameOf(table.creator, table.name));
  store_.RemoveValue(StoredName(kTablePrefix, table_id));
  if (!table.streams.empty()) {
    store_.SaveValue(StoredName(kGonePrefix, table_id), TableToText(table));
    parts_->gone[table_id] = std::move(table);
  }
  UpdateRetention();
  for (const auto& callback : parts_->callbacks) callback(table_id);
  return true;
}

Catalog::StateResult Catalog::FindState(const Scope& scope, std::string_view name_or_arn) {
  std::string name(name_or_arn);
  Scope asked = scope;
  std::optional<TableArn> arn;
  if (name_or_arn.starts_with("arn:")) {
    arn = ParseTableArn(name_or_arn);
    if (!arn || !arn->kind.empty()) return InvalidNameArn(name_or_arn);
    name = arn->table;
    asked = arn->scope;
  }
  const auto found = parts_->names.find(NameOf(asked, name));
  TableState* table = found == parts_->names.end() ? nullptr : Settle(found->second);
  if (table == nullptr && (!options_.isolate || asked == options_.scope)) {
    Table* const stored = store_.FindTable(name);
    if (stored != nullptr && !parts_->tables.contains(stored->description().id)) {
      table = Adopt(*stored);
    }
  }
  if (table != nullptr && (!arn || table->creator == arn->scope)) return table;
  if (arn && arn->scope.region != scope.region) return InvalidPart("AWS region", name_or_arn);
  if (arn && arn->scope.account != scope.account) return AccessDenied();
  return TableNotFound(name);
}

Outcome<const TableState*> Catalog::Find(const Scope& scope, std::string_view name_or_arn) {
  KLESS_TRY(const TableState* const table, FindState(scope, name_or_arn));
  return table;
}

Outcome<const TableState*> Catalog::FindActive(const Scope& scope, std::string_view name_or_arn) {
  const auto found = FindState(scope, name_or_arn);
  const auto missing = [] {
    return Fail(FailureKind::kResourceNotFound, "Requested resource not found");
  };
  if (found.has_error()) {
    if (found.error().kind != FailureKind::kResourceNotFound) return found.error();
    return missing();
  }
  const TableStatus status = StatusOf(*found.value());
  if (status == TableStatus::kCreating || status == TableStatus::kDeleting) return missing();
  return static_cast<const TableState*>(found.value());
}

Outcome<const SecondaryIndex*> Catalog::FindActiveIndex(const TableState& table,
                                                        std::string_view index) const {
  const SecondaryIndex* const found = table.FindIndex(index);
  if (found == nullptr || found->deleted_nanos != 0) {
    return static_cast<const SecondaryIndex*>(nullptr);
  }
  if (StatusOf(*found) == TableStatus::kCreating) {
    return Invalid("Cannot read from backfilling global secondary index: " + found->name);
  }
  return found;
}

const TableState* Catalog::FindById(int table_id) {
  if (TableState* const table = Settle(table_id)) return table;
  Table* const stored = store_.FindTable(table_id);
  if (stored == nullptr || stored->IsDeleted() || parts_->tables.contains(table_id)) return nullptr;
  return Adopt(*stored);
}

std::vector<const TableState*> Catalog::All() {
  std::vector<const TableState*> tables;
  for (Table* const table : store_.Tables()) {
    if (const TableState* const state = FindById(table->description().id)) tables.push_back(state);
  }
  std::sort(tables.begin(), tables.end(),
            [](const TableState* a, const TableState* b) { return a->store_id() < b->store_id(); });
  return tables;
}

TableStatus Catalog::StatusOf(const SecondaryIndex& index) const {
  if (index.deleted_nanos != 0) return TableStatus::kDeleting;
  if (!index.backfilled || Now() < index.active_nanos) return TableStatus::kCreating;
  return index.changes.pending ? TableStatus::kUpdating : TableStatus::kActive;
}

TableStatus Catalog::StatusOf(const TableState& table) const {
  const std::int64_t now = Now();
  if (table.deleted_nanos != 0) return TableStatus::kDeleting;
  if (now < table.active_nanos) return TableStatus::kCreating;
  const bool updating =
      now < table.updated_nanos ||
      std::any_of(table.indexes.begin(), table.indexes.end(), [&](const SecondaryIndex& index) {
        return StatusOf(index) != TableStatus::kActive;
      });
  return updating ? TableStatus::kUpdating : TableStatus::kActive;
}

Outcome<const TableState*> Catalog::Create(const Scope& scope, const TableRequest& request) {
  KLESS_TRY_VOID(CheckTable(request));
  const auto existing = FindState(scope, request.name);
  if (!existing.has_error()) {
    const TableStatus status = StatusOf(*existing.value());
    if (status == TableStatus::kCreating) return StillInUse(status, request.name);
    return Fail(FailureKind::kResourceInUse, "Table already exists: " + request.name);
  }
  TableState state;
  state.layout.keys = KeysOf(request.key, request.attributes);
  TableDescription description;
  const bool isolated = options_.isolate && scope != options_.scope;
  description.name =
      isolated ? scope.account + "." + scope.region + "." + request.name : request.name;
  description.partition_key = state.layout.keys.partition[0].name;
  description.partition_type = state.layout.keys.partition[0].type;
  if (!state.layout.keys.sort.empty()) {
    description.sort_key = state.layout.keys.sort[0].name;
    description.sort_type = state.layout.keys.sort[0].type;
  }
  description.shards = kMappingShards;
  const auto created = store_.CreateTable(std::move(description));
  if (created.has_error()) {
    if (created.error().code == ErrorCode::kAlreadyExists) {
      return Fail(FailureKind::kResourceInUse, "Table already exists: " + request.name);
    }
    return FromError(created.error());
  }
  state.table = created.value();
  state.name = request.name;
  state.creator = scope;
  state.id = parts_->random.Uuid();
  state.arn = TableArnText(scope, request.name);
  state.created_nanos = Now();
  state.active_nanos = state.updated_nanos = Later();
  state.billing = request.billing.value_or(BillingMode::kProvisioned);
  state.billing_was_given = state.billing == BillingMode::kPayPerRequest;
  if (state.billing_was_given) state.on_demand_nanos = Now();
  state.throughput = request.throughput.value_or(Throughput{});
  state.on_demand = {request.on_demand.read.value_or(-1), request.on_demand.write.value_or(-1)};
  if (request.warm) {
    state.warm = {request.warm->read.value_or(0), request.warm->write.value_or(0)};
  }
  state.tags = request.tags;
  state.deletion_protection = request.deletion_protection;
  state.table_class = request.table_class;
  state.policy = request.policy;
  if (!state.policy.empty())
    state.policy_revision = std::to_string(state.created_nanos / 1'000'000);
  if (request.sse) state.encryption = EncryptionOf(scope, *request.sse);
  if (request.stream_enabled.value_or(false)) AddStream(state, *request.view);
  const int id = state.store_id();
  TableState& table = parts_->tables[id] = std::move(state);
  parts_->names[NameOf(scope, request.name)] = id;
  for (const TableRequest::Index& index : request.indexes) {
    SecondaryIndex made = MakeIndex(index, request.attributes);
    made.active_nanos = table.active_nanos;
    KLESS_TRY_VOID(AddIndex(table, std::move(made)));
  }
  Save(table);
  UpdateRetention();
  for (const auto& callback : parts_->callbacks) callback(id);
  return static_cast<const TableState*>(&table);
}

Outcome<TableState> Catalog::Delete(const Scope& scope, std::string_view name) {
  KLESS_TRY(TableState* const table, FindChangeable(scope, name));
  if (table->deletion_protection) {
    return Invalid(
        "Resource cannot be deleted as it is currently protected against deletion. Disable "
        "deletion protection first.");
  }
  if (table->is_resource_table()) {
    return Invalid("The table " + table->name +
                   " holds the resources of this control plane and cannot be deleted");
  }
  table->deleted_nanos = Later();
  EndStream(*table);
  TableState description = *table;
  Save(*table);
  // A callback that looks the table up removes it if the deletion takes no time.
  const int id = description.store_id();
  for (const auto& callback : parts_->callbacks) callback(id);
  Settle(id);
  return description;
}

std::vector<std::string> Catalog::List(const Scope& scope, const std::string& after,
                                       std::size_t limit, bool* more) {
  All();  // adopts tables and removes deleted ones
  *more = false;
  std::vector<std::string> names;
  const Scope asked = NameOf(scope, "").first;
  for (auto next = parts_->names.upper_bound({asked, after});
       next != parts_->names.end() && next->first.first == asked; ++next) {
    if (names.size() == limit) {
      *more = true;
      break;
    }
    names.push_back(next->first.second);
  }
  return names;
}

void Catalog::AddStream(TableState& table, ViewType view) {
  StreamState stream;
  stream.view = view;
  stream.created_nanos = Now();
  // A label names one stream only, whatever becomes of the table: no two have the same millisecond.
  std::int64_t labelled = stream.created_nanos;
  const auto used = [&](const std::string& label) {
    const auto has = [&](const TableState& other) {
      return other.arn == table.arn &&
             std::any_of(other.streams.begin(), other.streams.end(),
                         [&](const StreamState& one) { return one.label == label; });
    };
    return has(table) || std::any_of(parts_->gone.begin(), parts_->gone.end(),
                                     [&](const auto& entry) { return has(entry.second); });
  };
  while (used(LabelOf(labelled))) labelled += 1'000'000;
  stream.label = LabelOf(labelled);
  stream.after = store_.LastSequence();
  table.streams.push_back(std::move(stream));
}

void Catalog::EndStream(TableState& table) {
  if (table.stream() == nullptr) return;
  table.streams.back().until = store_.LastSequence();
  table.streams.back().disabled_nanos = Now();
  table.stream_policy.clear();
  table.stream_policy_revision.clear();
}

// Trimming by count never makes a gap in a stream of a user's table.
void Catalog::UpdateRetention() {
  const auto streams = [](const auto& entry) {
    const TableState& table = entry.second;
    return !table.streams.empty() && (table.table == nullptr || !table.is_resource_table());
  };
  store_.SetRetentionByCount(std::none_of(parts_->tables.begin(), parts_->tables.end(), streams) &&
                             std::none_of(parts_->gone.begin(), parts_->gone.end(), streams));
}

std::vector<Catalog::StreamSource> Catalog::StreamSources(const Scope& scope) {
  Clean();
  std::vector<StreamSource> sources;
  for (const auto* const tables : {&parts_->tables, &parts_->gone}) {
    for (const auto& [id, table] : *tables) {
      if (options_.isolate && table.creator != scope) continue;
      for (const StreamState& stream : table.streams) {
        sources.push_back(SourceOf(id, table, stream));
      }
    }
  }
  std::sort(sources.begin(), sources.end(),
            [](const StreamSource& a, const StreamSource& b) { return a.arn < b.arn; });
  return sources;
}

std::optional<Catalog::StreamSource> Catalog::FindStream(const Scope& scope, std::string_view arn) {
  const auto parsed = ParseTableArn(arn);
  if (!parsed || parsed->kind != "stream") return std::nullopt;
  const auto find = [&](int id, const TableState& table) -> std::optional<StreamSource> {
    if (table.name != parsed->table || table.creator != parsed->scope) return std::nullopt;
    for (const StreamState& stream : table.streams) {
      if (stream.label == parsed->rest) return SourceOf(id, table, stream);
    }
    return std::nullopt;
  };
  if (options_.isolate && parsed->scope != scope) return std::nullopt;
  CleanStreams();
  const auto named = parts_->names.find(NameOf(parsed->scope, parsed->table));
  if (named != parts_->names.end()) {
    if (const TableState* const table = Settle(named->second)) {
      if (auto found = find(table->store_id(), *table)) return found;
    }
  }
  for (const auto& [id, table] : parts_->gone) {
    if (auto found = find(id, table)) return found;
  }
  return std::nullopt;
}

std::optional<Catalog::StreamSource> Catalog::EnabledStream(const TableState& table) {
  const StreamState* const stream = table.stream();
  if (stream == nullptr) return std::nullopt;
  return SourceOf(table.store_id(), table, *stream);
}

const TableState* Catalog::FindKnown(int table_id) const {
  for (const auto* const tables : {&parts_->tables, &parts_->gone}) {
    const auto table = tables->find(table_id);
    if (table != tables->end()) return &table->second;
  }
  return nullptr;
}

std::optional<Catalog::StreamSource> Catalog::StreamOf(int table_id, std::uint64_t sequence) const {
  const TableState* const table = FindKnown(table_id);
  if (table == nullptr) return std::nullopt;
  for (const StreamState& stream : table->streams) {
    if (stream.after < sequence && sequence <= stream.until.value_or(sequence)) {
      return SourceOf(table_id, *table, stream);
    }
  }
  return std::nullopt;
}

bool Catalog::HasStream(int table_id, const std::string& label) const {
  const TableState* const table = FindKnown(table_id);
  return table != nullptr &&
         std::any_of(table->streams.begin(), table->streams.end(),
                     [&](const StreamState& stream) { return stream.label == label; });
}

void Catalog::CleanStreams() {
  const std::int64_t oldest = Now() - store_.retention_age().count();
  const auto is_old = [oldest](const StreamState& stream) {
    return stream.until && stream.disabled_nanos < oldest;
  };
  bool changed = false;
  for (auto& [id, table] : parts_->tables) {
    if (std::erase_if(table.streams, is_old) == 0) continue;
    Save(table);
    changed = true;
  }
  for (auto entry = parts_->gone.begin(); entry != parts_->gone.end();) {
    std::erase_if(entry->second.streams, is_old);
    if (!entry->second.streams.empty()) {
      ++entry;
      continue;
    }
    store_.RemoveValue(StoredName(kGonePrefix, entry->first));
    entry = parts_->gone.erase(entry);
    changed = true;
  }
  if (changed) UpdateRetention();
}

void Catalog::Clean() {
  std::vector<int> ids;
  for (const auto& [id, table] : parts_->tables) ids.push_back(id);
  for (const int id : ids) Settle(id);
  CleanStreams();
}

void Catalog::OnChange(std::function<void(int)> callback) {
  parts_->callbacks.push_back(std::move(callback));
}

}  // namespace kless::dynamodb
