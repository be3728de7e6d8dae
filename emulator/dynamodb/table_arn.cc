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

std::optional<Arn> ParseArn(std::string_view text) {
  if (!text.starts_with("arn:")) return std::nullopt;
  text.remove_prefix(4);
  Arn arn;
  for (std::string_view* const part : {&arn.partition, &arn.service, &arn.region, &arn.account}) {
    const auto end = text.find(':');
    if (end == std::string_view::npos) return std::nullopt;
    *part = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  arn.resource = text;
  return arn;
}

std::optional<TableArn> ParseTableArn(std::string_view text) {
  const auto parts = ParseArn(text);
  if (!parts || parts->partition != "aws" || parts->service != "dynamodb") return std::nullopt;
  TableArn arn;
  arn.scope.region = parts->region;
  arn.scope.account = parts->account;
  text = parts->resource;
  if (parts->region.empty() || !IsAccount(parts->account) || !text.starts_with("table/")) {
    return std::nullopt;
  }
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
