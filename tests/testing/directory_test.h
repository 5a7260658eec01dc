// Tests that need files: each has a directory of its own, which goes with it.
#ifndef HELOVET_TESTS_TESTING_DIRECTORY_TEST_H_
#define HELOVET_TESTS_TESTING_DIRECTORY_TEST_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "gtest/gtest.h"

namespace helovet::testing {

class DirectoryTest : public ::testing::Test {
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

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] std::string Path(std::string_view name) const { return directory_ / name; }
  // Writes in place, as an editor's redirection would. Returns the path.
  std::string Write(std::string_view name, std::string_view text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }

 private:
  std::filesystem::path directory_;
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_TESTING_DIRECTORY_TEST_H_
