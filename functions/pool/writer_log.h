// WriterLog: which function wrote the newest records, so that a mapping can count the records with
// which a function triggers itself.  Kept in memory only; the oldest are forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace kless {

class WriterLog {
 public:
  static constexpr int kUnknown = 0;
  // Ranges of records of one function that are remembered: 24 bytes each.
  static constexpr std::size_t kRangesMax = 65'536;

  // The number of a function of this name, the same at every call; above kUnknown.
  int NumberOf(const std::string& function);
  // kUnknown: no function of this name has a number.
  int Find(const std::string& function) const;
  // The function wrote the records first..last, unless it is kUnknown.  Records are noted in their
  // order; no records: last is below first.
  void Note(std::uint64_t first, std::uint64_t last, int function);
  // kUnknown: not by a function, or forgotten.
  int WriterOf(std::uint64_t sequence) const;

 private:
  struct Range {
    std::uint64_t first, last;
    int function;
  };
  std::map<std::string, int> numbers_;
  std::deque<Range> ranges_;  // ascending
};

// The session token in the credentials of a function's environment, by which a door knows which
// function sends a request; and the function of a token, "" if it is none of these.
std::string SessionTokenOf(const std::string& function);
std::string FunctionOfToken(std::string_view token);

}  // namespace kless
