// Bodies of AWS's JSON protocol: the first line names a shape, the rest is the body, compressed or
// not.  What the validator accepts has the types of its shape, however deep.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/check.h"
#include "emulator/base/padded_parser.h"
#include "emulator/doors/aws/dynamodb/shapes.h"
#include "emulator/doors/aws/streams/shapes.h"
#include "emulator/doors/aws/wire/compression.h"
#include "emulator/doors/aws/wire/input.h"
#include "emulator/doors/aws/wire/shape.h"
#include "emulator/doors/aws/wire/validator.h"

namespace {

using kless::doors::aws::Input;
using kless::doors::aws::Shape;
using kless::doors::aws::ShapeType;
using simdjson::dom::element;

void Read(const Shape& shape, const Input& input);

void Visit(const Shape& shape, element value) {
  if (value.is_null()) return;
  switch (shape.type) {
    case ShapeType::kList:
      KLESS_CHECK(value.is_array(), "a list is not an array");
      for (const element each : simdjson::dom::array(value)) Visit(*shape.element, each);
      return;
    case ShapeType::kMap:
      KLESS_CHECK(value.is_object(), "a map is not an object");
      for (const auto [name, each] : simdjson::dom::object(value)) Visit(*shape.element, each);
      return;
    case ShapeType::kStructure:
      KLESS_CHECK(value.is_object(), "a structure is not an object");
      Read(shape, Input(simdjson::dom::object(value)));
      return;
    case ShapeType::kString:
    case ShapeType::kBlob:
      KLESS_CHECK(value.is_string(), "a string is not a string");
      return;
    default:
      return;
  }
}

void Read(const Shape& shape, const Input& input) {
  for (const auto& member : shape.members) {
    const auto found = input.Find(member.name);
    KLESS_CHECK(found || !member.required, "a required member is missing");
    if (!found) continue;
    (void)input.Flag(member.name);
    (void)input.Integer(member.name);
    Visit(*member.shape, *found);
  }
}

const Shape* FindShape(std::string_view name) {
  static const kless::doors::aws::Shapes tables(kless::doors::aws::kDynamoDbShapes);
  static const kless::doors::aws::Shapes streams(kless::doors::aws::kStreamsShapes);
  const Shape* const found = tables.Find(name);
  return found != nullptr ? found : streams.Find(name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const Shape* const shape = FindShape(text.substr(0, line));
  if (shape == nullptr || shape->type != ShapeType::kStructure) return 0;
  std::string body(text.substr(line + 1));
  using kless::doors::aws::ContentCoding;
  kless::doors::aws::DecodingProblem problem{};
  for (const ContentCoding coding : {ContentCoding::kGzip, ContentCoding::kDeflate}) {
    if (auto plain = Decode(coding, body, 1u << 20, &problem)) body = std::move(*plain);
  }
  (void)kless::doors::aws::PreferredCoding(body);
  kless::PaddedParser parser;
  element root;
  if (!parser.Parse(body, root)) return 0;
  const auto checked = kless::doors::aws::Validate(*shape, root, "com.example");
  if (checked.has_value()) {
    Read(*shape, Input(simdjson::dom::object(root)));
  } else {
    (void)kless::doors::aws::ErrorBody(checked.error(), "com.example#");
  }
  return 0;
}
