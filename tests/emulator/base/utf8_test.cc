#include "emulator/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace kless {
namespace {

TEST(Utf8Test, OneCharacterIsOneToFourBytes) {
  for (const char* character : {"a", "\x7f", "é", "€", "\xef\xbf\xbd", "😀", "\xf4\x8f\xbf\xbf"}) {
    const std::string text = character;
    EXPECT_EQ(FirstCharacterBytes(text + "x\xff"), text.size()) << text;
    EXPECT_TRUE(IsUtf8(text)) << text;
    EXPECT_EQ(CountCharacters(text + text), 2u) << text;
  }
  EXPECT_EQ(FirstCharacterBytes(std::string_view("\0", 1)), 1u);
}

TEST(Utf8Test, OverlongFormsSurrogatesAndLooseBytesAreInvalid) {
  for (const char* bytes : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf",
                            "\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(FirstCharacterBytes(bytes), 0u) << bytes;
    EXPECT_FALSE(IsUtf8(std::string("a") + bytes)) << bytes;
  }
  EXPECT_EQ(FirstCharacterBytes(""), 0u);
  EXPECT_TRUE(IsUtf8(""));
}

}  // namespace
}  // namespace kless
