// csa for hosts that want nothing else (CSA-02 §4). What it finds is held to what a whole
// validation finds by the conformance cases.
#include <chrono>
#include <string>
#include <vector>

#include "core/engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr const char* kRecord = "_client._smtp.mail.example.com SRV";
constexpr const char* kParent = "_client._smtp.example.com SRV";
constexpr const char* kAddress = "mail.example.com A";

class CsaAloneTest : public EngineFixture {
 protected:
  std::string Ask(const std::vector<ScriptLine>& script,
                  std::chrono::milliseconds deadline = std::chrono::seconds(5)) {
    Config config;
    config.deadline = deadline;
    Begin(config, Nothing(script));
    const Verdict verdict = engine_->ValidateCsaAndWait(SessionFrom());
    return std::string(ToString(verdict.Find(CheckId::kCsa)->reason));
  }
};

TEST_F(CsaAloneTest, AsksNoMoreThanTheRecordWhereThatSettlesItAtOnce) {
  EXPECT_EQ(Ask({{kRecord, "1 2 0 mail.example.com | + mail.example.com A 192.0.2.1"}}),
            "authorized");
  EXPECT_THAT(dns_->asked(), ElementsAre(kRecord));
}

TEST_F(CsaAloneTest, AsksForTheAddressesOfTheTargetWhereTheRecordIsAtHand) {
  EXPECT_EQ(Ask({{kRecord, "1 2 0 mail.example.com"}, {kAddress, kClient}}), "authorized");
  EXPECT_THAT(dns_->asked(), ElementsAre(kRecord, kAddress));
}

TEST_F(CsaAloneTest, AsksTheParentsWhereThereIsNoRecord) {
  EXPECT_EQ(Ask({}), "no-record");
  EXPECT_THAT(dns_->asked(), ElementsAre(kRecord, kParent));
}

// All leave together, so that the farthest resolver costs one round trip.
TEST_F(CsaAloneTest, AsksForAllThatMayBeNeededWhereTheRecordTakesItsTime) {
  EXPECT_EQ(Ask({{kRecord, "silence"}}, std::chrono::milliseconds(50)), "dns");
  EXPECT_THAT(dns_->asked(), UnorderedElementsAre(kRecord, kAddress, kParent));
}

}  // namespace
}  // namespace helovet::testing
