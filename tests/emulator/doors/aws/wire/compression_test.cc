#include "emulator/doors/aws/wire/compression.h"

#include <gtest/gtest.h>

namespace kless::doors::aws {
namespace {

// https://github.com/scylladb/scylladb/blob/master/test/alternator/test_compressed_response.py
TEST(PreferredCodingTest, TheBestQualityWinsAndThenTheOrder) {
  const auto prefers = [](const char* header) {
    const auto coding = PreferredCoding(header);
    return std::string(coding ? ContentCodingName(*coding) : "none");
  };
  for (const char* const header :
       {"", "identity", "br", "x-gzip", "gzip ;q=0", "*;q=0", "br;q=0.8,identity;q=0.5,*;q=0",
        "\"gzip\"", "gzip br", "gzip:q=1", "gzip;q= 0;q=1", "gzip;nq=0;q=1"}) {
    EXPECT_EQ(prefers(header), "none") << header;
  }
  for (const char* const header :
       {"gzip, deflate", "GZIP, identity", "dog, gzip ,, cat", "gzip;q=0.8, deflate;q=0.5", "*",
        "*, deflate;q=0.5", "*;q=0.5,identity", "gzip;q=0.5,identity;q=0.8",
        "deflate;q=0.5, gzip;q=31", "deflate;q=0.5, gzip;q=1;q=0.2", "deflate;q=0.5,gzip;q=0.x",
        "deflate;q=-0.5,gzip;q=0.2", "gzip;q=0, gzip;q=1, gzip;q=0", "gzip;q =0;q=1",
        "br,identity;q=0.5,gzip;q=0.0001"}) {
    EXPECT_EQ(prefers(header), "gzip") << header;
  }
  for (const char* const header :
       {"br, identity, deflate, gzip", "br, gzip;q=0, deflate; q = 0.5 , identity;q=0",
        "*, deflate", "*, gzip;q=0.5", "deflate;q=0.5, gzip;q=0.2", "deflate;q=0.5,gzip;q=0."}) {
    EXPECT_EQ(prefers(header), "deflate") << header;
  }
}

}  // namespace
}  // namespace kless::doors::aws
