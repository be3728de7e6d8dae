#include "emulator/sqs/message.h"

#include <gtest/gtest.h>

namespace kless::sqs {
namespace {

TEST(MessageTest, TheDigestOfAttributesIsOfNamesTypesAndValuesInOrder) {
  EXPECT_EQ(Md5OfAttributes({}), "");
  // Computed by hand: length, name, length, type, 1, length, value.
  const std::string bytes("\0\0\0\1a\0\0\0\6String\1\0\0\0\1x", 21);
  EXPECT_EQ(Md5OfAttributes({{"a", {"String", "x"}}}), Md5Hex(bytes));
  EXPECT_NE(Md5OfAttributes({{"a", {"Binary", "x", true}}}),
            Md5OfAttributes({{"a", {"Binary", "x", false}}}));
}

TEST(MessageTest, ASavedMessageIsReadBackWhole) {
  Message message;
  message.id = "id";
  message.body = "b\xC3\xA9\"\n";
  message.attributes = {{"n", {"Number.int", "7"}},
                        {"b", {"Binary", std::string("\0\xff", 2), true}}};
  message.trace_header = "Root=1";
  message.sender = "AKID";
  message.group = "g";
  message.deduplication = "d";
  message.sequence_number = "18860000000000000001";
  message.source_arn = "arn:aws:sqs:r:a:q";
  message.sent_nanos = 123;
  const std::string text = MessageToText(message);
  const Message read = MessageFromText(text).value();
  EXPECT_EQ(MessageToText(read), text);
  EXPECT_EQ(read.attributes.at("b").value, std::string("\0\xff", 2));
  EXPECT_TRUE(MessageFromText("{}").has_error());
  EXPECT_TRUE(MessageFromText("x").has_error());
}

TEST(MessageTest, SizesCountBodiesAndAttributes) {
  SendRequest request;
  request.body = std::string(1000, 'x');
  request.attributes = {{"name", {"String", "value"}}};
  EXPECT_EQ(MessageBytes(request), 1015u);
  EXPECT_TRUE(CheckMessage(request, 1015).has_value());
  EXPECT_EQ(CheckMessage(request, 1014).error().query_code, "InvalidParameterValue");
}

TEST(MessageTest, CharactersThatXmlDoesNotHaveAreRefused) {
  SendRequest request;
  for (const std::string& bad : {std::string("\0", 1), std::string("a\x0b"),
                                 std::string("\xEF\xBF\xBE"), std::string("\xEF\xBF\xBF")}) {
    request.body = bad;
    EXPECT_EQ(CheckMessage(request, kMessageBytesMax).error().type, "InvalidMessageContents");
  }
  request.body = "\t\r\n\xEF\xBF\xBD";
  EXPECT_TRUE(CheckMessage(request, kMessageBytesMax).has_value());
}

}  // namespace
}  // namespace kless::sqs
