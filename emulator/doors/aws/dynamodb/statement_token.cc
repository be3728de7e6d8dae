#include "emulator/doors/aws/dynamodb/statement_token.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "emulator/base/random.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

using dynamodb::ReadPosition;

std::uint64_t FingerprintOf(const Input& request) {
  std::string text = request.TextOr("Statement");
  if (const auto parameters = request.Find("Parameters")) text += CanonicalJson(*parameters);
  return HashBytes(text);
}

}  // namespace

// "2.aWQ=.MQ==...1234": the range, the keys of the item and of the entry, the fingerprint.
std::string StatementTokenOf(const SelectPosition& position, const Input& request) {
  std::string token = std::to_string(position.range);
  const ReadPosition after = position.after.value_or(ReadPosition{});
  for (const std::string* const part :
       {&after.item.partition, &after.item.sort, &after.entry.partition, &after.entry.sort}) {
    token.append(".").append(Base64Encode(*part));
  }
  return token + "." + std::to_string(FingerprintOf(request));
}

AwsResult<SelectPosition> ParseStatementToken(std::string_view token, const Input& request,
                                              std::size_t ranges) {
  const AwsError invalid = ValidationError("Invalid NextToken");
  const std::vector<std::string_view> pieces = Split(token, '.');
  if (pieces.size() != 6) return invalid;
  SelectPosition position;
  const auto range = ParseUnsigned(pieces[0]);
  const auto fingerprint = ParseUnsigned(pieces[5]);
  if (!range || !fingerprint) return invalid;
  if (*fingerprint != FingerprintOf(request)) {
    return ValidationError("NextToken does not match request");
  }
  if (*range >= std::max<std::size_t>(ranges, 1)) return invalid;
  position.range = *range;
  ReadPosition after;
  std::string* const parts[] = {&after.item.partition, &after.item.sort, &after.entry.partition,
                                &after.entry.sort};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto decoded = Base64Decode(pieces[i + 1]);
    if (!decoded) return invalid;
    *parts[i] = *decoded;
  }
  if (!after.item.partition.empty()) position.after = std::move(after);
  return position;
}

}  // namespace kless::doors::aws
