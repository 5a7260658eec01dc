// helovet completion: the scripts, made from the definitions of the subcommands and options.
#include "completion.h"

#include <string_view>
#include <vector>

#include "command.h"
#include "command_tree.h"
#include "output.h"

namespace helovet::cli {
namespace {

using Kind = ValueForm::Kind;

// What the script does with its tables. COMP_WORDBREAKS splits "--config=FILE" into three words.
constexpr std::string_view kBashBegin =
    R"(# Completion of helovet in bash; made by "helovet completion bash".

_helovet() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local path=helovet kind=any words= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [[ ${COMP_WORDS[i + 1]-} == "=" ]]; then
      i=$((i + 2))
    elif _helovet_takes "$path ${COMP_WORDS[i]}"; then
      i=$((i + 1))
    else
      _helovet_enter "$path ${COMP_WORDS[i]}"
    fi
  done
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if _helovet_takes "$path $previous"; then
    _helovet_reply "$current"
  elif [[ $current == -* ]]; then
    _helovet_options "$path"
    kind=words _helovet_reply "$current"
  else
    _helovet_arguments "$path"
    _helovet_reply "$current"
  fi
}

_helovet_reply() {
  case $kind in
    words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$1") ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$1") ;;
    directory) mapfile -t COMPREPLY < <(compgen -d -- "$1") ;;
  esac
  if [[ $kind == file || $kind == directory ]]; then compopt -o filenames 2>/dev/null; fi
}

)";

std::string Joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

// "kind=words words='a b'": what completes a value. Words are of ours, without quotes.
std::string BashForm(const ValueForm& form) {
  switch (form.kind) {
    case Kind::kNone:
    case Kind::kAny:
      return "kind=any";
    case Kind::kFile:
      return "kind=file";
    case Kind::kDirectory:
      return "kind=directory";
    case Kind::kWords:
      break;
  }
  return "kind=words words='" + Joined(form.words, " ") + '\'';
}

// `"a b" | "a c") BODY ;;`
std::string BashCase(const std::vector<std::string>& patterns, const std::string& body) {
  return "    \"" + Joined(patterns, "\" | \"") + "\") " + body + " ;;\n";
}

std::string BashFunction(std::string_view name, std::string_view comment, const std::string& cases,
                         std::string_view otherwise) {
  return "# " + std::string(comment) + "\n" + std::string(name) + "() {\n  case $1 in\n" + cases +
         "    *) " + std::string(otherwise) + " ;;\n  esac\n}\n\n";
}

struct BashTables {
  std::string enter;
  std::string takes;
  std::string options;
  std::string arguments;

  void Add(const CLI::App& app) {
    const std::string path = PathOf(app);
    std::vector<std::string> names;
    for (const CLI::Option* const option : NamedOptionsOf(app)) {
      const std::vector<std::string> all = NamesOf(*option);
      names.insert(names.end(), all.begin(), all.end());
      const ValueForm form = FormOf(*option);
      if (form.kind == Kind::kNone) continue;
      std::vector<std::string> places = all;
      for (std::string& place : places) place.insert(0, path + ' ');
      takes += BashCase(places, BashForm(form));
    }
    options += BashCase({path}, "words='" + Joined(names, " ") + '\'');
    ValueForm argument = {.kind = Kind::kWords, .words = {}};
    for (const CLI::App* const sub : SubcommandsOf(app)) {
      argument.words.push_back(sub->get_name());
      enter += BashCase({PathOf(*sub)}, "path=$1");
    }
    // Of several positional arguments all are taken for the first's kind.
    const std::vector<const CLI::Option*> positionals = PositionalsOf(app);
    if (argument.words.empty() && !positionals.empty()) argument = FormOf(*positionals.front());
    arguments += BashCase({path}, BashForm(argument));
  }
};

// --- zsh

// `text` where _arguments reads a description: in single quotes, brackets and colons escaped.
std::string ZshEscaped(std::string_view text) {
  std::string escaped;
  for (const char octet : text) {
    if (octet == '\'') {
      escaped += "'\\''";
      continue;
    }
    if (octet == '[' || octet == ']' || octet == ':' || octet == '\\') escaped += '\\';
    escaped += octet;
  }
  return escaped;
}

// ":FILE:_files", or nothing for a flag.
std::string ZshForm(const CLI::Option& option) {
  const ValueForm form = FormOf(option);
  // The type's name, without the set that CLI11 puts behind it.
  std::string name = option.get_type_name();
  name = ZshEscaped(std::string_view(name).substr(0, name.find_first_of(":{")));
  if (name.empty()) name = " ";
  switch (form.kind) {
    case Kind::kNone:
      return {};
    case Kind::kAny:
      return ':' + name + ": ";
    case Kind::kFile:
      return ':' + name + ":_files";
    case Kind::kDirectory:
      return ':' + name + ":_files -/";
    case Kind::kWords:
      break;
  }
  return ':' + name + ":(" + Joined(form.words, " ") + ')';
}

std::string ZshFunction(const CLI::App& app) {
  std::string name = '_' + PathOf(app);
  for (char& octet : name) octet = octet == ' ' ? '_' : octet;
  return name;
}

std::string ZshOptions(const CLI::App& app) {
  std::string specs;
  for (const CLI::Option* const option : NamedOptionsOf(app)) {
    const std::string form = ZshForm(*option);
    const bool repeated = option->get_items_expected_max() > 1;
    for (const std::string& each : NamesOf(*option)) {
      specs += " \\\n    '" + std::string(repeated ? "*" : "") + each;
      if (!form.empty() && each.starts_with("--")) specs += '=';
      specs += '[' + ZshEscaped(option->get_description()) + ']' + form + '\'';
    }
  }
  return specs;
}

// "*:FILE:_files" for each that may be repeated, ":FILE:_files" for the others.
std::string ZshPositionals(const CLI::App& app) {
  std::string specs;
  for (const CLI::Option* const option : PositionalsOf(app)) {
    const bool repeated = option->get_items_expected_max() > 1;
    specs += " \\\n    '" + std::string(repeated ? "*" : "") + ZshForm(*option) + '\'';
  }
  return specs;
}

std::string ZshLeaf(const CLI::App& app) {
  return ZshFunction(app) + "() {\n  _arguments" + ZshOptions(app) + ZshPositionals(app) +
         "\n}\n\n";
}

std::string ZshBranch(const CLI::App& app) {
  std::string commands;
  std::string cases;
  for (const CLI::App* const sub : SubcommandsOf(app)) {
    commands += "\n        '" + sub->get_name() + ':' + ZshEscaped(sub->get_description()) + '\'';
    cases += "        " + sub->get_name() + ") " + ZshFunction(*sub) + " ;;\n";
  }
  return ZshFunction(app) + "() {\n  local line state\n  local -a commands\n  _arguments -C" +
         ZshOptions(app) +
         " \\\n    '1: :->command' \\\n    '*:: :->arguments'\n  case $state in\n    command)\n" +
         "      commands=(" + commands + "\n      )\n      _describe command commands ;;\n" +
         "    arguments)\n      case $line[1] in\n" + cases + "      esac ;;\n  esac\n}\n\n";
}

}  // namespace

std::string BashCompletion(const CLI::App& program) {
  BashTables tables;
  for (const CLI::App* const app : AllBelow(program)) tables.Add(*app);
  return std::string(kBashBegin) +
         BashFunction("_helovet_enter", "The subcommand, if the word is one.", tables.enter, ":") +
         BashFunction("_helovet_takes", "Whether the word is an option with a value, and of what.",
                      tables.takes, "return 1") +
         BashFunction("_helovet_options", "The options.", tables.options, "words=") +
         BashFunction("_helovet_arguments", "What stands without an option.", tables.arguments,
                      "kind=any") +
         "complete -F _helovet helovet\n";
}

std::string ZshCompletion(const CLI::App& program) {
  std::string text =
      "#compdef helovet\n# Completion of helovet in zsh; made by \"helovet completion zsh\".\n\n";
  for (const CLI::App* const app : AllBelow(program)) {
    text += SubcommandsOf(*app).empty() ? ZshLeaf(*app) : ZshBranch(*app);
  }
  // compinit loads the file as the function itself; a script may source it.
  return text +
         "if [[ $funcstack[1] == _helovet ]]; then\n  _helovet \"$@\"\nelse\n"
         "  compdef _helovet helovet\nfi\n";
}

Command MakeCompletionCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("completion", "Print what completes these commands in a shell");
  app->require_subcommand(1);
  CLI::App* const bash = app->add_subcommand("bash", "For bash");
  app->add_subcommand("zsh", "For zsh");
  return {app, [&program, bash] {
            return Print(bash->parsed() ? BashCompletion(program) : ZshCompletion(program));
          }};
}

}  // namespace helovet::cli
