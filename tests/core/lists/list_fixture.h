// Lists in files of a directory of their own.
#ifndef HELOVET_TESTS_CORE_LISTS_LIST_FIXTURE_H_
#define HELOVET_TESTS_CORE_LISTS_LIST_FIXTURE_H_

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/local_lists.h"
#include "testing/directory_test.h"

namespace helovet {

inline std::ostream& operator<<(std::ostream& out, const ListMatch& match) {
  static constexpr const char* kListings[] = {"none", "allow", "deny"};
  return out << kListings[static_cast<int>(match.listing)] << ' ' << match.entry << " at "
             << match.place;
}

namespace testing {

class ListTest : public DirectoryTest {
 protected:
  // One line for each complaint, with the directory left out.
  [[nodiscard]] std::string Text(const std::vector<FileError>& complaints) const {
    std::string text;
    for (const FileError& complaint : complaints) {
      std::string line = complaint.ToString();
      const std::string prefix = directory().string() + '/';
      if (line.starts_with(prefix)) line.erase(0, prefix.size());
      text += line + '\n';
    }
    return text;
  }
};

}  // namespace testing
}  // namespace helovet

#endif  // HELOVET_TESTS_CORE_LISTS_LIST_FIXTURE_H_
