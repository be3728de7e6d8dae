// A store in virtual time, in memory or in a file of its own.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "emulator/base/loop/event_loop.h"
#include "store/store.h"

namespace kless {

// A folder that is removed at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kless-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class StoreFixture {
 public:
  StoreFixture() : StoreFixture(Memory()) {}
  explicit StoreFixture(StoreOptions options) : options_(std::move(options)) { Open(); }

  static StoreOptions Memory(KeyLayout layout = KeyLayout::kTypeName) {
    StoreOptions options;
    options.durability = Durability::kMemory;
    options.key_layout = layout;
    return options;
  }
  static StoreOptions File(const std::string& path) {
    StoreOptions options;
    options.path = path;
    return options;
  }

  // Uncommitted writes are lost, as when the process dies.
  void Reopen() {
    store_.reset();
    Open();
  }
  void Close() { store_.reset(); }

  Store& store() { return *store_; }
  Store* operator->() { return store_.get(); }
  VirtualEventLoop& event_loop() { return event_loop_; }
  StoreOptions& options() { return options_; }
  void Run() { event_loop_.Run(); }
  void Sleep(Duration duration) { event_loop_.Run(event_loop_.Now() + duration); }

  // A table with string keys "id" and "range" and the document attribute "doc".
  Table& MakeTable(const std::string& name = "table") {
    TableDescription description;
    description.name = name;
    description.partition_key = "id";
    description.sort_key = "range";
    description.document_attribute = "doc";
    description.shards = 4;
    auto table = store_->CreateTable(description);
    EXPECT_TRUE(table.has_value());
    return *table.value();
  }

 private:
  void Open() {
    auto opened = Store::Open(event_loop_, options_);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(opened.value());
  }

  StoreOptions options_;
  asio::io_context context_{1};
  VirtualEventLoop event_loop_{context_};
  std::unique_ptr<Store> store_;
};

inline Item MakeItem(const std::string& partition, const std::string& sort,
                     const std::string& document) {
  Item item;
  item.key = {partition, sort};
  item.document = document;
  return item;
}

}  // namespace kless
