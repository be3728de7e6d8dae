#include "emulator/dynamodb/table_arn.h"

namespace kless::dynamodb {
namespace {

bool IsAccount(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string TableArnText(const Scope& scope, const std::string& table) {
  return "arn:aws:dynamodb:" + scope.region + ":" + scope.account + ":table/" + table;
}

std::optional<TableArn> ParseTableArn(std::string_view text) {
  constexpr std::string_view kStart = "arn:aws:dynamodb:";
  if (!text.starts_with(kStart)) return std::nullopt;
  text.remove_prefix(kStart.size());
  const auto region_end = text.find(':');
  if (region_end == std::string_view::npos || region_end == 0) return std::nullopt;
  TableArn arn;
  arn.scope.region = text.substr(0, region_end);
  text.remove_prefix(region_end + 1);
  const auto account_end = text.find(':');
  if (account_end == std::string_view::npos) return std::nullopt;
  arn.scope.account = text.substr(0, account_end);
  text.remove_prefix(account_end + 1);
  if (!IsAccount(arn.scope.account) || !text.starts_with("table/")) return std::nullopt;
  text.remove_prefix(6);
  const auto name_end = text.find('/');
  arn.table = text.substr(0, name_end);
  if (arn.table.size() < 3) return std::nullopt;
  if (name_end == std::string_view::npos) return arn;
  text.remove_prefix(name_end + 1);
  const auto kind_end = text.find('/');
  if (kind_end == std::string_view::npos || kind_end + 1 == text.size()) return std::nullopt;
  arn.kind = text.substr(0, kind_end);
  arn.rest = text.substr(kind_end + 1);
  if (arn.kind != "stream" && arn.kind != "index") return std::nullopt;
  return arn;
}

}  // namespace kless::dynamodb
