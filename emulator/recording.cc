#include "emulator/recording.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/log.h"
#include "emulator/base/utf8.h"

namespace kless {
namespace {

using nlohmann::json;

constexpr const char* kVersionField = "kless-recording";
// The headers that decide what a request means: those of kless, and those of AWS's protocol.  An
// AWS signature names the account and contains no secret; any other authorization may.
bool IsRecorded(std::string_view name, std::string_view value) {
  return name.starts_with("x-kless-") || name == "x-amz-target" || name == "x-amz-date" ||
         name == "content-encoding" || (name == "authorization" && value.starts_with("AWS4-"));
}

std::string Header(const RecordingHeader& header) {
  json line = {{kVersionField, kRecordingVersion},
               {"started", header.started_unix_ms},
               {"seed", header.seed},
               {"boot", header.boot},
               {"settings", header.settings}};
  return DumpJson(line);
}

// Writes {"id":1,...,"target":"/..." without the rest; by hand, to keep an order that is readable.
std::string BeginLine(std::uint64_t id, Duration at, const HttpRequest& request) {
  std::string line = "{\"id\":" + std::to_string(id) + ",\"at_ns\":" + std::to_string(at.count());
  const auto add = [&line](const char* name, const std::string& text) {
    line.append(",\"").append(name).append("\":");
    AppendJsonString(line, text);
  };
  add("method", request.method);
  add("target", request.target);
  json headers = json::object();
  for (const auto& [name, value] : request.headers) {
    if (name == "content-type") add("content_type", value);
    if (IsRecorded(name, value)) headers[name] = value;
  }
  if (!headers.empty()) line += ",\"headers\":" + DumpJson(headers);
  if (request.body.empty()) return line;
  if (IsUtf8(request.body)) {
    add("body", request.body);
  } else {
    add("body_base64", Base64Encode(request.body));
  }
  return line;
}

std::string ErrnoMessage() { return std::error_code(errno, std::generic_category()).message(); }

// --- reading ------------------------------------------------------------------------------------

// Reads fields of a line with checks; the first problem is kept.
class Fields {
 public:
  explicit Fields(const json& line) : line_(line) {}

  std::uint64_t Number(const char* name) {
    const auto found = line_.find(name);
    if (found != line_.end() && found->is_number_unsigned()) return found->get<std::uint64_t>();
    Report(name, "must be a whole number");
    return 0;
  }
  std::string Text(const char* name, bool required) {
    const auto found = line_.find(name);
    if (found == line_.end() && !required) return "";
    if (found != line_.end() && found->is_string()) return found->get<std::string>();
    Report(name, "must be a string");
    return "";
  }
  std::map<std::string, std::string> Texts(const char* name, bool required) {
    std::map<std::string, std::string> texts;
    const auto found = line_.find(name);
    if (found == line_.end() && !required) return texts;
    if (found == line_.end() || !found->is_object()) {
      Report(name, "must be an object of strings");
      return texts;
    }
    for (const auto& [key, value] : found->items()) {
      if (value.is_string()) {
        texts[key] = value.get<std::string>();
      } else {
        Report(name, "must be an object of strings");
      }
    }
    return texts;
  }
  std::optional<int> Status() {
    const auto found = line_.find("status");
    if (found != line_.end() && found->is_null()) return std::nullopt;
    if (found != line_.end() && found->is_number_unsigned() && *found >= 100 && *found <= 999) {
      return found->get<int>();
    }
    Report("status", "must be an HTTP status or null");
    return std::nullopt;
  }
  void Report(const char* name, const std::string& what) {
    if (problem_.empty()) problem_ = "'" + std::string(name) + "' " + what;
  }
  const std::string& problem() const { return problem_; }

 private:
  const json& line_;
  std::string problem_;
};

Result<RecordingHeader> ParseHeader(const json& line) {
  const auto version = line.find(kVersionField);
  if (version == line.end() || !version->is_number_unsigned()) {
    return MakeError(ErrorCode::kInvalidArgument, "not a kless recording");
  }
  if (*version != kRecordingVersion) {
    return MakeError(ErrorCode::kUnsupported, "a recording of version " + version->dump() +
                                                  "; this kless reads version " +
                                                  std::to_string(kRecordingVersion));
  }
  RecordingHeader header;
  Fields fields(line);
  header.started_unix_ms = static_cast<std::int64_t>(fields.Number("started"));
  header.seed = fields.Number("seed");
  header.boot = fields.Number("boot");
  header.settings = fields.Texts("settings", true);
  if (fields.problem().empty()) return header;
  return MakeError(ErrorCode::kInvalidArgument, fields.problem());
}

Result<RecordedRequest> ParseRequest(const json& line) {
  RecordedRequest recorded;
  Fields fields(line);
  recorded.id = fields.Number("id");
  recorded.at = Duration(static_cast<Duration::rep>(fields.Number("at_ns")));
  HttpRequest& request = recorded.request;
  request.method = fields.Text("method", true);
  const std::string target = fields.Text("target", true);
  request.headers = fields.Texts("headers", false);
  const std::string content_type = fields.Text("content_type", false);
  if (!content_type.empty()) request.headers["content-type"] = content_type;
  request.body = fields.Text("body", false);
  if (line.contains("body_base64")) {
    const auto bytes = Base64Decode(fields.Text("body_base64", true));
    if (!bytes) fields.Report("body_base64", "must be base64");
    request.body = bytes.value_or("");
  }
  recorded.status = fields.Status();
  if (fields.problem().empty() && ParseTarget(target, &request).has_error()) {
    fields.Report("target", "must be a path with an optional query");
  }
  if (fields.problem().empty()) return recorded;
  return MakeError(ErrorCode::kInvalidArgument, fields.problem());
}

Result<json> ParseLine(const std::string& text) {
  auto parsed = ParseJson(text);
  if (parsed.has_error()) {
    return MakeError(ErrorCode::kInvalidArgument, "not JSON: " + parsed.error().message);
  }
  if (!parsed.value().is_object()) {
    return MakeError(ErrorCode::kInvalidArgument, "not a JSON object");
  }
  return parsed;
}

Result<void> ReadLine(const std::string& text, bool is_first, Recording* recording) {
  KLESS_TRY(const auto line, ParseLine(text));
  if (is_first) {
    KLESS_TRY(auto header, ParseHeader(line));
    recording->header = std::move(header);
  } else {
    KLESS_TRY(auto request, ParseRequest(line));
    recording->requests.push_back(std::move(request));
  }
  return {};
}

}  // namespace

std::map<std::string, std::string> SettingsForReplay(const Config& config) {
  // Settings of where a daemon listens, keeps its data and logs are left out; the seed has its own
  // field.
  constexpr std::array kOwn = {"server.",          "log.",   "store.data_directory",
                               "store.durability", "record", "seed"};
  std::map<std::string, std::string> settings;
  for (const auto& [path, text] : config.given) {
    const bool own = std::any_of(kOwn.begin(), kOwn.end(),
                                 [&path](const char* prefix) { return path.starts_with(prefix); });
    if (!own) settings.emplace(path, text);
  }
  return settings;
}

Result<std::unique_ptr<Recorder>> Recorder::Create(const std::string& path, EventLoop& event_loop,
                                                   const RecordingHeader& header) {
  std::FILE* const file = std::fopen(path.c_str(), "wxe");
  if (file == nullptr) {
    if (errno == EEXIST) {
      return MakeError(ErrorCode::kAlreadyExists,
                       "the recording " + path + " already exists; remove it or give another name");
    }
    return MakeError(ErrorCode::kInvalidArgument,
                     "the recording " + path + " cannot be made: " + ErrnoMessage());
  }
  std::unique_ptr<Recorder> recorder(new Recorder(file, path, event_loop));
  recorder->WriteLine(Header(header));
  recorder->Flush();
  return recorder;
}

Recorder::Recorder(std::FILE* file, std::string path, EventLoop& event_loop)
    : file_(file), path_(std::move(path)), event_loop_(event_loop), start_(event_loop.Now()) {}

Recorder::~Recorder() {
  for (const auto& [id, line] : open_) WriteLine(line + ",\"status\":null}");
  Flush();
  if (file_ != nullptr) std::fclose(file_);
}

void Recorder::WriteLine(const std::string& line) {
  if (file_ == nullptr) return;
  std::fwrite(line.data(), 1, line.size(), file_);
  std::fputc('\n', file_);
  unflushed_ = true;
}

void Recorder::Flush() {
  if (!unflushed_ || file_ == nullptr) return;
  unflushed_ = false;
  if (std::fflush(file_) == 0 && std::ferror(file_) == 0) return;
  Log(LogLevel::kError, "recording",
      "the recording " + path_ + " ends here: it cannot be written: " + ErrnoMessage());
  std::fclose(file_);
  file_ = nullptr;
}

std::uint64_t Recorder::OnRequest(const HttpRequest& request) {
  const std::uint64_t id = ++last_id_;
  open_.emplace(id, BeginLine(id, event_loop_.Now() - start_, request));
  return id;
}

void Recorder::OnAnswer(std::uint64_t id, int status) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  WriteLine(found->second + ",\"status\":" + std::to_string(status) + "}");
  open_.erase(found);
}

Result<Recording> ReadRecording(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return MakeError(ErrorCode::kNotFound, path + ": the recording cannot be read");
  Recording recording;
  std::string text;
  int number = 0;
  while (std::getline(file, text)) {
    ++number;
    const std::string place = path + ":" + std::to_string(number) + ": ";
    if (file.eof()) {  // No newline: the writer was interrupted.
      if (number == 1) {
        return MakeError(ErrorCode::kInvalidArgument, place + "not a kless recording");
      }
      recording.torn = true;
      break;
    }
    const auto read = ReadLine(text, number == 1, &recording);
    if (read.has_error()) return MakeError(read.error().code, place + read.error().message);
  }
  if (number == 0) return MakeError(ErrorCode::kInvalidArgument, path + ":1: the file is empty");
  std::sort(
      recording.requests.begin(), recording.requests.end(),
      [](const RecordedRequest& left, const RecordedRequest& right) { return left.id < right.id; });
  return recording;
}

}  // namespace kless
