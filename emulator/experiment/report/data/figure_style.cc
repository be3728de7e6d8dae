#include "emulator/experiment/report/data/figure_style.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "emulator/base/random.h"

namespace kless::experiment {
namespace {

// Colours that remain distinguishable with any kind of colour vision (Okabe and Ito,
// https://jfly.uni-koeln.de/color/; Tol, https://sronpersonalpages.nl/~pault/): cool ones for the
// serverless control plane, warm ones for the classic one.
struct SystemColour {
  const char* profile;  // the shipped profile that has it; "": free for others
  const char* colour;
  int marker;
};
constexpr std::array<SystemColour, 6> kServerlessColours = {{{"thesis-2024", "#0072B2", 7},
                                                             {"aws-2026", "#009E73", 9},
                                                             {"instant", "#56B4E9", 13},
                                                             {"", "#332288", 11},
                                                             {"", "#44AA99", 15},
                                                             {"", "#117733", 7}}};
constexpr std::array<SystemColour, 6> kClassicColours = {{{"thesis-2024", "#D55E00", 5},
                                                          {"kubernetes-1.36", "#AA4499", 13},
                                                          {"instant", "#E69F00", 9},
                                                          {"aws-2026", "#882255", 11},
                                                          {"", "#CC6677", 15},
                                                          {"", "#7A5C00", 5}}};

const std::array<SystemColour, 6>& ColoursOf(const std::string& control_plane) {
  return control_plane == "classic" ? kClassicColours : kServerlessColours;
}

struct SegmentLook {
  const char* name;
  const char* colour;
  const char* fill;
};
// Causes and stages of a start.  Neighbours differ in grey, too: light and dark, plain and hatched.
constexpr std::array<SegmentLook, 20> kSegmentLooks = {
    {{"submit", "#88CCEE", "solid 1"},
     {"commit", "#4477AA", "pattern 4"},
     {"feed", "#DDCC77", "solid 1"},
     {"lane", "#999933", "pattern 2"},
     {"throttle", "#F4C7A1", "solid 1"},
     {"wait", "#4D4D4D", "pattern 5"},
     {"init", "#CC3311", "solid 1"},
     {"batch", "#AAAA00", "pattern 4"},
     {"first_request", "#EE9988", "solid 1"},
     {"compute", "#225555", "solid 1"},
     {"store", "#66BBAA", "pattern 5"},
     {"other", "#BBBBBB", "solid 1"},
     {"pod create", "#BBCCEE", "solid 1"},
     {"container create and start", "#222255", "pattern 4"},
     {"leader election", "#DDCC77", "solid 1"},
     {"informer caches", "#4D4D4D", "pattern 5"},
     {"controllers operational", "#CC3311", "pattern 2"},
     {"etcd", "#88CCEE", "solid 1"},
     {"API server", "#225555", "solid 1"},
     {"controller manager", "#F4C7A1", "solid 1"}}};
constexpr std::array<SegmentLook, 4> kOtherSegments = {{{"", "#6699CC", "solid 1"},
                                                        {"", "#994455", "pattern 2"},
                                                        {"", "#EECC66", "solid 1"},
                                                        {"", "#555555", "pattern 5"}}};

// Returns the advance of a character in thousandths of the font's size, the wider of Helvetica and
// DejaVu.
int CharacterWidth(char c) {
  constexpr std::string_view kNarrow = "ijlI.,:;'|!()[] ";
  constexpr std::string_view kWide = "mwMW@%";
  if (kNarrow.find(c) != std::string_view::npos) return 380;
  if (kWide.find(c) != std::string_view::npos) return 960;
  return (c >= 'A' && c <= 'Z') ? 720 : 610;
}

}  // namespace

std::string GnuplotString(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + "'";
}

int TextWidth(std::string_view text) {
  constexpr int kSize = 15;
  int width = 0;
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;  // of UTF-8
    if (!continues) width += CharacterWidth(c);
  }
  return (width * kSize + 999) / 1000;
}

std::string FitText(const std::string& text, int width) {
  if (TextWidth(text) <= width) return text;
  std::string cut = text;
  while (!cut.empty() && TextWidth(cut + "…") > width) {
    // Removes a whole character of UTF-8.
    while (cut.size() > 1 && (static_cast<unsigned char>(cut.back()) & 0xc0) == 0x80) {
      cut.pop_back();
    }
    cut.pop_back();
  }
  return cut + "…";
}

std::string StartDash(std::string_view start) {
  if (start == "cold") return "(9,4)";
  return start == "waited" ? "(2,3)" : "1";
}

SystemStyles::SystemStyles(const MeasuredExperiment& experiment) {
  std::map<std::string, std::set<std::string>> profiles;  // by control plane
  for (const MeasuredCase& own : experiment.cases) {
    profiles[own.result->control_plane].insert(own.result->profile);
  }
  for (const auto& [control_plane, names] : profiles) {
    const auto& colours = ColoursOf(control_plane);
    std::vector<bool> taken(colours.size());
    const auto give = [&](const std::string& profile, std::size_t index) {
      taken[index] = true;
      looks_[{control_plane, profile}] = {colours[index].colour, colours[index].marker,
                                          names.size() > 1};
    };
    std::vector<std::string> others;
    for (const std::string& profile : names) {
      const auto own = std::find_if(colours.begin(), colours.end(), [&](const SystemColour& each) {
        return !profile.empty() && profile == each.profile;
      });
      if (own == colours.end()) {
        others.push_back(profile);
      } else {
        give(profile, static_cast<std::size_t>(own - colours.begin()));
      }
    }
    // The free colours are used first; with more profiles than colours, colours are used twice.
    for (const std::string& profile : others) {
      std::vector<std::size_t> left;
      for (const bool free_ones : {true, false}) {
        for (std::size_t i = 0; i < colours.size() && left.empty(); ++i) {
          for (std::size_t k = i; k < colours.size(); ++k) {
            if (!taken[k] && (*colours[k].profile == '\0') == free_ones) left.push_back(k);
          }
        }
      }
      const std::uint64_t hash = HashBytes(profile);
      give(profile, left.empty() ? hash % colours.size() : left[hash % left.size()]);
    }
  }
}

const SystemStyles::Look& SystemStyles::Of(const CaseResult& own) const {
  return looks_.at({own.control_plane, own.profile});
}

std::string SystemStyles::Name(const CaseResult& own) const {
  const std::string name = own.system.empty() ? own.control_plane : own.system;
  const bool with_profile = Of(own).named_with_profile && !own.profile.empty();
  return with_profile ? name + " (" + own.profile + ")" : name;
}

std::string SystemStyles::Colour(const CaseResult& own) const {
  return std::string("lc rgb '") + Of(own).colour + "'";
}

int SystemStyles::Marker(const CaseResult& own, std::string_view start) const {
  return start == "cold" ? Of(own).marker - 1 : Of(own).marker;
}

std::string SystemStyles::Line(const CaseResult& own, std::string_view start) const {
  return Colour(own) + " dt " + StartDash(start) + " pt " + std::to_string(Marker(own, start));
}

std::string SegmentStyle(const std::string& name) {
  const auto known = std::find_if(kSegmentLooks.begin(), kSegmentLooks.end(),
                                  [&](const SegmentLook& each) { return name == each.name; });
  const SegmentLook& look = known != kSegmentLooks.end()
                                ? *known
                                : kOtherSegments[HashBytes(name) % kOtherSegments.size()];
  const std::string colour = std::string("lc rgb '") + look.colour + "'";
  const bool solid = std::string_view(look.fill).starts_with("solid");
  return std::string("fs ") + look.fill + " border " + (solid ? "lc rgb 'white'" : colour) +
         " fc rgb '" + look.colour + "'";
}

}  // namespace kless::experiment
