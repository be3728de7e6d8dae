// Output: what commands print: the flag -o, JSON, and the cells of tables.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kless::cli {

// Adds -o,--output with the values text (the default) and json; `output` outlives the parse.
CLI::Option* AddOutputFlag(CLI::App& command, std::string* output);

// Indented, to standard output.
void PrintJson(const nlohmann::json& value);
// One line, to standard output.
void PrintJsonLine(const nlohmann::json& value);

// A field of an object as a cell: texts as they are, null and what is absent as "-", anything else
// as JSON.
std::string Cell(const nlohmann::json& object, const char* key);
// A number with three significant digits and without an exponent: "0.00481", "12.3", "1234"; what
// is not a number as Cell().
std::string NumberCell(const nlohmann::json& object, const char* key);
// The same of a number: "0.00481".
std::string ThreeDigits(double value);
// "1.5 KiB", "17.9 MiB"; bytes below 1024 as "512 B".
std::string BytesText(double bytes);

}  // namespace kless::cli
