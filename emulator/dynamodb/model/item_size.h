// The size of items, as limits, capacity and stream records count it.
//
// A name counts its UTF-8 bytes.  S: UTF-8 bytes; B: bytes; BOOL and NULL: 1; N: 1, 1 per two
// digits (counted from the point), and 1 if negative, 0: 1; a set: its elements; L and M: 3, and 1
// per element besides names and values.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
#pragma once

#include <cstddef>

#include "emulator/dynamodb/model/value.h"

namespace kless {

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
constexpr std::size_t kItemBytesMax = 409'600;

std::size_t SizeOf(const AttributeValue& value);
// Names and values of all attributes, keys included.
std::size_t SizeOf(const AttributeMap& item);

}  // namespace kless
