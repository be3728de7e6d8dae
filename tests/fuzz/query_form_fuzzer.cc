// Forms of AWS's Query protocol: the first line names a shape of SQS, the rest is the form.  What
// they become is JSON by the shape, if their text is UTF-8, and can be written as XML.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/check.h"
#include "emulator/base/padded_parser.h"
#include "emulator/base/utf8.h"
#include "emulator/doors/aws/sqs/shapes.h"
#include "emulator/doors/aws/wire/query_form.h"
#include "emulator/doors/aws/wire/shape.h"
#include "emulator/doors/aws/wire/validator.h"
#include "emulator/doors/aws/wire/xml_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace aws = kless::doors::aws;
  static const aws::Shapes shapes(aws::kSqsShapes);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const aws::Shape* const shape = shapes.Find(text.substr(0, line));
  if (shape == nullptr || shape->type != aws::ShapeType::kStructure) return 0;
  const auto form = aws::ParseForm(text.substr(line + 1));
  if (form.has_error()) return 0;
  const auto json = aws::FormToJson(*shape, form.value());
  if (json.has_error()) return 0;
  kless::PaddedParser parser;
  simdjson::dom::element root;
  if (!parser.Parse(json.value(), root)) {
    KLESS_CHECK(!kless::IsUtf8(json.value()), json.value());
    return 0;
  }
  KLESS_CHECK(root.is_object(), "a form is not an object");
  (void)aws::Validate(*shape, root, "com.example");
  std::string xml;
  aws::AppendXmlMembers(xml, *shape, root.get_object().value_unsafe());
  return 0;
}
