#include "nlohmann/json.hpp"

#include <string>

#include "core/render/sample.h"
#include "gtest/gtest.h"
#include "helovet/render.h"
#include "render/header.h"

namespace helovet {
namespace {

using Json = nlohmann::ordered_json;

TEST(JsonTest, Verdict) {
  Verdict verdict = sample::Refused("x y", Reason::kSyntax);
  verdict.checks.push_back({.check = CheckId::kLocalTrust,
                            .result = Result::kNone,
                            .reason = Reason::kNoName,
                            .evidence = {sample::SrvEvidence(true)}});
  verdict.checks.push_back({.check = CheckId::kIprev, .result = Result::kSkipped});
  EXPECT_EQ(
      RenderJson(verdict, sample::Settings()),
      R"({"ip":"192.0.2.9","helo":"x y","trust":"low","action":"reject",)"
      R"("decided_by":{"check":"helo","reason":"syntax"},)"
      R"("checks":{"helo":{"result":"fail","reason":"syntax","evidence":[]},)"
      R"("local-trust":{"result":"none","reason":"no-name","evidence":[)"
      R"({"owner":"_client._smtp.mail.example.com","type":"SRV","outcome":"ok","ttl":300,)"
      R"("ad":true,"text":"1 2 0 mail.example.com"}]}},)"
      R"("reply":"550 5.7.1 192.0.2.9 is not accepted as x\\x20y: helo fail syntax (the HELO name )"
      R"(is neither a domain name nor an address literal); see https://mx.example.net/csv",)"
      R"("header":"Authentication-Results: mx.example.net;\n x-helo=fail reason=\"syntax\" )"
      R"(smtp.helo=\"x\\\\x20y\";\n x-local-trust=none reason=\"no-name\" smtp.helo=\"x\\\\x20y\" )"
      R"(dns.sec=yes;\n x-csv=fail reason=\"helo: syntax\" policy.trust=low )"
      R"(policy.action=reject"})");
}

TEST(JsonTest, Exempt) {
  EXPECT_EQ(RenderJson(sample::Exempt(), sample::Settings()),
            R"({"ip":"127.0.0.1","helo":"localhost","trust":"unknown","action":"accept",)"
            R"("decided_by":{"check":"exempt","reason":"network"},)"
            R"("checks":{},"reply":"","header":""})");
}

TEST(JsonTest, Explanation) {
  Verdict verdict = sample::Refused("", Reason::kMissing);
  verdict.action = Action::kTag;
  verdict.exchanges = {sample::Mismatch().exchanges[0], sample::Mismatch().exchanges[2]};
  Config config = sample::Settings();
  config.header = false;
  EXPECT_EQ(
      RenderExplanationJson(verdict, config),
      R"({"ip":"192.0.2.9","helo":"","trust":"low","action":"tag",)"
      R"("decided_by":{"check":"helo","reason":"missing",)"
      R"("meaning":"the client gave no HELO name","source":"RFC 5321 \u00a74.1.1.1"},)"
      R"("checks":{"helo":{"result":"fail","reason":"missing",)"
      R"("meaning":"the client gave no HELO name","source":"RFC 5321 \u00a74.1.1.1",)"
      R"("evidence":[]}},"reply":"","header":"","authenticated":false,"exchanges":[)"
      R"({"name":"_client._smtp.mail.example.com","type":"SRV","outcome":"ok",)"
      R"("server":"127.0.0.1:53","ttl":300,"ad":true,)"
      R"("records":["_client._smtp.mail.example.com 300 SRV 1 2 0 mail.example.com"],)"
      R"("microseconds":412},)"
      R"({"name":"9.2.0.192.in-addr.arpa","type":"PTR","outcome":"nxdomain",)"
      R"("server":"127.0.0.1:53","ttl":3600,"ad":false,"records":[],"microseconds":3000000}]})");
}

TEST(JsonTest, ParsesBack) {
  const Config config = sample::Settings();
  const Verdict verdict = sample::Mismatch();
  const Json json = Json::parse(RenderExplanationJson(verdict, config));
  EXPECT_EQ(json["reply"], RenderReply(verdict, config));
  EXPECT_EQ(json["header"], HeaderText(verdict, config));
  EXPECT_EQ(json["checks"].size(), verdict.checks.size());
  EXPECT_EQ(json["exchanges"].size(), verdict.exchanges.size());
}

TEST(JsonTest, OctetsThatAreNotUtf8) {
  const Json json = Json::parse(
      RenderJson(sample::Refused("m\xfcller\n\x7f\xc2\x9b", Reason::kSyntax), sample::Settings()));
  EXPECT_EQ(json["helo"], "m\xef\xbf\xbdller\n\x7f\xc2\x9b");
}

TEST(JsonTest, OnlyPrintableAscii) {
  for (int value = 0; value < 256; ++value) {
    const std::string helo(1, static_cast<char>(value));
    for (const char c : RenderJson(sample::Refused(helo, Reason::kSyntax), sample::Settings())) {
      ASSERT_TRUE(c >= ' ' && c <= '~') << "HELO octet " << value;
    }
  }
}

}  // namespace
}  // namespace helovet
