#include "store/sqlite/record_ring.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace kless {
namespace {

constexpr std::size_t kPlenty = 1 << 20;
constexpr std::size_t kDocumentBytes = 1000;

ItemPtr ImageOf(std::uint64_t version) {
  auto item = std::make_shared<Item>();
  item->key = {"pod", "default/p"};
  item->document = std::string(kDocumentBytes, 'x');
  item->version = version;
  return item;
}

RecordPtr RingRecord(std::uint64_t sequence, ItemPtr old_image, ItemPtr new_image) {
  auto record = std::make_shared<ChangeRecord>();
  record->sequence = sequence;
  record->key = {"pod", "default/p"};
  record->old_image = std::move(old_image);
  record->new_image = std::move(new_image);
  return record;
}

// Record 1 writes an item; the records after it, to `last`, write others.
RecordRing RingOf(std::size_t records_max, std::uint64_t last, std::size_t images_bytes_max) {
  RecordRing ring(records_max, kPlenty, images_bytes_max);
  for (std::uint64_t next = 1; next <= last; ++next) {
    ring.Push(RingRecord(next, nullptr, ImageOf(next)));
  }
  return ring;
}

TEST(RecordRing, AnImageThatItsItemStillHasIsKeptWhenItsRecordLeaves) {
  const RecordRing ring = RingOf(2, 4, kPlenty);
  EXPECT_EQ(ring.first(), 3u);
  ASSERT_NE(ring.Image(1), nullptr);
  EXPECT_EQ(ring.Image(1)->version, 1u);
  EXPECT_NE(ring.Image(4), nullptr);
  EXPECT_EQ(ring.Image(5), nullptr);
}

TEST(RecordRing, AnImageThatWasReplacedInTheRingLeavesWithItsRecord) {
  RecordRing ring(2, kPlenty, kPlenty);
  const ItemPtr first = ImageOf(1);
  ring.Push(RingRecord(1, nullptr, first));
  ring.Push(RingRecord(2, first, ImageOf(2)));
  ring.Push(RingRecord(3, nullptr, ImageOf(3)));
  EXPECT_EQ(ring.Image(1), nullptr);
  EXPECT_EQ(ring.images_bytes(), 0u);
}

TEST(RecordRing, AnImageThatIsReplacedOrRemovedAfterItsRecordLeftIsDropped) {
  for (const bool removed : {false, true}) {
    RecordRing ring = RingOf(2, 4, kPlenty);
    const std::size_t two = ring.images_bytes();
    ring.Push(RingRecord(5, ring.Image(1), removed ? nullptr : ImageOf(5)));
    EXPECT_EQ(ring.Image(1), nullptr);
    // Image 3 is now older than the ring, and image 1 has been dropped.
    EXPECT_EQ(ring.images_bytes(), two);
    EXPECT_NE(ring.Image(3), nullptr);
  }
}

TEST(RecordRing, OfTheKeptImagesTheLongestUnchangedLeaveFirst) {
  const RecordRing ring = RingOf(2, 6, 3 * kDocumentBytes);
  EXPECT_EQ(ring.Image(1), nullptr);
  EXPECT_EQ(ring.Image(2), nullptr);
  EXPECT_NE(ring.Image(3), nullptr);
  EXPECT_NE(ring.Image(4), nullptr);
  EXPECT_LE(ring.images_bytes(), 3 * kDocumentBytes);
}

TEST(RecordRing, ImagesThatWereDroppedInBetweenDoNotHoldUpTheOthers) {
  RecordRing ring(2, kPlenty, 3 * kDocumentBytes);
  for (std::uint64_t next = 1; next <= 4; ++next) {
    ring.Push(RingRecord(next, nullptr, ImageOf(next)));
  }
  ring.Push(RingRecord(5, ring.Image(1), nullptr));  // Images 2 and 3 are kept now.
  for (std::uint64_t next = 6; next <= 40; ++next) {
    const ItemPtr replaced = next % 2 == 0 ? ring.Image(next - 3) : nullptr;
    ring.Push(RingRecord(next, replaced, ImageOf(next)));
    EXPECT_LE(ring.images_bytes(), 3 * kDocumentBytes);
  }
  EXPECT_EQ(ring.Image(2), nullptr);
  EXPECT_NE(ring.Image(39), nullptr);
}

TEST(RecordRing, NoImagesAreKeptWhereTheirLimitIsZero) {
  const RecordRing ring = RingOf(2, 4, 0);
  EXPECT_EQ(ring.Image(2), nullptr);
  EXPECT_NE(ring.Image(3), nullptr);
  EXPECT_EQ(ring.images_bytes(), 0u);
}

TEST(RecordRing, AnImageCountsOnceHoweverManyRecordsShareIt) {
  RecordRing ring(3, kPlenty, kPlenty);
  ItemPtr image = ImageOf(1);
  ring.Push(RingRecord(1, nullptr, image));
  const std::size_t one = ring.bytes();
  for (std::uint64_t next = 2; next <= 3; ++next) {
    ItemPtr changed = ImageOf(next);
    ring.Push(RingRecord(next, image, changed));
    image = changed;
  }
  EXPECT_EQ(ring.bytes(), 3 * one);
  // The image of record 1 stays with record 2, whose old image it is; record 1 itself is dropped.
  ring.Push(RingRecord(4, nullptr, nullptr));
  EXPECT_GT(ring.bytes(), 2 * one + kDocumentBytes);
  EXPECT_LT(ring.bytes(), 4 * one);
}

TEST(RecordRing, TheOldestRecordsLeaveWhenThereAreTooManyBytes) {
  RecordRing ring(1000, 5 * kDocumentBytes, kPlenty);
  for (std::uint64_t next = 1; next <= 50; ++next) {
    ring.Push(RingRecord(next, nullptr, ImageOf(next)));
    EXPECT_LE(ring.bytes(), 5 * kDocumentBytes);
  }
  EXPECT_EQ(ring.last(), 50u);
  EXPECT_GT(ring.first(), 45u);
}

}  // namespace
}  // namespace kless
