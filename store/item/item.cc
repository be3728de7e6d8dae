#include "store/item/item.h"

namespace kless {

const char* ChangeTypeName(ChangeType type) {
  switch (type) {
    case ChangeType::kInsert:
      return "INSERT";
    case ChangeType::kModify:
      return "MODIFY";
    case ChangeType::kRemove:
      return "REMOVE";
  }
  return "MODIFY";
}

}  // namespace kless
