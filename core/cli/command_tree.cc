#include "command_tree.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "helovet/result.h"
#include "helovet/session_log.h"
#include "helovet/verdict.h"

namespace helovet::cli {
namespace {

template <typename T>
std::vector<std::string> Words(std::initializer_list<T> values) {
  std::vector<std::string> words;
  for (const T each : values) words.emplace_back(ToString(each));
  return words;
}

// What stands between braces in CLI11's name of a type that has a set of values: "{a,b}".
std::vector<std::string> WordsOfSet(std::string_view type) {
  std::vector<std::string> words;
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open);
  if (open == std::string_view::npos || close == std::string_view::npos) return words;
  std::string_view inside = type.substr(open + 1, close - open - 1);
  while (!inside.empty()) {
    const std::size_t comma = std::min(inside.find(','), inside.size());
    words.emplace_back(inside.substr(0, comma));
    inside.remove_prefix(std::min(comma + 1, inside.size()));
  }
  return words;
}

std::vector<std::string> WordsOfType(std::string_view type) {
  if (type == "PROFILE") {
    return Words({Profile::kObserve, Profile::kStandard, Profile::kStrict, Profile::kCustom});
  }
  if (type == "FORMAT") {
    std::vector<std::string> words =
        Words({LogFormat::kPlain, LogFormat::kExim, LogFormat::kOpenSmtpd});
    words.emplace_back("auto");
    return words;
  }
  if (type == "RATING") {
    return Words({Rating::kA, Rating::kB, Rating::kC, Rating::kD, Rating::kE});
  }
  return WordsOfSet(type);
}

}  // namespace

ValueForm FormOf(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return {.kind = ValueForm::Kind::kNone, .words = {}};
  const std::string type = option.get_type_name();
  std::vector<std::string> words = WordsOfType(type);
  if (!words.empty()) return {.kind = ValueForm::Kind::kWords, .words = std::move(words)};
  if (type == "FILE") return {.kind = ValueForm::Kind::kFile, .words = {}};
  if (type == "DIRECTORY") return {.kind = ValueForm::Kind::kDirectory, .words = {}};
  return {};
}

std::string PathOf(const CLI::App& app) {
  const CLI::App* const parent = app.get_parent();
  return parent == nullptr ? app.get_name() : PathOf(*parent) + ' ' + app.get_name();
}

std::vector<const CLI::App*> SubcommandsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> NamedOptionsOf(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

std::vector<const CLI::Option*> PositionalsOf(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::vector<std::string> NamesOf(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back('-' + name);
  return names;
}

std::vector<const CLI::App*> AllBelow(const CLI::App& app) {
  std::vector<const CLI::App*> all = {&app};
  for (const CLI::App* const sub : SubcommandsOf(app)) {
    const std::vector<const CLI::App*> below = AllBelow(*sub);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

const CLI::App& Called(const CLI::App& app) {
  for (const CLI::App* const sub : SubcommandsOf(app)) {
    if (sub->parsed()) return Called(*sub);
  }
  return app;
}

}  // namespace helovet::cli
