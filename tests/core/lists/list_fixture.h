// Lists in files of a directory of their own.
#ifndef HELOVET_TESTS_CORE_LISTS_LIST_FIXTURE_H_
#define HELOVET_TESTS_CORE_LISTS_LIST_FIXTURE_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "helovet/local_lists.h"

namespace helovet {

inline std::ostream& operator<<(std::ostream& out, const ListMatch& match) {
  static constexpr const char* kListings[] = {"none", "allow", "deny"};
  return out << kListings[static_cast<int>(match.listing)] << ' ' << match.entry << " at "
             << match.place;
}

namespace testing {

class ListTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "helovet-XXXXXX").string();
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    directory_ = path;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  [[nodiscard]] std::string Path(std::string_view name) const { return directory_ / name; }
  // Writes in place, as an editor's redirection would. Returns the path.
  std::string Write(std::string_view name, std::string_view text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }
  // One line for each complaint, with the directory left out.
  [[nodiscard]] std::string Text(const std::vector<FileError>& complaints) const {
    std::string text;
    for (const FileError& complaint : complaints) {
      std::string line = complaint.ToString();
      const std::string prefix = directory_.string() + '/';
      if (line.starts_with(prefix)) line.erase(0, prefix.size());
      text += line + '\n';
    }
    return text;
  }

 private:
  std::filesystem::path directory_;
};

}  // namespace testing
}  // namespace helovet

#endif  // HELOVET_TESTS_CORE_LISTS_LIST_FIXTURE_H_
