// The service over a store in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/padded_parser.h"
#include "emulator/dynamodb/capacity.h"
#include "emulator/dynamodb/catalog.h"
#include "emulator/dynamodb/model/value_json.h"
#include "emulator/dynamodb/reader.h"
#include "emulator/dynamodb/streams.h"
#include "emulator/dynamodb/ttl.h"
#include "emulator/dynamodb/writer.h"
#include "tests/store/store_fixture.h"

namespace kless::dynamodb {

struct TestOptions {
  CatalogOptions catalog;
  bool throttling = false;
  Duration index_lag{};
  Duration transaction_time{};
  Duration ttl_delay{};
};

class ServiceFixture {
 public:
  explicit ServiceFixture(TestOptions options = {}, StoreOptions store = StoreFixture::Memory())
      : options_(std::move(options)), store_(std::move(store)) {
    Open();
  }
  ~ServiceFixture() { store_.event_loop().DropAll(); }
  // As when the process dies and starts again.
  void Restart() {
    ttl_.reset();
    streams_.reset();
    writer_.reset();
    reader_.reset();
    capacity_.reset();
    catalog_.reset();
    store_.Reopen();
    Open();
  }

  StoreFixture& store() { return store_; }
  Catalog& catalog() { return *catalog_; }
  Capacity& capacity() { return *capacity_; }
  Reader& reader() { return *reader_; }
  Writer& writer() { return *writer_; }
  Streams& streams() { return *streams_; }
  TimeToLiveLoop& ttl() { return *ttl_; }
  const Scope& scope() const { return options_.catalog.scope; }
  void Sleep(Duration duration) {
    store_->EndTurn();
    store_.Sleep(duration);
  }

  static TableRequest::Index Index(const std::string& name, const std::string& partition,
                                   const std::string& sort = "",
                                   IndexKind kind = IndexKind::kGlobal) {
    TableRequest::Index index;
    index.name = name;
    index.kind = kind;
    index.key.push_back({partition, true});
    if (!sort.empty()) index.key.push_back({sort, false});
    index.projection = ProjectionType::kAll;
    return index;
  }
  // Key attributes "p" (S) and "c" (N); "g" and "h" (S) are there for indexes.
  static TableRequest Request(const std::string& name,
                              std::vector<TableRequest::Index> indexes = {}) {
    TableRequest request;
    request.name = name;
    request.attributes = {{"p", KeyType::kString}, {"c", KeyType::kNumber}};
    request.key = {{"p", true}, {"c", false}};
    request.billing = BillingMode::kPayPerRequest;
    for (const TableRequest::Index& index : indexes) {
      (index.kind == IndexKind::kGlobal ? request.has_global_indexes : request.has_local_indexes) =
          true;
      for (const auto& element : index.key) {
        const bool known =
            std::any_of(request.attributes.begin(), request.attributes.end(),
                        [&](const KeyAttribute& one) { return one.name == element.name; });
        if (!known) request.attributes.push_back({element.name, KeyType::kString});
      }
    }
    request.indexes = std::move(indexes);
    return request;
  }
  const TableState& Create(const TableRequest& request) {
    const auto created = catalog_->Create(scope(), request);
    EXPECT_TRUE(created.has_value()) << (created.has_error() ? created.error().message : "");
    return *created.value();
  }
  const TableState& Table(const std::string& name) {
    return *catalog_->Find(scope(), name).value();
  }

  static Item ItemOf(const TableState& table, const std::string& json) {
    PaddedParser parser;
    simdjson::dom::element root;
    EXPECT_TRUE(parser.Parse(json, root)) << json;
    return ToStoredItem(table.layout, ReadItem(root).value()).value();
  }
  Outcome<WriteOutcome> Put(const TableState& table, const std::string& json) {
    WriteRequest request;
    request.table = &table;
    request.item = ItemOf(table, json);
    return writer_->Write(std::move(request));
  }
  Outcome<WriteOutcome> Delete(const TableState& table, const std::string& json) {
    WriteRequest request;
    request.kind = WriteRequest::Kind::kDelete;
    request.table = &table;
    request.item = ItemOf(table, json);
    return writer_->Write(std::move(request));
  }
  static std::string Json(const TableState& table, const ItemPtr& item) {
    if (!item) return "none";
    std::string out;
    AppendItemJson(table.layout, *item, out);
    return out;
  }
  // The names "c" of the items of a page, or their attribute "n".
  std::vector<std::string> Names(const ReadRequest& request) {
    std::vector<std::string> names;
    const auto page = reader_->Read(request);
    EXPECT_TRUE(page.has_value());
    for (const ItemPtr& item : page.value().items) {
      names.push_back(item->key.partition + Decimal::FromKeyBytes(item->key.sort)->ToText());
    }
    return names;
  }

 private:
  void Open() {
    catalog_ = std::make_unique<Catalog>(store_.event_loop(), store_.store(), options_.catalog, 1);
    capacity_ = std::make_unique<Capacity>(store_.event_loop(), options_.throttling);
    reader_ = std::make_unique<Reader>(*catalog_, *capacity_,
                                       Distribution::Constant(options_.index_lag), 1);
    writer_ = std::make_unique<Writer>(*catalog_, *capacity_, options_.transaction_time);
    streams_ = std::make_unique<Streams>(*catalog_);
    ttl_ = std::make_unique<TimeToLiveLoop>(store_.event_loop(), *catalog_, *writer_,
                                            options_.ttl_delay);
  }

  const TestOptions options_;
  StoreFixture store_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Capacity> capacity_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Streams> streams_;
  std::unique_ptr<TimeToLiveLoop> ttl_;
};

using Names = std::vector<std::string>;

}  // namespace kless::dynamodb
