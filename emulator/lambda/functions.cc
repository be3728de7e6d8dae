#include "emulator/lambda/functions.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/log.h"
#include "emulator/lambda/zip_archive.h"
#include "functions/pool/mapping/stream_event.h"

namespace kless::lambda {
namespace {

using nlohmann::json;

constexpr const char* kDefinitionPrefix = "lambda-function/";
constexpr const char* kCodePrefix = "lambda-code/";
constexpr const char* kCannotUnzip =
    "Could not unzip uploaded file. Please check your file, then try to upload again.";

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// The bytes that 64 hexadecimal digits name.
std::string BytesOfHex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// "2026-12-01T12:00:00.000+0000"
std::string DateOf(std::int64_t unix_nanos) {
  const std::string seconds = FormatTime(unix_nanos);  // ends in Z
  std::string millis = std::to_string(unix_nanos / 1'000'000 % 1000);
  millis.insert(0, 3 - millis.size(), '0');
  return seconds.substr(0, seconds.size() - 1) + "." + millis + "+0000";
}

}  // namespace

std::optional<FunctionName> ParseFunctionName(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, ':');
  std::size_t at = 0;
  if (parts.size() > 1 && parts[0] == "arn") {
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME
    if (parts.size() < 7 || parts[2] != "lambda" || parts[5] != "function") return std::nullopt;
    at = 6;
  } else if (parts.size() > 2 && parts[1] == "function") {
    at = 2;
  }
  if (parts.size() - at > 2 || !IsName(parts[at])) return std::nullopt;
  FunctionName name{std::string(parts[at]), ""};
  if (parts.size() - at == 2) name.qualifier = parts[at + 1];
  return name;
}

Functions::Functions(Context context, std::uint64_t seed)
    : context_(context), random_(seed, "lambda functions") {}

void Functions::Load() {
  for (const auto& [key, text] : context_.store.LoadValues(kDefinitionPrefix)) {
    const auto parsed = ParseJson(text);
    if (parsed.has_error()) continue;
    Entry entry;
    entry.definition = DefinitionFromJson(parsed.value());
    const std::string name = entry.definition.name;
    auto folder = Unpack(Code(name));
    const auto fails = [&name](const std::string& why) {
      Log(LogLevel::kError, "functions", "the stored function '" + name + "' does not run: " + why);
    };
    if (folder.has_error()) {
      fails(folder.error().message);
      continue;
    }
    entry.folder = std::move(folder.value());
    const auto registered = Register(entry);
    if (registered.has_error()) {
      fails(registered.error().message);
      continue;
    }
    functions_.emplace(name, std::move(entry));
  }
}

Outcome<std::unique_ptr<ScratchFolder>> Functions::Unpack(const std::string& zip) const {
  auto folder = ScratchFolder::Make();
  if (folder.has_error()) return ServiceException(folder.error().message);
  const auto unpacked = UnpackZip(zip, folder.value()->path());
  if (unpacked.has_value()) return std::move(folder.value());
  if (unpacked.error().code != ErrorCode::kInvalidArgument) {
    return ServiceException(unpacked.error().message);
  }
  Log(LogLevel::kInfo, "functions", unpacked.error().message);
  if (unpacked.error().message.find("250 MB") != std::string::npos) {
    return InvalidParameter("Unzipped size must be smaller than " +
                            std::to_string(kUnzippedBytesMax) + " bytes");
  }
  return InvalidParameter(kCannotUnzip);
}

Outcome<void> Functions::Register(Entry& entry) {
  auto running = context_.runtimes.Run(
      CodeOf(entry.definition, entry.folder->path()),
      [this](const FunctionEvent& event) { return EventText(context_.store, event); },
      [this](const FunctionLogLine& line) { Write(line); });
  const auto registered =
      context_.pool.Register(PoolConfigOf(entry.definition), running->handler(), &running->host());
  if (registered.has_error()) {
    if (registered.error().code == ErrorCode::kAlreadyExists) {
      return Conflict("Function already exist: " + entry.definition.name);
    }
    return InvalidParameter(registered.error().message);
  }
  entry.running = running.get();
  running_.push_back(std::move(running));
  return {};
}

void Functions::Write(const FunctionLogLine& line) {
  Log(LogLevel::kInfo, "function " + line.function, line.text);
  const FunctionDefinition* const function = Find(line.function);
  if (function == nullptr) return;
  context_.logs.Append({function->account, function->region}, "/aws/lambda/" + line.function,
                       line.environment, {{line.unix_nanos / 1'000'000, line.text + "\n"}});
}

void Functions::Touch(FunctionDefinition& function) {
  function.revision = random_.Uuid();
  function.last_modified = DateOf(context_.event_loop.UnixNanos());
}

void Functions::Save(const FunctionDefinition& function) {
  context_.store.SaveValue(kDefinitionPrefix + function.name, DumpJson(DefinitionToJson(function)));
}

Outcome<const FunctionDefinition*> Functions::Create(FunctionDefinition function, std::string zip) {
  const std::string name = function.name;
  if (functions_.contains(name)) return Conflict("Function already exist: " + name);
  Entry entry;
  auto folder = Unpack(zip);
  if (folder.has_error()) return folder.error();
  entry.folder = std::move(folder.value());
  function.code_sha256 = Base64Encode(BytesOfHex(Sha256Hex(zip)));
  function.code_bytes = zip.size();
  Touch(function);
  entry.definition = std::move(function);
  const auto registered = Register(entry);
  if (registered.has_error()) return registered.error();
  context_.store.SaveValue(kCodePrefix + name, Base64Encode(zip));
  Save(entry.definition);
  return &functions_.emplace(name, std::move(entry)).first->second.definition;
}

const FunctionDefinition* Functions::Find(const std::string& name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second.definition;
}

Outcome<const FunctionDefinition*> Functions::Get(const std::string& name,
                                                  const std::string& arn) const {
  const FunctionDefinition* const found = Find(name);
  if (found == nullptr) return NotFound("Function not found: " + arn);
  return found;
}

std::vector<const FunctionDefinition*> Functions::All() const {
  std::vector<const FunctionDefinition*> all;
  for (const auto& [name, entry] : functions_) all.push_back(&entry.definition);
  return all;
}

Outcome<const FunctionDefinition*> Functions::Update(
    const std::string& name, const std::string& arn,
    const std::function<void(FunctionDefinition&)>& change) {
  const auto found = functions_.find(name);
  if (found == functions_.end()) return NotFound("Function not found: " + arn);
  Entry& entry = found->second;
  FunctionDefinition changed = entry.definition;
  change(changed);
  Touch(changed);
  // What was set by other ways, such as a modelled init, stays.
  FunctionConfig config = context_.pool.Config(name).value();
  const FunctionConfig wanted = PoolConfigOf(changed);
  config.memory_mb = wanted.memory_mb;
  config.timeout = wanted.timeout;
  config.runtime = wanted.runtime;
  config.reserved_concurrency = wanted.reserved_concurrency;
  const auto configured = context_.pool.Configure(name, std::move(config));
  if (configured.has_error()) return InvalidParameter(configured.error().message);
  const bool same = changed.runtime == entry.definition.runtime &&
                    changed.handler == entry.definition.handler &&
                    changed.environment == entry.definition.environment;
  entry.definition = std::move(changed);
  if (!same) {
    entry.running->SetCode(CodeOf(entry.definition, entry.folder->path()));
    (void)context_.pool.Reset(name);
  }
  Save(entry.definition);
  return &entry.definition;
}

Outcome<const FunctionDefinition*> Functions::UpdateCode(const std::string& name,
                                                         const std::string& arn, std::string zip) {
  const auto found = functions_.find(name);
  if (found == functions_.end()) return NotFound("Function not found: " + arn);
  auto folder = Unpack(zip);
  if (folder.has_error()) return folder.error();
  Entry& entry = found->second;
  old_folders_.push_back(std::exchange(entry.folder, std::move(folder.value())));
  entry.definition.code_sha256 = Base64Encode(BytesOfHex(Sha256Hex(zip)));
  entry.definition.code_bytes = zip.size();
  Touch(entry.definition);
  entry.running->SetCode(CodeOf(entry.definition, entry.folder->path()));
  (void)context_.pool.Reset(name);
  context_.store.SaveValue(kCodePrefix + name, Base64Encode(zip));
  Save(entry.definition);
  return &entry.definition;
}

Outcome<void> Functions::Delete(const std::string& name, const std::string& arn) {
  const auto found = functions_.find(name);
  if (found == functions_.end()) return NotFound("Function not found: " + arn);
  (void)context_.pool.Unregister(name);
  old_folders_.push_back(std::move(found->second.folder));
  functions_.erase(found);
  context_.store.RemoveValue(kDefinitionPrefix + name);
  context_.store.RemoveValue(kCodePrefix + name);
  return {};
}

std::string Functions::Code(const std::string& name) const {
  const auto text = context_.store.LoadValue(kCodePrefix + name);
  return text ? Base64Decode(*text).value_or("") : "";
}

int Functions::UnreservedConcurrency() const {
  int reserved = 0;
  for (const auto& [name, entry] : functions_) {
    reserved += entry.definition.reserved_concurrency.value_or(0);
  }
  return context_.pool.account_concurrency() - reserved;
}

}  // namespace kless::lambda
