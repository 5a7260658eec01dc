// Places and processes for the tests of the embedded store.
#ifndef HELOVET_TESTS_CORE_STORE_LMDB_PLACE_H_
#define HELOVET_TESTS_CORE_STORE_LMDB_PLACE_H_

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "helovet/config.h"
#include "store/lmdb_store.h"
#include "testing/directory_test.h"

namespace helovet::testing {

inline Config ConfigOfStore(const std::string& directory, int mebibytes = 8) {
  Config config;
  config.store.directory = directory;
  config.store.size = mebibytes;
  return config;
}

// Names in `directory` that begin with `prefix`, in order.
inline std::vector<std::string> NamesIn(const std::filesystem::path& directory,
                                        const std::string& prefix = "") {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(prefix)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The one file of facts in `directory`; empty where there is none.
inline std::string FactsFile(const std::filesystem::path& directory) {
  for (const std::string& name : NamesIn(directory, "facts-")) {
    if (!name.ends_with("-lock")) return directory / name;
  }
  return "";
}

// Another process that runs `body` and ends.
inline pid_t Fork(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  body();
  std::fflush(nullptr);
  _exit(::testing::Test::HasFailure() ? 1 : 0);
}

inline void ExpectEndsWell(pid_t child) {
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_STORE_LMDB_PLACE_H_
