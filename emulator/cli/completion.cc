// `kless completion`: the scripts, and what they ask for.
#include "emulator/cli/completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "emulator/base/strings.h"
#include "emulator/base/system/config_files.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/help.h"
#include "emulator/config.h"
#include "emulator/settings.h"

namespace kless::cli {

const char* const kCompleteCommand = "__complete";

namespace {

// The scripts take the program from the command line, so that a binary that is not in the PATH
// completes itself.
constexpr const char* kBashScript = R"SCRIPT(# bash completion for kless.
#   source <(kless completion bash)
_kless() {
  local words=() word line out kind value glue=0 i
  # bash takes "=" as a word of its own.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == "=" && ${#words[@]} -gt 0 && ${words[-1]} == --* ]]; then
      words[-1]+="="
      glue=1
    elif [[ $glue == 1 ]]; then
      words[-1]+=$word
      glue=0
    else
      words+=("$word")
    fi
  done
  [[ ${#words[@]} -gt 0 ]] || words=("")
  COMPREPLY=()
  out=$("${COMP_WORDS[0]/#\~/$HOME}" __complete "${words[@]}" 2>/dev/null) || return 0
  while IFS= read -r line; do
    case $line in
      :*) kind=${line#:} ;;
      *) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done <<<"$out"
  value=${COMP_WORDS[COMP_CWORD]}
  [[ $value != "=" ]] || value=
  case $kind in
    files) compopt -o filenames 2>/dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$value") ;;
    folders) compopt -o filenames 2>/dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$value") ;;
  esac
}
complete -F _kless kless
)SCRIPT";

constexpr const char* kZshScript = R"SCRIPT(#compdef kless
# zsh completion for kless.
#   source <(kless completion zsh)
_kless() {
  local -a lines candidates
  local line kind
  lines=("${(@f)$("${words[1]/#\~/$HOME}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${lines[@]}"; do
    case $line in
      '') ;;
      :*) kind=${line#:} ;;
      *$'\t'*) candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
      *) candidates+=("${line//:/\\:}") ;;
    esac
  done
  [[ ${words[CURRENT]} == --*=* ]] && compset -P '*='
  (( $#candidates )) && _describe kless candidates
  case $kind in
    files) _files ;;
    folders) _files -/ ;;
  esac
}
if [[ ${funcstack[1]} == _kless ]]; then
  _kless "$@"
else
  compdef _kless kless
fi
)SCRIPT";

constexpr const char* kFishScript = R"SCRIPT(# fish completion for kless.
#   kless completion fish | source
function __kless_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    set -l before
    if string match -q -- '--*=*' "$current"
        set before (string replace -r '=.*' '=' -- "$current")
    end
    for line in $lines
        switch $line
            case ':files'
                __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
            case ':folders'
                __fish_complete_directories (string replace -r '^--[^=]*=' '' -- "$current")
            case ':*'
            case '*'
                printf '%s%s\n' "$before" "$line"
        end
    end
end
complete -c kless -f -a '(__kless_complete)'
)SCRIPT";

using Candidates = std::vector<Completion::Candidate>;

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return text;
}

// "WHAT:{pods,complete}" -> pods, complete: what a validator of the option accepts.
std::vector<std::string> AcceptedWords(const std::string& type) {
  const auto open = type.find('{');
  const auto close = type.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return {};
  std::vector<std::string> words;
  const std::string_view list = std::string_view(type).substr(open + 1, close - open - 1);
  for (const std::string_view word : Split(list, ',')) {
    words.emplace_back(word);
  }
  return words;
}

// What a setting accepts, if it is a choice: its own refusal lists that.
std::vector<std::string> ChoicesOfSetting(const Setting& setting) {
  if (setting.is_switch) return {"true", "false"};
  Config scratch;
  const auto refused = setting.apply(scratch, "?");
  constexpr std::string_view kBegin = "must be one of ";
  if (!refused.has_error() || !refused.error().message.starts_with(kBegin)) return {};
  const std::string& message = refused.error().message;
  const auto end = message.find(", not '");
  std::vector<std::string> words;
  std::string_view list = std::string_view(message).substr(kBegin.size());
  list = list.substr(0, end == std::string::npos ? list.size() : end - kBegin.size());
  for (std::string_view word : Split(list, ',')) {
    while (word.starts_with(' ')) word.remove_prefix(1);
    words.emplace_back(word);
  }
  return words;
}

void AddConfigNames(const std::string& kind, Candidates* candidates) {
  for (const ConfigFile& file : ListConfigFiles(kind)) {
    const auto text = ReadConfigText(file.path);
    candidates->push_back({file.name, text.has_error() ? "" : FirstSentence(text.value())});
  }
}

std::string PathOf(const CLI::App& app) {
  const CLI::App* const parent = app.get_parent();
  if (parent == nullptr) return "";
  const std::string before = PathOf(*parent);
  return (before.empty() ? "" : before + " ") + app.get_name();
}

CompletionFiles FilesOfType(const std::string& type) {
  if (type.starts_with("FILE")) return CompletionFiles::kFiles;
  return type.starts_with("DIR") ? CompletionFiles::kFolders : CompletionFiles::kNone;
}

// The values of an option or positional argument of `app`.
Completion ValuesOf(const CLI::App& app, const CLI::Option& option) {
  Completion made;
  const std::string type = option.get_type_name();
  made.files = FilesOfType(type);
  for (const std::string& word : AcceptedWords(type)) made.candidates.push_back({word, ""});
  for (const std::string& name : option.get_lnames()) {
    for (const Setting& setting : Settings()) {
      if (setting.flag != "--" + name) continue;
      if (setting.path == "latency") {
        AddConfigNames("latency", &made.candidates);
        made.files = CompletionFiles::kFiles;
      }
      for (const std::string& word : ChoicesOfSetting(setting)) {
        made.candidates.push_back({word, ""});
      }
    }
  }
  if (!option.get_positional()) return made;
  // Names that stand for files of configs/.
  static const std::map<std::string, std::string> kinds = {{"experiment run", "experiments"},
                                                           {"experiment show", "experiments"},
                                                           {"latency show", "latency"},
                                                           {"example show", "jobs"}};
  const auto kind = kinds.find(PathOf(app));
  if (kind != kinds.end()) {
    AddConfigNames(kind->second, &made.candidates);
    made.files = CompletionFiles::kFiles;
  }
  if (PathOf(app) == "experiment compare" || PathOf(app) == "experiment explain") {
    made.files = CompletionFiles::kFolders;
  }
  if (PathOf(app) == "help") {
    for (const CLI::App* command :
         app.get_parent()->get_subcommands([](const CLI::App*) { return true; })) {
      made.candidates.push_back({command->get_name(), command->get_description()});
    }
    for (const HelpTopic& topic : HelpTopics())
      made.candidates.push_back({topic.name, topic.summary});
  }
  if (PathOf(app) == "replay") made.files = CompletionFiles::kFiles;
  return made;
}

const CLI::Option* FindFlag(const CLI::App& app, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  return app.get_option_no_throw(name);
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

void AddCommands(const CLI::App& app, Candidates* candidates) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_group().empty()) continue;  // hidden
    candidates->push_back({command->get_name(), command->get_description()});
  }
}

void AddFlags(const CLI::App& app, Candidates* candidates) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty() && !IsSettingFlag(app, *option)) continue;
    for (const std::string& name : option->get_lnames()) {
      candidates->push_back({"--" + name, option->get_description()});
    }
  }
}

const CLI::Option* PositionalAt(const CLI::App& app, std::size_t index) {
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const auto places = static_cast<std::size_t>(std::max(option->get_items_expected_max(), 1));
    if (index < places) return option;
    index -= places;
  }
  return nullptr;
}

// Where the words before the last one lead to.
struct Position {
  const CLI::App* app;
  const CLI::Option* waiting = nullptr;  // an option that still lacks its value
  std::size_t positionals = 0;           // given to `app`
  bool foreign = false;                  // after "--": the words of another command
};

Position Walk(const CLI::App& root, const std::vector<std::string>& words) {
  Position at{.app = &root};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (at.waiting != nullptr) {
      at.waiting = nullptr;
    } else if (word == "--") {
      at.foreign = true;
      return at;
    } else if (word.starts_with('-') && word.size() > 1) {
      const CLI::Option* const option = FindFlag(*at.app, word);
      const bool open = word.find('=') == std::string::npos;
      if (option != nullptr && open && TakesValue(*option)) at.waiting = option;
    } else if (const CLI::App* const command = FindCommand(*at.app, word)) {
      at = Position{.app = command};
    } else {
      ++at.positionals;
    }
  }
  return at;
}

Completion CandidatesAt(const Position& at, const std::string& last) {
  Completion made;
  if (at.foreign) {
    made.files = CompletionFiles::kFiles;
  } else if (at.waiting != nullptr) {
    made = ValuesOf(*at.app, *at.waiting);
  } else if (last.starts_with("--") && last.find('=') != std::string::npos) {
    if (const CLI::Option* const option = FindFlag(*at.app, last)) {
      made = ValuesOf(*at.app, *option);
    }
  } else if (last.starts_with('-')) {
    AddFlags(*at.app, &made.candidates);
  } else {
    if (const CLI::Option* const option = PositionalAt(*at.app, at.positionals)) {
      made = ValuesOf(*at.app, *option);
    }
    if (at.positionals == 0) AddCommands(*at.app, &made.candidates);
  }
  return made;
}

}  // namespace

Completion CompleteWords(const CLI::App& root, const std::vector<std::string>& words) {
  const std::string last = words.empty() ? "" : words.back();
  const Position at = Walk(root, words);
  Completion made = CandidatesAt(at, last);
  const bool attached = !at.foreign && at.waiting == nullptr && last.starts_with("--");
  const auto equals = attached ? last.find('=') : std::string::npos;
  const std::string begin = equals == std::string::npos ? last : last.substr(equals + 1);
  std::erase_if(made.candidates, [&](const Completion::Candidate& candidate) {
    return !candidate.word.starts_with(begin);
  });
  return made;
}

std::string CompletionText(const Completion& completion) {
  std::string text;
  for (const auto& [word, description] : completion.candidates) {
    text += word + (description.empty() ? "" : "\t" + OneLine(description)) + "\n";
  }
  switch (completion.files) {
    case CompletionFiles::kNone:
      return text + ":none\n";
    case CompletionFiles::kFiles:
      return text + ":files\n";
    case CompletionFiles::kFolders:
      return text + ":folders\n";
  }
  return text;
}

void AddCompletion(CLI::App& app, Action& action) {
  CLI::App* const command =
      app.add_subcommand("completion", "Print the completion script of a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
  command->footer(R"(The Debian package installs all three.

Examples:
  source <(kless completion bash)        (in ~/.bashrc)
  source <(kless completion zsh)         (in ~/.zshrc, after compinit)
  kless completion fish | source         (in ~/.config/fish/config.fish))");
  command->callback([&action, shell] {
    action = [shell] {
      std::printf("%s", *shell == "bash"  ? kBashScript
                        : *shell == "zsh" ? kZshScript
                                          : kFishScript);
      return 0;
    };
  });
}

}  // namespace kless::cli
