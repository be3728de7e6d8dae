// `kless man`: the manual page.
#include "emulator/cli/manual.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>

#include "emulator/base/strings.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/help.h"
#include "emulator/config.h"

namespace kless::cli {
namespace {

// Text as troff shows it unchanged: no escapes, no requests, hyphens that can be copied.
std::string Escape(std::string_view text) {
  std::string escaped;
  for (const std::string_view line : Split(text, '\n')) {
    if (!escaped.empty()) escaped += '\n';
    if (line.starts_with('.') || line.starts_with('\'')) escaped += "\\&";
    for (const char c : line) {
      if (c == '\\') {
        escaped += "\\e";
      } else if (c == '-') {
        escaped += "\\-";
      } else {
        escaped += c;
        if (c == ',') escaped += "\\:";  // a long word may break here
      }
    }
  }
  return escaped;
}

std::string Bold(std::string_view text) { return "\\fB" + Escape(text) + "\\fR"; }
std::string Italic(std::string_view text) { return "\\fI" + Escape(text) + "\\fR"; }

std::vector<const CLI::App*> ShownCommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<const CLI::Option*> ShownFlags(const CLI::App& app) {
  return app.get_options([&](const CLI::Option* option) {
    return option->nonpositional() && (!option->get_group().empty() || IsSettingFlag(app, *option));
  });
}

std::vector<const CLI::Option*> Arguments(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) {
    return option->get_positional() && !option->get_group().empty();
  });
}

std::string ArgumentName(const CLI::Option& option) {
  std::string name = Placeholder(option);
  if (name.empty()) name = option.get_name(true);
  if (option.get_items_expected_max() > 1) name += "...";
  return option.get_required() ? name : "[" + name + "]";
}

// The words between the blanks of an option's type that a reader needs: "N", "{a,b}".
std::string ValueName(const CLI::Option& option) {
  return option.get_items_expected_max() == 0 ? "" : Placeholder(option);
}

std::string Synopsis(const CLI::App& app) {
  std::string line = Bold(FullName(app));
  if (!ShownCommands(app).empty()) line += " " + Italic("COMMAND");
  if (!ShownFlags(app).empty()) line += " [" + Italic("FLAGS") + "]";
  for (const CLI::Option* argument : Arguments(app)) line += " " + Italic(ArgumentName(*argument));
  return line + "\n";
}

std::string FlagEntry(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) {
    names += (names.empty() ? "" : ", ") + Bold("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    names += (names.empty() ? "" : ", ") + Bold("--" + name);
  }
  const std::string value = ValueName(option);
  if (!value.empty()) names += " " + Italic(value);
  return ".TP\n" + names + "\n" + Escape(option.get_description()) + "\n";
}

// "An emulator of x." -> "an emulator of x", as whatis(1) shows it.
std::string NameLine(std::string description) {
  if (description.ends_with('.')) description.pop_back();
  if (!description.empty()) {
    description[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(description[0])));
  }
  return description;
}

std::string Footer(const CLI::App& app) {
  const std::string footer = app.get_footer();
  if (footer.empty()) return "";
  return ".PP\n.nf\n" + Escape(footer) + "\n.fi\n";
}

// `settings_shown`: whether a command before this one has listed the settings.
void AppendCommand(const CLI::App& app, bool* settings_shown, std::string* page) {
  *page += ".SS " + Escape(FullName(app)) + "\n" + Escape(app.get_description()) + "\n.PP\n" +
           Synopsis(app);
  for (const CLI::Option* argument : Arguments(app)) {
    *page += ".TP\n" + Italic(ArgumentName(*argument)) + "\n" +
             Escape(argument->get_description()) + "\n";
  }
  bool has_settings = false;
  const CLI::Option* const help = app.get_help_ptr();
  for (const CLI::Option* option : ShownFlags(app)) {
    if (option == help) continue;
    has_settings |= IsSettingFlag(app, *option);
    if (!IsSettingFlag(app, *option) || !*settings_shown) *page += FlagEntry(*option);
  }
  if (has_settings && *settings_shown) {
    *page += ".PP\nThe settings of " + Bold("kless serve") + " are flags of this command, too.\n";
  }
  *settings_shown |= has_settings;
  *page += Footer(app);
  for (const CLI::App* command : ShownCommands(app)) AppendCommand(*command, settings_shown, page);
}

constexpr const char* kEnvironment = R"(.SH ENVIRONMENT
.TP
\fBKLESS_ENDPOINT\fR
URL of the daemon that the commands speak to (http://127.0.0.1:8080). \fBkless exec\fR sets it for its command.
.TP
\fBKLESS_CERTIFICATE\fR
Certificate of a daemon that serves HTTPS.
.TP
\fBKLESS_CONFIG\fR
Settings file of \fBserve\fR and \fBexec\fR, as \fB\-\-config\fR.
.TP
\fBKLESS_CONFIGS\fR
Folder with latency profiles, scenarios and examples, looked into after \fI./configs\fR and before the files that are compiled in.
.TP
\fBKLESS_\fR...
Each setting of \fBserve\fR has a variable; \fBkless config show\fR names it.
.SH FILES
.TP
\fI./configs\fR
Scenarios, latency profiles, example Jobs and \fIkless.yaml\fR here win over those that are compiled in.
.TP
\fI./kless\-data/kless.db\fR
Data of a daemon, an SQLite database.
.TP
\fI/usr/share/doc/kless\fR
README, licence, documents of the design, and the files of \fIconfigs\fR as examples.
)";

}  // namespace

std::string ManualPage(const CLI::App& root) {
  std::string page = ".\\\" Made by `kless man` from the command line that it describes.\n";
  page += ".TH KLESS 1 \"\" \"kless " KLESS_VERSION "\" \"User Commands\"\n";
  page += ".nh\n.ad l\n";
  page += ".SH NAME\nkless \\- " + Escape(NameLine(root.get_description())) + "\n";
  page += ".SH SYNOPSIS\n";
  for (const CLI::App* command : ShownCommands(root)) page += Synopsis(*command) + ".br\n";
  page += ".SH DESCRIPTION\n";
  page +=
      "kless emulates a serverless control plane for Kubernetes on one machine: a table with a "
      "change\n"
      "feed, a function pool, and the control loops as functions.  One process, one SQLite file.\n";
  page += Footer(root);
  page += ".SH COMMANDS\n";
  bool settings_shown = false;
  for (const CLI::App* command : ShownCommands(root)) {
    AppendCommand(*command, &settings_shown, &page);
  }
  for (const HelpTopic& topic : HelpTopics()) {
    if (topic.name != "exit-codes") continue;
    page += ".SH EXIT STATUS\n.nf\n" + Escape(topic.text) + ".fi\n";
  }
  return page + kEnvironment;
}

void AddManual(CLI::App& app, Action& action) {
  CLI::App* const command = app.add_subcommand("man", "Print the manual page");
  command->footer("Examples:\n  kless man | man -l -");
  command->callback([&app, &action] {
    action = [&app] {
      std::printf("%s", ManualPage(app).c_str());
      return 0;
    };
  });
}

}  // namespace kless::cli
