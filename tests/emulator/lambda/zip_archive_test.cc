#include "emulator/lambda/zip_archive.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "emulator/base/system/files.h"
#include "emulator/base/system/scratch_folder.h"

namespace kless::lambda {
namespace {

struct File {
  std::string path;
  std::string text;
  std::uint32_t mode = 0100644;
  int method = 8;
  int flags = 0;
};

void Append(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::string Deflated(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string packed(text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string Zip(const std::vector<File>& files) {
  std::string out;
  std::string directory;
  for (const File& file : files) {
    const std::string packed = file.method == 8 ? Deflated(file.text) : file.text;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(file.text.data()),
                           static_cast<uInt>(file.text.size()));
    const std::size_t local = out.size();
    std::string common;
    Append(common, 20, 2);
    Append(common, static_cast<std::uint64_t>(file.flags), 2);
    Append(common, static_cast<std::uint64_t>(file.method), 2);
    Append(common, 0, 4);
    Append(common, crc, 4);
    Append(common, packed.size(), 4);
    Append(common, file.text.size(), 4);
    Append(common, file.path.size(), 2);
    Append(common, 0, 2);
    Append(out, 0x04034b50, 4);
    out += common + file.path + packed;
    Append(directory, 0x02014b50, 4);
    Append(directory, 3 << 8 | 20, 2);
    directory += common;
    Append(directory, 0, 2);
    Append(directory, 0, 2);
    Append(directory, 0, 2);
    Append(directory, static_cast<std::uint64_t>(file.mode) << 16, 4);
    Append(directory, local, 4);
    directory += file.path;
  }
  const std::size_t at = out.size();
  out += directory;
  Append(out, 0x06054b50, 4);
  Append(out, 0, 4);
  Append(out, files.size(), 2);
  Append(out, files.size(), 2);
  Append(out, directory.size(), 4);
  Append(out, at, 4);
  Append(out, 0, 2);
  return out;
}

std::string ProblemOf(const std::string& zip) {
  const auto folder = ScratchFolder::Make();
  const auto unpacked = UnpackZip(zip, folder.value()->path());
  return unpacked.has_error() ? unpacked.error().message : "";
}

TEST(ZipArchiveTest, FilesFoldersModesAndLinksAreUnpacked) {
  const auto folder = ScratchFolder::Make();
  const std::string root = folder.value()->path();
  const std::string zip = Zip({{"lib/", "", 040755, 0},
                               {"lib/a.py", std::string(10'000, 'a')},
                               {"bootstrap", "#!/bin/sh\n", 0100755, 0},
                               {"empty", "", 0100644, 0},
                               {"link", "lib/a.py", 0120777, 0}});
  const auto unpacked = UnpackZip(zip, root);
  ASSERT_FALSE(unpacked.has_error()) << unpacked.error().message;
  EXPECT_EQ(ReadFile(root + "/lib/a.py").value(), std::string(10'000, 'a'));
  EXPECT_EQ(ReadFile(root + "/link").value(), std::string(10'000, 'a'));
  EXPECT_EQ(ReadFile(root + "/empty").value(), "");
  using std::filesystem::perms;
  const auto mode = std::filesystem::status(root + "/bootstrap").permissions();
  EXPECT_NE(mode & perms::owner_exec, perms::none);
}

TEST(ZipArchiveTest, WhatLeadsOutOfTheArchiveIsRefused) {
  for (const char* const path : {"../x", "a/../../x", "/etc/x", "a\\b", "./x", "a//b", ""}) {
    EXPECT_NE(ProblemOf(Zip({{path, "x"}})), "") << path;
  }
  EXPECT_NE(ProblemOf(Zip({{"link", "../../etc/passwd", 0120777, 0}})), "");
  EXPECT_NE(ProblemOf(Zip({{"link", "/etc/passwd", 0120777, 0}})), "");
  EXPECT_EQ(ProblemOf(Zip({{"a/link", "../b", 0120777, 0}, {"b", "x"}})), "");
}

TEST(ZipArchiveTest, WhatIsNoArchiveOrDamagedIsRefused) {
  const std::string zip = Zip({{"a.py", "print(1)"}});
  EXPECT_EQ(ProblemOf(zip), "");
  EXPECT_EQ(ProblemOf("comment before" + zip).empty(), false);  // the places are off
  for (std::size_t cut = 0; cut < zip.size(); ++cut) {
    EXPECT_NE(ProblemOf(zip.substr(0, cut)), "") << cut;
  }
  std::string wrong = zip;
  wrong[40] = static_cast<char>(wrong[40] ^ 0x55);  // within the packed text
  EXPECT_NE(ProblemOf(wrong), "");
  EXPECT_NE(ProblemOf(Zip({{"a", "x", 0100644, 8, 1}})), "");  // encrypted
  EXPECT_NE(ProblemOf(Zip({{"a", "x", 0100644, 12}})), "");    // bzip2
}

TEST(ZipArchiveTest, MoreThanTheDirectorySaysIsNotUnpacked) {
  std::string zip = Zip({{"a", std::string(1000, 'x')}});
  const std::size_t directory = zip.rfind("PK\x01\x02");
  zip[directory + 24] = 10;  // its size
  zip[directory + 25] = 0;
  EXPECT_NE(ProblemOf(zip), "");
}

}  // namespace
}  // namespace kless::lambda
