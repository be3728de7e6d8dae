// What a table has besides its keys, indexes and capacity: tags, time to live, policies and
// switches.

#include <simdjson.h>

#include <algorithm>

#include "emulator/dynamodb/catalog_parts.h"
#include "emulator/dynamodb/entry_keys.h"
#include "emulator/dynamodb/table_arn.h"
#include "emulator/dynamodb/table_rules.h"

namespace kless::dynamodb {
namespace {

// The revision that a request expects if there must be no policy yet.
constexpr const char* kNoPolicy = "NO_POLICY";

constexpr std::size_t kPolicyBytesMax = 20'480;

Failure NoResource(std::string_view arn) {
  return Fail(FailureKind::kResourceNotFound,
              "Requested resource not found: ResourceArn: " + std::string(arn) + " not found");
}

Failure InvalidTableArn(std::string_view arn) {
  return Invalid("Invalid TableArn: Invalid ResourceArn provided as input " + std::string(arn));
}

Outcome<void> CheckPolicy(const std::string& policy) {
  if (policy.size() > kPolicyBytesMax) {
    return InvalidParameters("Maximum policy size of 20480 bytes exceeded");
  }
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(policy).get(document) == simdjson::SUCCESS && document.is_object()) return {};
  return InvalidParameters("Invalid policy document: This policy contains invalid Json");
}

// `why`: the ARN, or what the request expected.
Failure NoPolicy(std::string_view why) {
  return Fail(FailureKind::kPolicyNotFound,
              "Resource-based policy not found for the provided ResourceArn: " + std::string(why));
}

Failure OtherRevision(const std::string& table, const std::string& expected,
                      const std::string& current) {
  if (expected == kNoPolicy) {
    return NoPolicy("Requested policy update expecting none to be present for table " + table +
                    ", but a policy exists with revision id " + current + ".");
  }
  return NoPolicy("Requested update for policy with revision id " + expected +
                  ", but the policy associated to target table " + table + " has revision id " +
                  current + ".");
}

}  // namespace

Catalog::StateResult Catalog::FindResource(const Scope& scope, std::string_view arn, bool* stream) {
  const auto parsed = ParseTableArn(arn);
  if (!parsed || parsed->kind == "index") return InvalidTableArn(arn);
  *stream = parsed->kind == "stream";
  if (options_.isolate && parsed->scope != scope) return NoResource(arn);
  const auto found = FindState(parsed->scope, parsed->table);
  if (found.has_error() || found.value()->creator != parsed->scope) return NoResource(arn);
  if (*stream) {
    const StreamState* const enabled = found.value()->stream();
    if (enabled == nullptr || enabled->label != parsed->rest) return NoResource(arn);
  }
  return found;
}

Catalog::StateResult Catalog::FindTagged(const Scope& scope, std::string_view arn) {
  bool stream = false;
  auto found = FindResource(scope, arn, &stream);
  if (found.has_value() && stream) return NoResource(arn);
  if (found.has_value() || found.error().kind != FailureKind::kResourceNotFound) return found;
  const auto parsed = ParseTableArn(arn);
  if (parsed->scope.account != scope.account) return AccessDenied();
  if (parsed->scope.region != scope.region) return InvalidTableArn(arn);
  return found;
}

Outcome<void> Catalog::Tag(const Scope& scope, std::string_view arn,
                           const std::map<std::string, std::string>& tags) {
  KLESS_TRY(TableState* const table, FindTagged(scope, arn));
  if (StatusOf(*table) == TableStatus::kDeleting) {
    return StillInUse(TableStatus::kDeleting, table->name);
  }
  std::map<std::string, std::string> all = tags;
  all.insert(table->tags.begin(), table->tags.end());
  if (all.size() > kTagsMax) return TooManyTags();
  table->tags = std::move(all);
  Save(*table);
  return {};
}

Outcome<void> Catalog::Untag(const Scope& scope, std::string_view arn,
                             const std::vector<std::string>& keys) {
  KLESS_TRY(TableState* const table, FindTagged(scope, arn));
  if (StatusOf(*table) == TableStatus::kDeleting) {
    return StillInUse(TableStatus::kDeleting, table->name);
  }
  if (keys.size() > kTagsMax) return TooManyTags();
  for (const std::string& key : keys) table->tags.erase(key);
  Save(*table);
  return {};
}

Outcome<std::map<std::string, std::string>> Catalog::TagsOf(const Scope& scope,
                                                            std::string_view arn) {
  KLESS_TRY(const TableState* const table, FindTagged(scope, arn));
  return table->tags;
}

Outcome<const TableState*> Catalog::SetRecovery(const Scope& scope, std::string_view name,
                                                std::int64_t days) {
  KLESS_TRY(TableState* const table, FindState(scope, name));
  if (table->recovery_days == 0) table->recovery_nanos = Now();
  table->recovery_days = days;
  Save(*table);
  return static_cast<const TableState*>(table);
}

Outcome<void> Catalog::SetTimeToLive(const Scope& scope, std::string_view name,
                                     const std::string& attribute, bool enabled) {
  KLESS_TRY(TableState* const table, FindChangeable(scope, name));
  TimeToLive& ttl = table->ttl;
  if (enabled) {
    if (!ttl.attribute.empty()) {
      return Invalid(ttl.attribute == attribute
                         ? "TimeToLive is already enabled"
                         : "TimeToLive is active on a different AttributeName: current "
                           "AttributeName is " +
                               ttl.attribute);
    }
  } else {
    if (ttl.attribute.empty()) return Invalid("TimeToLive is already disabled");
    if (ttl.attribute != attribute) {
      return Invalid(
          "TimeToLive is active on a different AttributeName: current AttributeName is " +
          ttl.attribute);
    }
  }
  if (ttl.changed_nanos != 0 && Now() - ttl.changed_nanos < options_.ttl_interval.count()) {
    return Invalid("Time to live has been modified multiple times within a fixed interval");
  }
  if (enabled) {
    const auto made = table->table->CreateIndex(ExpiryKeyFor(table->layout, attribute));
    if (made.has_error()) return FromError(made.error());
    ttl.attribute = attribute;
    ttl.entries = made.value();
    ttl.filled = false;
    parts_->backfills[ttl.entries] = {};
    if (!BackfillStep(*table, ttl.entries, 1000)) Backfill(table->store_id(), ttl.entries);
  } else {
    const auto dropped = table->table->DropIndex(ttl.entries);
    if (dropped.has_error()) return FromError(dropped.error());
    parts_->backfills.erase(ttl.entries);
    ttl.attribute.clear();
    ttl.entries = 0;
  }
  ttl.changed_nanos = Now();
  Save(*table);
  for (const auto& callback : parts_->callbacks) callback(table->store_id());
  return {};
}

// Unlike tags, policies name the table or the stream that is missing, not the ARN.
Catalog::StateResult Catalog::FindPolicyOwner(const Scope& scope, std::string_view arn,
                                              bool* stream) {
  auto owner = FindResource(scope, arn, stream);
  if (owner.has_value() || owner.error().kind != FailureKind::kResourceNotFound) return owner;
  const TableArn parsed = *ParseTableArn(arn);
  if (parsed.scope.account != scope.account) {
    return Invalid(
        "This action is only supported by accounts that match the resource owner\u2019s account.");
  }
  if (parsed.scope.region != scope.region) {
    return InvalidParameters("Invalid resource Arn: " + std::string(arn));
  }
  const auto table = FindState(scope, parsed.table);
  if (table.has_error() || !*stream) {
    return Fail(FailureKind::kResourceNotFound,
                "Requested resource not found: Table: " + parsed.table + " not found");
  }
  return Fail(FailureKind::kResourceNotFound,
              "Requested resource not found: Stream: " + parsed.rest +
                  " not found for Table: " + parsed.table);
}

Outcome<std::string> Catalog::PutPolicy(const Scope& scope, std::string_view arn,
                                        const std::string& policy,
                                        const std::string& expected_revision) {
  KLESS_TRY_VOID(CheckPolicy(policy));
  bool stream = false;
  KLESS_TRY(TableState* const table, FindPolicyOwner(scope, arn, &stream));
  std::string& text = stream ? table->stream_policy : table->policy;
  std::string& revision = stream ? table->stream_policy_revision : table->policy_revision;
  const std::string current = text.empty() ? kNoPolicy : revision;
  if (!expected_revision.empty() && expected_revision != current) {
    return text.empty() ? NoPolicy(arn) : OtherRevision(table->name, expected_revision, current);
  }
  if (text == policy) return revision;
  text = policy;
  // Increases with each change, also of a policy that was deleted in between.
  revision = std::to_string(Now() / 1000) + std::to_string(parts_->random.Below(900) + 100);
  Save(*table);
  return revision;
}

Outcome<Catalog::Policy> Catalog::PolicyOf(const Scope& scope, std::string_view arn) {
  bool stream = false;
  KLESS_TRY(const TableState* const table, FindPolicyOwner(scope, arn, &stream));
  const Policy policy = stream ? Policy{table->stream_policy, table->stream_policy_revision}
                               : Policy{table->policy, table->policy_revision};
  if (policy.text.empty()) return NoPolicy(arn);
  return policy;
}

Outcome<std::string> Catalog::DeletePolicy(const Scope& scope, std::string_view arn,
                                           const std::string& expected_revision) {
  bool stream = false;
  KLESS_TRY(TableState* const table, FindPolicyOwner(scope, arn, &stream));
  std::string& text = stream ? table->stream_policy : table->policy;
  std::string& revision = stream ? table->stream_policy_revision : table->policy_revision;
  if (!expected_revision.empty() && (text.empty() || expected_revision != revision)) {
    return text.empty() ? NoPolicy(arn) : OtherRevision(table->name, expected_revision, revision);
  }
  if (text.empty()) return std::string();
  text.clear();
  const std::string deleted = std::exchange(revision, "");
  Save(*table);
  return deleted;
}

}  // namespace kless::dynamodb
