// The documents say what the table of settings says. To write them anew after a change of the
// table, run this test with HELOVET_WRITE_DOCUMENTS=1 in the environment.
#include "core/config/settings_documents.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "gtest/gtest.h"
#include "helovet/config.h"

namespace helovet {
namespace {

constexpr std::string_view kMdocBegin =
    ".\\\" Settings begin: made from core/config/settings.cc.\n";
constexpr std::string_view kMdocEnd = ".\\\" Settings end.\n";

std::string Path(std::string_view name) { return HELOVET_SOURCE_DIR "/" + std::string(name); }

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void ExpectDocument(std::string_view name, const std::string& wanted) {
  if (std::getenv("HELOVET_WRITE_DOCUMENTS") != nullptr) std::ofstream(Path(name)) << wanted;
  EXPECT_EQ(Read(Path(name)), wanted)
      << name << " differs from the table in core/config/settings.cc";
}

TEST(SettingsDocumentsTest, Markdown) { ExpectDocument("docs/settings.md", SettingsMarkdown()); }

TEST(SettingsDocumentsTest, Toml) { ExpectDocument("core/config/helovet.toml", SettingsToml()); }

TEST(SettingsDocumentsTest, ManualPage) {
  constexpr std::string_view kName = "docs/man/helovet.toml.5";
  const std::string page = Read(Path(kName));
  const std::size_t begin = page.find(kMdocBegin);
  const std::size_t end = page.find(kMdocEnd);
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos && begin < end)
      << kName << " lacks its marks";
  ExpectDocument(kName,
                 page.substr(0, begin + kMdocBegin.size()) + SettingsMdoc() + page.substr(end));
}

TEST(SettingsDocumentsTest, ExamplesOfTheManualPageCanBeUsed) {
  constexpr std::string_view kBegin = ".Bd -literal -offset indent\n";
  const std::string page = Read(Path("docs/man/helovet.toml.5"));
  int examples = 0;
  for (std::size_t at = 0; (at = page.find(kBegin, at)) != std::string::npos; ++examples) {
    at += kBegin.size();
    const std::string example = page.substr(at, page.find("\n.Ed", at) - at);
    const FileErrorOr<Config> config = ParseConfig(example, "example");
    EXPECT_TRUE(config) << config.error().ToString() << " in\n" << example;
  }
  EXPECT_EQ(examples, 3);
}

// `text` with every setting made active that needs no other.
std::string Activated(const std::string& text) {
  std::string active;
  std::string table;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) table = line.substr(1, line.size() - 2) + '.';
    const std::string key = table + line.substr(0, line.find(' ')).erase(0, 1);
    for (const Setting& setting : Settings()) {
      if (setting.key == key && setting.need.words.empty()) line.erase(0, 1);
    }
    active += line + '\n';
  }
  return active;
}

// The installed file changes nothing, and still does not when what stands in it is made active.
TEST(SettingsDocumentsTest, InstalledFileHoldsTheDefaults) {
  const std::string installed = Read(Path("core/config/helovet.toml"));
  const std::string active = Activated(installed);
  EXPECT_NE(active, installed);
  for (const std::string& text : {installed, active}) {
    const FileErrorOr<Config> config = ParseConfig(text, "helovet.toml");
    ASSERT_TRUE(config) << config.error().ToString() << " in\n" << text;
    EXPECT_TRUE(*config == Config()) << text;
  }
}

}  // namespace
}  // namespace helovet
