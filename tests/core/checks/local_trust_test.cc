#include "checks/local_trust.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

struct LocalTrustCase {
  std::string id;
  std::string helo;
  std::string wanted;
};
void PrintTo(const LocalTrustCase& each, std::ostream* out) { *out << each.id; }

class LocalTrustTest : public ::testing::TestWithParam<LocalTrustCase> {};

// docs/rules.md §6: "name" exactly, ".suffix" everything below it.
TEST_P(LocalTrustTest, IsJudged) {
  const Config::LocalTrust settings = {.names = {"mail.example.com", ".example.net"}};
  const Session session = {.client = testing::Address("192.0.2.1"), .helo = GetParam().helo};
  const CheckResult result = CheckLocalTrust(CheckHelo(session, Config()), settings);
  EXPECT_EQ(result.check, CheckId::kLocalTrust);
  EXPECT_EQ(testing::Text(result), GetParam().wanted);
}

INSTANTIATE_TEST_SUITE_P(Cases, LocalTrustTest,
                         ::testing::ValuesIn(std::vector<LocalTrustCase>{
                             {"exact", "mail.example.com", "pass/listed"},
                             {"exact_upper_case_dot", "MAIL.EXAMPLE.COM.", "pass/listed"},
                             {"below_an_exact_name", "a.mail.example.com", "none/not-listed"},
                             {"above_an_exact_name", "example.com", "none/not-listed"},
                             {"ends_like_an_exact_name", "xmail.example.com", "none/not-listed"},
                             {"below_a_suffix", "mail.example.net", "pass/listed"},
                             {"far_below_a_suffix", "a.b.c.Example.NET", "pass/listed"},
                             {"the_suffix_itself", "example.net", "none/not-listed"},
                             {"ends_like_a_suffix", "mail.badexample.net", "none/not-listed"},
                             {"no_name", "[192.0.2.1]", "none/no-name"},
                             {"missing", "", "none/no-name"},
                         }),
                         [](const auto& each) { return each.param.id; });

TEST(LocalTrustSettingsTest, AnEmptyListListsNothing) {
  const Session session = {.client = testing::Address("192.0.2.1"), .helo = "mail.example.com"};
  EXPECT_EQ(testing::Text(CheckLocalTrust(CheckHelo(session, Config()), {})), "none/not-listed");
}

}  // namespace
}  // namespace helovet
