// Texts that are no configuration, and what is said of them.
#ifndef HELOVET_TESTS_CORE_CONFIG_REFUSED_TEST_H_
#define HELOVET_TESTS_CORE_CONFIG_REFUSED_TEST_H_

#include <ostream>
#include <string>

#include "gtest/gtest.h"
#include "helovet/config.h"

namespace helovet::testing {

struct RefusedCase {
  std::string name;
  std::string toml;
  std::string error;  // Without the file's name.
};

inline void PrintTo(const RefusedCase& test, std::ostream* out) {
  *out << test.toml.substr(0, 200);
}

inline void ExpectRefused(const RefusedCase& test) {
  const FileErrorOr<Config> got = ParseConfig(test.toml, "f");
  ASSERT_FALSE(got) << "got no error, want " << test.error;
  EXPECT_EQ(got.error().ToString(), "f:" + test.error);
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_CONFIG_REFUSED_TEST_H_
