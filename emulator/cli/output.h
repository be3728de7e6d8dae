// Output: how commands print: the flag -o, JSON, and the cells of tables.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kless::cli {

// Adds -o,--output with the values text (the default) and json; `output` must outlive the parse.
CLI::Option* AddOutputFlag(CLI::App& command, std::string* output);

// Writes what standard output has buffered. Returns "" if all output so far was written, or if its
// reader is gone (`| head`); else ": " and the system's reason.
std::string FlushOutput();

// Prints it indented to standard output.
void PrintJson(const nlohmann::json& value);
// Prints it as one line to standard output.
void PrintJsonLine(const nlohmann::json& value);

// Returns a field of an object as a cell: texts as they are, null and absent fields as "-", other
// values as JSON.
std::string Cell(const nlohmann::json& object, const char* key);
// Returns a number with three significant digits and without an exponent: "0.00481", "12.3",
// "1234"; other values as Cell() does.
std::string NumberCell(const nlohmann::json& object, const char* key);
// The same for a number: "0.00481".
std::string ThreeDigits(double value);
// Returns "1.5 KiB" or "17.9 MiB"; below 1024 bytes, "512 B".
std::string BytesText(double bytes);

}  // namespace kless::cli
