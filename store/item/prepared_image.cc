#include "store/item/prepared_image.h"

#include "emulator/base/json.h"

namespace kless {

PreparedImage PrepareImage(const nlohmann::json& object, std::string_view name) {
  PreparedImage image;
  image.document = DumpJson(object);
  image.fields = ExtractResourceFields(object, image.document, name);
  return image;
}

}  // namespace kless
