#include "emulator/cli/help.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <utility>

#include "emulator/base/strings.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/settings_flags.h"
#include "emulator/config.h"
#include "emulator/settings.h"

namespace kless::cli {
namespace {

constexpr std::size_t kHelpColumn = 34;

class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter() {
    column_width(kHelpColumn);
    label("Positionals", "Arguments");
    label("SUBCOMMAND", "COMMAND");
    label("Subcommands", "Commands");
    label("REQUIRED", "(required)");
  }

  // The base class prints "[Exactly 1 of the following options is required]" where a command is
  // required.
  std::string make_description(const CLI::App* app) const override {
    return app->get_description() + "\n";
  }

  // The base class puts two blank lines between groups.
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
    for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at)) {
      text.erase(at, 1);
    }
    return text;
  }

  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    if (!is_positional) return option->get_name(false, true);
    const std::string placeholder = Placeholder(*option);
    return placeholder.empty() ? option->get_name(true, false) : placeholder;
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    std::string text;
    if (option->nonpositional() && option->get_type_size() != 0) {
      const std::string placeholder = Placeholder(*option);
      if (!placeholder.empty()) text += " " + placeholder;
    }
    if (option->nonpositional() && option->get_required()) text += " " + get_label("REQUIRED");
    return text;
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    return Wrapped(option->get_description(), kHelpWidth - kHelpColumn);
  }

  std::string make_footer(const CLI::App* app) const override {
    const std::string footer = app->get_footer();
    std::string text, paragraph;
    const auto end_paragraph = [&] {
      if (!paragraph.empty()) text += Wrapped(std::exchange(paragraph, ""), kHelpWidth) + "\n";
    };
    for (const std::string_view line : Split(footer, '\n')) {
      if (line.empty() || line.starts_with(' ')) {
        end_paragraph();
        text += std::string(line) + "\n";
      } else {
        paragraph += (paragraph.empty() ? "" : " ") + std::string(line);
      }
    }
    end_paragraph();
    return text == "\n" ? "" : text;
  }

  std::string make_subcommand(const CLI::App* command) const override {
    std::stringstream out;
    CLI::detail::format_help(out, command->get_name(),
                             Wrapped(command->get_description(), kHelpWidth - kCommandColumn),
                             kCommandColumn);
    return out.str();
  }

 private:
  static constexpr std::size_t kCommandColumn = 18;
};

std::string ExitCodes() {
  return R"(Exit codes of kless:

    0  done
    1  the command failed at its work: no daemon answers, the daemon refused, a wait timed out, the
       port or the data is in use; `experiment run`, `replay`: a run has a problem; `bench`: a
       budget is not met
    2  something that you gave is wrong, and nothing was done: a flag, an argument, a KLESS_...
       variable, a setting, a scenario, a name, or a file or folder that one of them names (it is
       missing, cannot be read or written, or holds something else)
    3  `experiment run`, `replay`: a threshold is broken, or a published value is missed
   70  `serve`: the data file cannot be written any more
  130  interrupted by Ctrl-C (128 + n: ended by signal n)

`kless exec` passes on the exit code of the command that it runs, as env and timeout do:

  125  kless itself failed: a wrong flag or setting, or the daemon did not start
  126  the command was found and cannot be run
  127  the command was not found
  128 + n  signal n ended the command
)";
}

std::string SettingsText() {
  std::string text =
      "Every setting of `kless serve` and `kless exec`, as a flag, a variable and a key of the "
      "config file.\nFlags win over variables, variables over the file (--config FILE, or "
      "KLESS_CONFIG);\nof a flag that is given twice the last one counts.\n" +
      FunctionFlagHelp() + "\n";
  for (const Setting& setting : Settings()) {
    // functions.default.FIELD stands for the field of every function.
    const bool of_function = setting.flag.empty();
    const std::string flag = of_function ? "--function NAME." + setting.path.substr(18) + "=VALUE"
                             : setting.is_switch ? setting.flag
                                                 : setting.flag + " VALUE";
    text += "\n  " + flag + "\n      ";
    if (!setting.environment.empty()) text += setting.environment + ", ";
    text += setting.path + "\n      ";
    for (const char c : Wrapped(HelpText(setting, Config()), kHelpWidth - 6)) {
      text += c;
      if (c == '\n') text += "      ";
    }
    text += "\n";
  }
  return text;
}

std::string EnvironmentText() {
  return R"(Variables that kless reads:

  KLESS_ENDPOINT     where client commands find the daemon (http://127.0.0.1:8080); --server wins
  KLESS_CERTIFICATE  the PEM file of the certificate that an https endpoint must have
  KLESS_CONFIG       the config file of `serve` and `exec`; --config wins
  KLESS_CONFIGS      a folder of scenarios, latency profiles and examples, looked into after
                     ./configs and before the files that are compiled in
  KLESS_<SETTING>    any setting: --log-level is KLESS_LOG_LEVEL; `kless help settings` lists them
  TMPDIR             where `exec` keeps its data (/tmp)

`kless exec` sets for the command that it runs:

  KLESS_ENDPOINT     where its daemon is
  KLESS_CERTIFICATE  with --tls: the PEM file of that daemon's certificate (curl --cacert)
  KUBECONFIG         a kubeconfig of that daemon
  AWS_ENDPOINT_URL   the same daemon, for SDKs and tools of AWS, with AWS_ACCESS_KEY_ID,
                     AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_DEFAULT_REGION; with --tls AWS_CA_BUNDLE

The commands of user functions get these, too, but for KUBECONFIG.

Any other variable that begins with KLESS_ is reported by `serve` and `exec` as a warning, and
ignored.
)";
}

int FailHelp(const std::string& message, std::string_view word,
             const std::vector<std::string>& known) {
  const auto near = NearestWord(word, known);
  std::fprintf(stderr, "kless: %s%s\nTry 'kless --help'.\n", message.c_str(),
               near ? ("; did you mean '" + *near + "'?").c_str() : "");
  return kUsageError;
}

int Help(const CLI::App& root, const std::vector<std::string>& words) {
  if (words.size() == 1) {
    for (const HelpTopic& topic : HelpTopics()) {
      if (topic.name != words[0]) continue;
      std::printf("%s", topic.text.c_str());
      return 0;
    }
  }
  const CLI::App* app = &root;
  for (const std::string& word : words) {
    const CLI::App* const command = FindCommand(*app, word);
    if (command == nullptr) {
      std::vector<std::string> known;
      for (const CLI::App* each : app->get_subcommands([](const CLI::App*) { return true; })) {
        known.push_back(each->get_name());
      }
      if (app == &root) {
        for (const HelpTopic& topic : HelpTopics()) known.push_back(topic.name);
      }
      return FailHelp("'" + FullName(*app) + "' has no command '" + word + "'" +
                          (app == &root ? ", and there is no such topic" : ""),
                      word, known);
    }
    app = command;
  }
  const std::string parent = app->get_parent() == nullptr ? "" : FullName(*app->get_parent());
  std::printf("%s", (app == &root ? root.get_formatter()->make_help(&root, root.get_name(),
                                                                    CLI::AppFormatMode::Normal)
                                  : app->help(parent))
                        .c_str());
  return 0;
}

}  // namespace

const std::vector<HelpTopic>& HelpTopics() {
  static const std::vector<HelpTopic> topics = {
      {"settings", "Every setting as a flag, a variable and a key of the config file",
       SettingsText()},
      {"environment", "The variables that kless reads, and those that exec sets",
       EnvironmentText()},
      {"exit-codes", "What the exit codes mean", ExitCodes()},
  };
  return topics;
}

std::string Placeholder(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::string name = type.substr(0, type.find(':'));
  // CLI11's own names of types, for options without a placeholder.
  if (name == "INT" || name == "UINT" || name == "FLOAT") return "N";
  if (name == "TEXT") return option.get_positional() ? "" : "VALUE";
  return name;
}

bool IsSettingFlag(const CLI::App& command, const CLI::Option& option) {
  // Other commands have flags of the same names, such as --seed.
  if (command.get_option_no_throw("--config") == nullptr) return false;
  return std::any_of(Settings().begin(), Settings().end(), [&](const Setting& setting) {
    return !setting.flag.empty() && option.check_name(setting.flag);
  });
}

std::shared_ptr<CLI::FormatterBase> MakeHelpFormatter() {
  return std::make_shared<HelpFormatter>();
}

const CLI::App* FindCommand(const CLI::App& app, const std::string& word) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->check_name(word)) return command;
  }
  return nullptr;
}

std::string FullName(const CLI::App& app) {
  const CLI::App* const parent = app.get_parent();
  return parent == nullptr ? app.get_name() : FullName(*parent) + " " + app.get_name();
}

void AddHelp(CLI::App& app, Action& action) {
  CLI::App* const command =
      app.add_subcommand("help", "Print the help of a command, or of a topic")->group("Help");
  auto words = std::make_shared<std::vector<std::string>>();
  command->add_option("COMMAND", *words, "A command and its subcommand, or a topic")->type_name("");
  std::string footer = "Topics:\n";
  for (const HelpTopic& topic : HelpTopics()) {
    footer += "  " + topic.name + std::string(14 - topic.name.size(), ' ') + topic.summary + "\n";
  }
  command->footer(footer +
                  "\nExamples:\n  kless help function set\n  kless help settings\n"
                  "  kless help exit-codes");
  command->callback(
      [&app, &action, words] { action = [&app, words] { return Help(app, *words); }; });
}

}  // namespace kless::cli
