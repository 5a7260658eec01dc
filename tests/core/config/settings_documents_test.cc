// The documents say what the table of settings says. To write them anew after a change of the
// table, run this test with HELOVET_WRITE_DOCUMENTS=1 in the environment.
#include "core/config/settings_documents.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

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

// The installed file changes nothing, and still does not when every setting in it is made active.
TEST(SettingsDocumentsTest, InstalledFileHoldsTheDefaults) {
  std::string text = Read(Path("core/config/helovet.toml"));
  for (const bool active : {false, true}) {
    const FileErrorOr<Config> config = ParseConfig(text, "helovet.toml");
    ASSERT_TRUE(config) << config.error().ToString();
    EXPECT_TRUE(*config == Config()) << (active ? "active" : "as installed");
    for (std::size_t at = 0; (at = text.find("\n#", at)) != std::string::npos; at += 2) {
      if (text[at + 2] != ' ') text.erase(at + 1, 1);
    }
  }
}

}  // namespace
}  // namespace helovet
