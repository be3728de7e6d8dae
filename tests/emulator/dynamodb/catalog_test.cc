#include "emulator/dynamodb/catalog.h"

#include <gtest/gtest.h>

#include <vector>

#include "store/sqlite/file/sqlite.h"
#include "tests/emulator/dynamodb/service_fixture.h"

namespace kless::dynamodb {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TableUpdate Streaming(bool enabled) {
  TableUpdate update;
  update.stream_enabled = enabled;
  if (enabled) update.view = ViewType::kNewImage;
  return update;
}

TEST(CatalogTest, ATableIsFoundByNameAndArnAndSurvivesARestart) {
  TemporaryFolder folder;
  ServiceFixture service({}, StoreFixture::File(folder.File("kless.db")));
  TableRequest request = ServiceFixture::Request("music", {ServiceFixture::Index("by-g", "g")});
  request.stream_enabled = true;
  request.view = ViewType::kKeysOnly;
  request.tags = {{"team", "a"}};
  const TableState& table = service.Create(request);
  EXPECT_EQ(table.arn, "arn:aws:dynamodb:us-east-1:000000000000:table/music");
  EXPECT_EQ(table.StreamArn(*table.stream()), table.arn + "/stream/2026-01-01T00:00:00.000");
  const std::string id = table.id;
  const std::string arn = table.arn;
  service.store()->EndTurn();
  service.Restart();  // `table` is gone
  const TableState& again = *service.catalog().Find(service.scope(), arn).value();
  EXPECT_EQ(again.id, id);
  EXPECT_EQ(again.tags.at("team"), "a");
  EXPECT_EQ(again.stream()->view, ViewType::kKeysOnly);
  EXPECT_EQ(again.FindIndex("by-g")->key.partition[0].name, "g");
  EXPECT_TRUE(service.Put(again, R"({"p":{"S":"a"},"c":{"N":"1"},"g":{"S":"x"}})").has_value());
}

TEST(CatalogTest, MissingTablesAndForeignArnsAreRefused) {
  ServiceFixture service;
  service.Create(ServiceFixture::Request("music"));
  const auto error = [&](const std::string& name) {
    return service.catalog().Find(service.scope(), name).error();
  };
  EXPECT_EQ(error("movies").message, "Requested resource not found: Table: movies not found");
  EXPECT_EQ(error("arn:aws:dynamodb:us-east-1:000000000000:table/movies").message,
            "Requested resource not found: Table: movies not found");
  constexpr const char* kInvalid = "1 validation error detected: Invalid ";
  const std::string elsewhere = ":dynamodb:eu-west-1:000000000000:table/music";
  EXPECT_EQ(error("arn:aws" + elsewhere).message,
            kInvalid + ("AWS region in 'arn:aws" + elsewhere + "'"));
  for (const std::string partition : {"arn:aws-cn", "arn:aws-us-gov", "arn:x"}) {
    EXPECT_EQ(error(partition + elsewhere).message,
              kInvalid + ("AWS partition in '" + partition + elsewhere + "'"));
  }
  for (const char* const resource : {"stream/music", "global-table/music", "music"}) {
    const std::string arn = std::string("arn:aws:dynamodb:us-east-1:000000000000:") + resource;
    EXPECT_EQ(error(arn).message, kInvalid + ("resource type in '" + arn + "'"));
  }
  const Failure denied = error("arn:aws:dynamodb:us-east-1:123456789012:table/music");
  EXPECT_EQ(denied.kind, FailureKind::kAccessDenied);
  EXPECT_EQ(denied.message, "Access is denied");
  EXPECT_EQ(error("arn:aws:dynamodb:music").kind, FailureKind::kValidation);
  EXPECT_EQ(service.catalog().FindActive(service.scope(), "movies").error().message,
            "Requested resource not found");
  EXPECT_EQ(
      service.catalog().Create(service.scope(), ServiceFixture::Request("music")).error().message,
      "Table already exists: music");
}

TEST(CatalogTest, ATableThatIsBeingMadeIsStillInUse) {
  TestOptions options;
  options.catalog.create_delay = seconds(5);
  ServiceFixture service(options);
  const auto again = [&service] {
    const Failure failure =
        service.catalog().Create(service.scope(), ServiceFixture::Request("music")).error();
    EXPECT_EQ(failure.kind, FailureKind::kResourceInUse);
    return failure.message;
  };
  service.Create(ServiceFixture::Request("music"));
  EXPECT_EQ(again(),
            "Attempt to change a resource which is still in use: Table is being created: music");
  service.Sleep(seconds(5));
  EXPECT_EQ(again(), "Table already exists: music");
  const std::string arn = service.catalog().Delete(service.scope(), "music").value().arn;
  EXPECT_EQ(again(), "Table already exists: music");
  for (const Failure& failure : {service.catalog().Tag(service.scope(), arn, {{"a", ""}}).error(),
                                 service.catalog().Untag(service.scope(), arn, {"a"}).error()}) {
    EXPECT_EQ(failure.kind, FailureKind::kResourceInUse);
    EXPECT_EQ(failure.message,
              "Attempt to change a resource which is still in use: Table is being deleted: music");
  }
  EXPECT_TRUE(service.catalog().TagsOf(service.scope(), arn).has_value());
}

TEST(CatalogTest, CallbacksMayRemoveATableThatIsDeletedAtOnce) {
  ServiceFixture service;
  const int id = service.Create(ServiceFixture::Request("music")).store_id();
  std::vector<int> changed;
  service.catalog().OnChange([&](int table_id) { changed.push_back(table_id); });
  EXPECT_TRUE(service.catalog().Delete(service.scope(), "music").has_value());
  ASSERT_FALSE(changed.empty());
  for (const int table_id : changed) EXPECT_EQ(table_id, id);
}

TEST(CatalogTest, StatusesFollowTheDelay) {
  TestOptions options;
  options.catalog.create_delay = seconds(5);
  ServiceFixture service(options);
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  EXPECT_EQ(service.catalog().StatusOf(table), TableStatus::kCreating);
  EXPECT_TRUE(service.catalog().FindActive(service.scope(), "music").has_error());
  EXPECT_EQ(service.catalog().Delete(service.scope(), "music").error().message,
            "Attempt to change a resource which is still in use: Table is being created: music");
  service.Sleep(seconds(5));
  EXPECT_EQ(service.catalog().StatusOf(table), TableStatus::kActive);
  EXPECT_TRUE(service.catalog().FindActive(service.scope(), "music").has_value());
  service.catalog().Update(service.scope(), "music", Streaming(true)).value();
  EXPECT_EQ(service.catalog().StatusOf(table), TableStatus::kUpdating);
  EXPECT_TRUE(service.catalog().FindActive(service.scope(), "music").has_value());
  EXPECT_EQ(service.catalog().Update(service.scope(), "music", Streaming(false)).error().kind,
            FailureKind::kResourceInUse);
  service.Sleep(seconds(5));
  service.catalog().Delete(service.scope(), "music").value();
  EXPECT_EQ(service.catalog().StatusOf(table), TableStatus::kDeleting);
  EXPECT_TRUE(service.catalog().Find(service.scope(), "music").has_value());
  service.Sleep(seconds(5));
  EXPECT_TRUE(service.catalog().Find(service.scope(), "music").has_error());
  EXPECT_EQ(service.store()->FindTable("music"), nullptr);
}

TableRequest Provisioned() {
  TableRequest request =
      ServiceFixture::Request("music", {ServiceFixture::Index("by-g", "g", "h")});
  request.billing = BillingMode::kProvisioned;
  request.throughput = Throughput{10, 10};
  request.indexes[0].throughput = Throughput{10, 10};
  return request;
}

TEST(CatalogTest, NewUnitsHoldOnceTheirUpdateIsComplete) {
  TestOptions options;
  options.catalog.create_delay = seconds(5);
  TemporaryFolder folder;
  ServiceFixture service(options, StoreFixture::File(folder.File("kless.db")));
  service.Create(Provisioned());
  service.Sleep(seconds(5));
  TableUpdate update;
  update.throughput = Throughput{30, 30};
  const TableState more = service.catalog().Update(service.scope(), "music", update).value();
  EXPECT_EQ(more.throughput, (Throughput{10, 10}));
  EXPECT_GT(more.changes.last_increase_nanos, more.created_nanos);
  EXPECT_EQ(service.Table("music").throughput, (Throughput{10, 10}));
  service.store()->EndTurn();
  service.Restart();
  service.Sleep(seconds(5));
  EXPECT_EQ(service.Table("music").throughput, (Throughput{30, 30}));
  EXPECT_GT(service.Table("music").changes.last_increase_nanos, more.changes.last_increase_nanos);

  update.throughput = Throughput{10, 30};
  update.updated.push_back({"by-g", Throughput{5, 5}, std::nullopt});
  const TableState fewer = service.catalog().Update(service.scope(), "music", update).value();
  EXPECT_EQ(service.catalog().StatusOf(fewer.indexes[0]), TableStatus::kUpdating);
  EXPECT_EQ(fewer.changes.decreases_today, 0);
  service.Sleep(seconds(5));
  const TableState& table = service.Table("music");
  EXPECT_EQ(service.catalog().StatusOf(table), TableStatus::kActive);
  EXPECT_EQ(table.indexes[0].throughput, (Throughput{5, 5}));
  EXPECT_GT(table.changes.last_decrease_nanos, fewer.changes.last_decrease_nanos);
  const std::int64_t now = service.catalog().event_loop().UnixNanos();
  EXPECT_EQ(table.changes.DecreasesOn(now), 1);
  EXPECT_EQ(table.changes.DecreasesOn(now + std::int64_t{24} * 3600 * 1'000'000'000), 0);
}

TEST(CatalogTest, ABillingModeHoldsAtOnceAndIsDatedWhenTheUpdateIsComplete) {
  ServiceFixture service;
  service.Create(Provisioned());
  TableUpdate update;
  update.billing = BillingMode::kPayPerRequest;
  const TableState during = service.catalog().Update(service.scope(), "music", update).value();
  EXPECT_EQ(during.throughput, Throughput{});
  EXPECT_EQ(during.on_demand_nanos, 0);
  EXPECT_EQ(during.changes.decreases_today, 0);
  EXPECT_NE(during.changes.last_decrease_nanos, 0);
  EXPECT_EQ(service.catalog().StatusOf(during.indexes[0]), TableStatus::kUpdating);
  EXPECT_EQ(during.indexes[0].changes.last_decrease_nanos, 0);
  const TableState& table = service.Table("music");
  EXPECT_EQ(service.catalog().StatusOf(table), TableStatus::kActive);
  EXPECT_NE(table.on_demand_nanos, 0);
  EXPECT_EQ(table.changes.decreases_today, 1);
  EXPECT_EQ(table.indexes[0].changes.decreases_today, 1);
  EXPECT_NE(table.indexes[0].changes.last_decrease_nanos, 0);

  update.billing = BillingMode::kProvisioned;
  update.throughput = Throughput{7, 7};
  update.updated.push_back({"by-g", Throughput{3, 3}, std::nullopt});
  const TableState back = service.catalog().Update(service.scope(), "music", update).value();
  EXPECT_EQ(back.throughput, (Throughput{7, 7}));
  EXPECT_EQ(back.indexes[0].throughput, (Throughput{3, 3}));
  EXPECT_NE(back.on_demand_nanos, 0);
}

TEST(CatalogTest, ProtectionAndEncryptionChangeWhileATableIsActive) {
  TestOptions options;
  options.catalog.create_delay = seconds(5);
  TemporaryFolder folder;
  ServiceFixture service(options, StoreFixture::File(folder.File("kless.db")));
  service.Create(ServiceFixture::Request("music"));
  service.Sleep(seconds(5));
  TableUpdate update;
  update.deletion_protection = true;
  service.catalog().Update(service.scope(), "music", update).value();
  EXPECT_EQ(service.catalog().StatusOf(service.Table("music")), TableStatus::kActive);
  update.deletion_protection = false;
  service.catalog().Update(service.scope(), "music", update).value();
  update.deletion_protection.reset();
  update.sse = SseRequest{true, true, ""};
  service.catalog().Update(service.scope(), "music", update).value();
  EXPECT_EQ(service.catalog().StatusOf(service.Table("music")), TableStatus::kActive);
  EXPECT_EQ(service.Table("music").encryption, Encryption{});
  service.store()->EndTurn();
  service.Restart();
  EXPECT_TRUE(service.Table("music").next_encryption.has_value());
  service.Sleep(seconds(5));
  EXPECT_EQ(service.Table("music").encryption.type, "KMS");
  EXPECT_FALSE(service.Table("music").next_encryption.has_value());
  EXPECT_EQ(service.catalog().Update(service.scope(), "music", update).error().message,
            "One or more parameter values were invalid: Table is already encrypted with given "
            "KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change Master Key");
  update.sse = SseRequest{true, false, "abcd"};
  EXPECT_EQ(service.catalog().Update(service.scope(), "music", update).error().message,
            "One or more parameter values were invalid: SSEType KMS is required if KMSMasterKeyId "
            "is specified");
  EXPECT_TRUE(service.catalog().Delete(service.scope(), "music").has_value());
}

TEST(CatalogTest, NamesAreListedInOrderWithTheResourceTable) {
  ServiceFixture service;
  for (const char* const name : {"zebra", "Apple", "music"}) {
    service.Create(ServiceFixture::Request(name));
  }
  bool more = false;
  EXPECT_EQ(service.catalog().List(service.scope(), "", 10, &more),
            (Names{"Apple", "music", "resources", "zebra"}));
  EXPECT_FALSE(more);
  EXPECT_EQ(service.catalog().List(service.scope(), "B", 2, &more), (Names{"music", "resources"}));
  EXPECT_TRUE(more);
}

TEST(CatalogTest, IsolatedTablesAreSeenOnlyInTheirScope) {
  TestOptions options;
  options.catalog.isolate = true;
  ServiceFixture service(options);
  const Scope other{"111122223333", "eu-west-1"};
  service.Create(ServiceFixture::Request("music"));
  EXPECT_TRUE(service.catalog().Find(other, "music").has_error());
  const TableState& theirs =
      *service.catalog().Create(other, ServiceFixture::Request("music")).value();
  EXPECT_EQ(theirs.arn, "arn:aws:dynamodb:eu-west-1:111122223333:table/music");
  EXPECT_NE(service.Table("music").store_id(), theirs.store_id());
  bool more = false;
  EXPECT_EQ(service.catalog().List(other, "", 10, &more), Names{"music"});
  EXPECT_TRUE(service.catalog().Find(other, "resources").has_error());
}

TEST(CatalogTest, WithoutIsolationEveryScopeSeesEveryTable) {
  ServiceFixture service;
  service.Create(ServiceFixture::Request("music"));
  const Scope other{"111122223333", "eu-west-1"};
  EXPECT_EQ(service.catalog().Find(other, "music").value()->creator, service.scope());
  EXPECT_EQ(service.catalog().Create(other, ServiceFixture::Request("music")).error().kind,
            FailureKind::kResourceInUse);
}

TEST(CatalogTest, TheResourceTableHasAStreamThatStays) {
  ServiceFixture service;
  const TableState& table = service.Table("resources");
  EXPECT_EQ(table.stream()->view, ViewType::kNewAndOldImages);
  EXPECT_EQ(service.catalog().Update(service.scope(), "resources", Streaming(false)).error().kind,
            FailureKind::kValidation);
  EXPECT_EQ(service.catalog().Delete(service.scope(), "resources").error().kind,
            FailureKind::kValidation);
}

TEST(CatalogTest, ATableOfTheAdminDoorIsAdopted) {
  ServiceFixture service;
  service.store().MakeTable("plain");
  const TableState& table = service.Table("plain");
  EXPECT_EQ(table.layout.keys.sort[0].name, "range");
  EXPECT_EQ(table.layout.document_attribute, "doc");
  EXPECT_EQ(table.stream(), nullptr);
}

TEST(CatalogTest, ANewIndexOfALiveTableGetsTheItemsThatAreThereAndNewOnes) {
  TemporaryFolder folder;
  ServiceFixture service({}, StoreFixture::File(folder.File("kless.db")));
  const TableState& table = service.Create(ServiceFixture::Request("music"));
  for (int i = 0; i < 2500; ++i) {
    const std::string n = std::to_string(i);
    const std::string colour = i % 2 == 0 ? R"("g":{"S":"red"})" : R"("g":{"N":"7"})";
    service.Put(table, R"({"p":{"S":"a"},"c":{"N":")" + n + R"("},)" + colour + "}").value();
  }
  TableUpdate update;
  update.attributes = {{"g", KeyType::kString}};
  update.created.push_back(ServiceFixture::Index("by-g", "g"));
  service.catalog().Update(service.scope(), "music", update).value();
  EXPECT_EQ(service.catalog().StatusOf(*table.FindIndex("by-g")), TableStatus::kCreating);
  EXPECT_EQ(service.catalog().FindActiveIndex(table, "by-g").error().kind,
            FailureKind::kValidation);
  TableUpdate second = update;
  second.created[0].name = "other";
  EXPECT_EQ(service.catalog().Update(service.scope(), "music", second).error().kind,
            FailureKind::kLimitExceeded);
  service.Put(table, R"({"p":{"S":"a"},"c":{"N":"9999"},"g":{"S":"red"}})").value();
  EXPECT_FALSE(service.catalog().Idle());

  const auto count = [&](const TableState& state) {
    ReadRequest request;
    request.table = &state;
    request.index = state.FindIndex("by-g");
    request.partition = "red";
    return service.reader().Read(request).value().items.size();
  };
  // A process that ends in between starts again.
  service.store()->EndTurn();
  service.Restart();
  service.Sleep(seconds(1));
  EXPECT_TRUE(service.catalog().Idle());
  const TableState& again = service.Table("music");
  EXPECT_EQ(service.catalog().StatusOf(again), TableStatus::kActive);
  EXPECT_EQ(count(again), 1251u);

  TableUpdate drop;
  drop.deleted = {"by-g"};
  service.catalog().Update(service.scope(), "music", drop).value();
  EXPECT_EQ(service.Table("music").FindIndex("by-g"), nullptr);
  EXPECT_EQ(service.catalog().Update(service.scope(), "music", drop).error().kind,
            FailureKind::kResourceNotFound);
}

TEST(CatalogTest, ADisabledStreamStaysForTheRetentionAndItsSuccessorHasAnotherArn) {
  ServiceFixture service;
  TableRequest request = ServiceFixture::Request("music");
  request.stream_enabled = true;
  request.view = ViewType::kNewImage;
  const TableState& table = service.Create(request);
  const std::string first = table.StreamArn(*table.stream());
  const int id = table.store_id();
  const auto put = [&](const std::string& c) {
    return service.Put(service.Table("music"), R"({"p":{"S":"a"},"c":{"N":")" + c + "\"}}")
        .value()
        .new_item->version;
  };
  const std::uint64_t in_first = put("1");
  EXPECT_EQ(service.catalog().Update(service.scope(), "music", Streaming(true)).error().kind,
            FailureKind::kValidation);
  service.catalog().Update(service.scope(), "music", Streaming(false)).value();
  EXPECT_EQ(service.catalog().Update(service.scope(), "music", Streaming(false)).error().kind,
            FailureKind::kValidation);
  const std::uint64_t in_none = put("2");
  service.catalog().Update(service.scope(), "music", Streaming(true)).value();
  const std::string second = service.Table("music").StreamArn(*service.Table("music").stream());
  EXPECT_NE(first, second);
  EXPECT_TRUE(service.catalog().FindStream(service.scope(), first)->state.until.has_value());
  const std::uint64_t in_second = put("3");
  service.catalog().Delete(service.scope(), "music").value();
  EXPECT_TRUE(service.catalog().FindStream(service.scope(), second)->state.until.has_value());
  EXPECT_EQ(service.catalog().StreamOf(id, in_first)->arn, first);
  EXPECT_FALSE(service.catalog().StreamOf(id, in_none).has_value());
  EXPECT_EQ(service.catalog().StreamOf(id, in_second)->arn, second);
  EXPECT_FALSE(service.catalog().StreamOf(id + 1, in_second).has_value());
  service.Sleep(hours(25));
  EXPECT_FALSE(service.catalog().FindStream(service.scope(), first).has_value());
  EXPECT_FALSE(service.catalog().FindStream(service.scope(), second).has_value());
}

TEST(CatalogTest, AUsersStreamEndsTrimmingByCount) {
  StoreOptions store = StoreFixture::Memory();
  store.retention_count = 5;
  ServiceFixture service({}, store);
  const auto write = [&](const TableState& table, int from) {
    for (int i = from; i < from + 20; ++i) {
      service.Put(table, R"({"p":{"S":"a"},"c":{"N":")" + std::to_string(i) + "\"}}").value();
    }
    service.store()->EndTurn();
  };
  write(service.Create(ServiceFixture::Request("plain")), 0);
  EXPECT_EQ(service.store()->Trim(100), 15u);
  TableRequest request = ServiceFixture::Request("music");
  request.stream_enabled = true;
  request.view = ViewType::kNewImage;
  write(service.Create(request), 0);
  EXPECT_EQ(service.store()->Trim(100), 0u);
}

TEST(CatalogTest, WrongKeySchemasAndIndexesAreRefusedInAwsWords) {
  ServiceFixture service;
  const auto message = [&](const TableRequest& request) {
    const auto created = service.catalog().Create(service.scope(), request);
    return created.has_error() ? created.error().message : "created";
  };
  TableRequest request = ServiceFixture::Request("music");
  request.key[0].is_partition = false;
  EXPECT_EQ(message(request),
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  request = ServiceFixture::Request("music");
  request.attributes.push_back({"spare", KeyType::kString});
  EXPECT_EQ(message(request),
            "One or more parameter values were invalid: Number of attributes in KeySchema does not "
            "exactly match number of attributes defined in AttributeDefinitions");
  request = ServiceFixture::Request("music");
  request.attributes.pop_back();
  request.attributes.push_back({"x", KeyType::kString});
  EXPECT_EQ(message(request),
            "One or more parameter values were invalid: Some index key attributes are not defined "
            "in AttributeDefinitions. Keys: [p, c], AttributeDefinitions: [p, x]");
  request = ServiceFixture::Request("music",
                                    {ServiceFixture::Index("by-g", "g", "h", IndexKind::kLocal)});
  EXPECT_NE(message(request).find("same leading hash key"), std::string::npos);
  request = ServiceFixture::Request("music");
  request.billing.reset();
  EXPECT_NE(message(request).find("must both be specified when BillingMode is PROVISIONED"),
            std::string::npos);
  request = ServiceFixture::Request(
      "music", {ServiceFixture::Index("one", "g"), ServiceFixture::Index("one", "g")});
  EXPECT_NE(message(request).find("Duplicate index name: one"), std::string::npos);
}

TEST(CatalogTest, TagsPoliciesAndTimeToLiveAreKept) {
  ServiceFixture service;
  const std::string arn = service.Create(ServiceFixture::Request("music")).arn;
  Catalog& catalog = service.catalog();
  const Scope& scope = service.scope();
  catalog.Tag(scope, arn, {{"a", "1"}, {"b", "2"}}).value();
  catalog.Tag(scope, arn, {{"a", "3"}}).value();
  catalog.Untag(scope, arn, {"b", "missing"}).value();
  EXPECT_EQ(catalog.TagsOf(scope, arn).value(), (std::map<std::string, std::string>{{"a", "3"}}));
  EXPECT_EQ(catalog.TagsOf(scope, arn + "x").error().message,
            "Requested resource not found: ResourceArn: " + arn + "x not found");

  EXPECT_EQ(catalog.PolicyOf(scope, arn).error().kind, FailureKind::kPolicyNotFound);
  const std::string revision = catalog.PutPolicy(scope, arn, "{}", "NO_POLICY").value();
  EXPECT_EQ(catalog.PolicyOf(scope, arn).value().revision, revision);
  EXPECT_EQ(catalog.PutPolicy(scope, arn, "{} ", "NO_POLICY").error().message,
            "Resource-based policy not found for the provided ResourceArn: Requested policy update "
            "expecting none to be present for table music, but a policy exists with revision id " +
                revision + ".");
  EXPECT_EQ(catalog.DeletePolicy(scope, arn, "1").error().message,
            "Resource-based policy not found for the provided ResourceArn: Requested update for "
            "policy with revision id 1, but the policy associated to target table music has "
            "revision id " +
                revision + ".");
  EXPECT_EQ(catalog.PolicyOf(scope, arn + "x").error().message,
            "Requested resource not found: Table: musicx not found");
  EXPECT_EQ(catalog.DeletePolicy(scope, arn, "").value(), revision);

  catalog.SetTimeToLive(scope, "music", "until", true).value();
  EXPECT_EQ(catalog.SetTimeToLive(scope, "music", "until", true).error().message,
            "TimeToLive is already enabled");
  EXPECT_NE(catalog.SetTimeToLive(scope, "music", "other", false).error().message.find("different"),
            std::string::npos);
  catalog.SetTimeToLive(scope, "music", "until", false).value();
  EXPECT_EQ(catalog.SetTimeToLive(scope, "music", "until", false).error().message,
            "TimeToLive is already disabled");
}

TEST(CatalogTest, ATableThatTheStoreCannotDeleteStaysWhatItIs) {
  TemporaryFolder folder;
  StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  int failures = 0;
  options.on_failure = [&](const std::string&) { ++failures; };
  ServiceFixture service({}, options);
  const std::string id =
      service.Create(ServiceFixture::Request("music", {ServiceFixture::Index("by-g", "g")})).id;
  service.store()->EndTurn();
  // Another program takes the name that a deletion writes to.
  { SqliteConnection(options.path).Execute("ALTER TABLE tables RENAME TO taken"); }
  service.catalog().Delete(service.scope(), "music").value();
  EXPECT_EQ(failures, 1);
  const TableState& table = service.Table("music");
  EXPECT_EQ(table.id, id);
  EXPECT_EQ(table.indexes.size(), 1u);
  EXPECT_EQ(service.catalog().StatusOf(table), TableStatus::kDeleting);
}

}  // namespace
}  // namespace kless::dynamodb
