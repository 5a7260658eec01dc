// Plays the cases of *.toml through the engine. Answers come from zones/*.zone, or, when the
// environment has HELOVET_CONFORMANCE_DNS=ADDR:PORT, from a server that serves the same zones: the
// results must be the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/cases.h"
#include "helovet/engine.h"
#include "helovet/loop.h"

namespace helovet::conformance {
namespace {

constexpr std::string_view kRules = "docs/rules.md";
constexpr const char* kServerVariable = "HELOVET_CONFORMANCE_DNS";

std::filesystem::path DataDirectory() { return HELOVET_CONFORMANCE_DIR; }

std::vector<std::string> FilesIn(const std::filesystem::path& directory,
                                 const std::string& extension) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Suite {
  std::vector<Case> cases;
  std::vector<std::string> errors;
};

const Suite& TheSuite() {
  static const Suite suite = [] {
    Suite loaded;
    for (const std::string& file : FilesIn(DataDirectory(), ".toml")) {
      std::ifstream stream(file, std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(stream)),
                             std::istreambuf_iterator<char>());
      FileErrorOr<std::vector<Case>> cases = ParseCases(text, file);
      if (cases) {
        std::move(cases->begin(), cases->end(), std::back_inserter(loaded.cases));
      } else {
        loaded.errors.push_back(cases.error().ToString());
      }
    }
    return loaded;
  }();
  return suite;
}

// Answers come from the zone files, or from the server that kServerVariable names.
FileErrorOr<std::unique_ptr<Engine>> EngineFor(Loop& loop, Config config) {
  const char* const address = std::getenv(kServerVariable);
  if (address == nullptr) {
    return Engine::CreateWithZones(loop, std::make_shared<const Config>(std::move(config)),
                                   FilesIn(DataDirectory() / "zones", ".zone"));
  }
  const std::optional<DnsServer> server = DnsServer::Parse(address);
  if (!server) return tl::make_unexpected(FileError{.file = kServerVariable, .message = address});
  config.dns.servers = {*server};
  return std::make_unique<Engine>(loop, std::make_shared<const Config>(std::move(config)));
}

std::string ListOf(const std::vector<Exchange>& exchanges) {
  std::string list;
  for (const Exchange& exchange : exchanges) {
    list += "\n  " + exchange.name + " " + exchange.type + " " + exchange.outcome;
    for (const std::string& record : exchange.records) list += "\n    " + record;
  }
  return list;
}

TEST(ConformanceData, IsThereAndWithoutMistakes) {
  for (const std::string& error : TheSuite().errors) ADD_FAILURE() << error;
  EXPECT_FALSE(TheSuite().cases.empty());
  EXPECT_FALSE(FilesIn(DataDirectory() / "zones", ".zone").empty());
}

// The numbers of the headings of docs/rules.md: "4", "4.1".
std::set<std::string> SectionsOfTheRules() {
  std::set<std::string> sections;
  std::ifstream file(HELOVET_RULES_FILE);
  for (std::string line; std::getline(file, line);) {
    const std::size_t sign = line.find("§");
    if (!line.starts_with("##") || sign == line.npos) continue;
    const std::size_t begin = sign + std::string_view("§").size();
    sections.insert(line.substr(begin, line.find_first_not_of("0123456789.", begin) - begin));
  }
  return sections;
}

// Callbacks and the store have no answers of the DNS to be judged by, so no cases; unit tests name
// these sections as their sources.
bool IsForUnitTests(const std::string& section) {
  return section.starts_with("12.") || section.starts_with("13.");
}

// The numbers that `text` names of `document`: what follows it up to a ";" or the end.
std::vector<std::string> SectionsNamedIn(const std::string& text, std::string_view document) {
  std::vector<std::string> sections;
  const std::size_t begin = text.find(document);
  if (begin == text.npos) return sections;
  const std::string named = text.substr(begin, text.find(';', begin) - begin);
  for (std::size_t at = 0; (at = named.find("§", at)) != named.npos;) {
    at += std::string_view("§").size();
    sections.push_back(named.substr(at, named.find_first_not_of("0123456789.", at) - at));
    // "§12.3." ends a sentence.
    if (sections.back().ends_with('.')) sections.back().pop_back();
  }
  return sections;
}

// Of all cases.
std::set<std::string> SectionsOfCases(std::string_view document) {
  std::set<std::string> sections;
  for (const Case& each : TheSuite().cases) {
    for (std::string& section : SectionsNamedIn(each.source, document)) {
      sections.insert(std::move(section));
    }
  }
  return sections;
}

// Of docs/rules.md, in the lines of all unit tests.
std::set<std::string> SectionsOfUnitTests() {
  std::set<std::string> sections;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(HELOVET_UNIT_TESTS_DIR)) {
    const std::string extension = entry.path().extension();
    if (extension != ".cc" && extension != ".h") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      for (std::string& section : SectionsNamedIn(line, kRules)) {
        sections.insert(std::move(section));
      }
    }
  }
  return sections;
}

TEST(ConformanceData, NamesRulesThatExist) {
  const std::set<std::string> known = SectionsOfTheRules();
  EXPECT_FALSE(known.empty());
  for (const Case& each : TheSuite().cases) {
    for (const std::string& section : SectionsNamedIn(each.source, kRules)) {
      EXPECT_TRUE(known.contains(section)) << each.file << " " << each.id << ": §" << section;
    }
  }
}

// The other way round: each part of a section has its cases, or tests of its own.
TEST(ConformanceData, LeavesOutNoRule) {
  const std::set<std::string> cases = SectionsOfCases(kRules);
  const std::set<std::string> unit_tests = SectionsOfUnitTests();
  for (const std::string& section : SectionsOfTheRules()) {
    if (section.find('.') == section.npos) continue;
    if (IsForUnitTests(section)) {
      EXPECT_TRUE(unit_tests.contains(section)) << "no unit test for §" << section;
    } else {
      EXPECT_TRUE(cases.contains(section)) << "no case for §" << section;
    }
  }
}

// §4 and §7 themselves say nothing that their parts do not.
TEST(ConformanceData, LeavesOutNoSectionOfRfc7208) {
  const std::set<std::string> named = SectionsOfCases("RFC 7208");
  for (const char* section :
       {"2.3",   "2.4", "2.6.1", "2.6.2", "2.6.3", "2.6.4", "2.6.5", "2.6.6", "2.6.7",
        "4.1",   "4.2", "4.3",   "4.4",   "4.5",   "4.6",   "4.6.1", "4.6.2", "4.6.3",
        "4.6.4", "4.7", "4.8",   "5",     "5.1",   "5.2",   "5.3",   "5.4",   "5.5",
        "5.6",   "5.7", "6",     "6.1",   "6.2",   "7.1",   "7.2",   "7.3",   "7.4"}) {
    EXPECT_TRUE(named.contains(section)) << "no case for §" << section;
  }
}

class Conformance : public ::testing::TestWithParam<Case> {};

TEST_P(Conformance, Holds) {
  const Case& wanted = GetParam();
  Loop loop;
  FileErrorOr<std::unique_ptr<Engine>> engine = EngineFor(loop, wanted.config);
  ASSERT_TRUE(engine.has_value()) << engine.error().ToString();
  const Verdict verdict = (*engine)->ValidateAndWait(wanted.session);

  for (const Case::Expected& expected : wanted.expect) {
    const std::string got = PartOf(verdict, expected.part);
    if (got != expected.wanted) {
      ADD_FAILURE() << expected.part << ": got " << got << ", want " << expected.wanted;
    }
  }
  // Who asks for csa alone is told the same of it.
  if (verdict.Find(CheckId::kCsa) != nullptr) {
    const Verdict alone = (*engine)->ValidateCsaAndWait(wanted.session);
    const std::string got = PartOf(alone, "csa");
    const std::string want = PartOf(verdict, "csa");
    if (got != want) ADD_FAILURE() << "csa alone: got " << got << ", want " << want;
  }
  std::set<std::string> asked;
  for (const Exchange& exchange : verdict.exchanges) {
    asked.insert(exchange.name + " " + exchange.type);
  }
  for (const std::string& question : wanted.asked) {
    if (!asked.contains(question)) ADD_FAILURE() << "asked: got no " << question << ", want it";
  }
  for (const std::string& question : wanted.not_asked) {
    if (asked.contains(question)) ADD_FAILURE() << "asked: got " << question << ", want it not";
  }
  if (HasFailure()) {
    std::cout << wanted.file << ": " << wanted.source << ListOf(verdict.exchanges) << "\n";
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Conformance, ::testing::ValuesIn(TheSuite().cases),
                         [](const auto& each) {
                           // The file's name, so that ids need to differ within a file only.
                           return std::filesystem::path(each.param.file).stem().string() + "_" +
                                  each.param.id;
                         });

}  // namespace
}  // namespace helovet::conformance
