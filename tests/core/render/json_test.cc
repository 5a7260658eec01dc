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
  verdict.checks.push_back({.check = CheckId::kLocalList,
                            .result = Result::kNone,
                            .reason = Reason::kNoName,
                            .evidence = {sample::SrvEvidence(true)}});
  verdict.checks.push_back({.check = CheckId::kIprev, .result = Result::kSkipped});
  EXPECT_EQ(
      RenderJson(verdict, sample::Settings()),
      R"({"ip":"192.0.2.9","helo":"x )"
      R"(y","mail_from":null,"recipient":"","trust":"low","action":"reject","decided_by":{"ch)"
      R"(eck":"helo","reason":"syntax"},"authenticated":false,"name_proof":"not-proven","skip)"
      R"(_address_blocklists":false,"would":{"standard":"reject","strict":"reject"},"checks":)"
      R"({"helo":{"result":"fail","reason":"syntax","evidence":[]},"local-list":{"result":"no)"
      R"(ne","reason":"no-name","evidence":[{"owner":"_client._smtp.mail.example.com","type":)"
      R"("SRV","outcome":"ok","ttl":300,"ad":true,"text":"1 2 0 )"
      R"(mail.example.com"}]}},"reply":"550 5.7.1 192.0.2.9 is not accepted as x\\x20y: helo )"
      R"(fail syntax (the HELO name is neither a domain name nor an address literal); see )"
      R"(https://mx.example.net/csv","header":"Authentication-Results: mx.example.net;\n )"
      R"(x-helo=fail reason=\"syntax\" smtp.helo=\"x\\\\x20y\";\n x-local-list=none )"
      R"(reason=\"no-name\" smtp.helo=\"x\\\\x20y\" dns.sec=yes;\n x-csv=fail reason=\"helo: )"
      R"(syntax\" policy.trust=low policy.action=reject\n   policy.standard=reject )"
      R"(policy.strict=reject"})");
}

TEST(JsonTest, Exempt) {
  EXPECT_EQ(
      RenderJson(sample::Exempt(), sample::Settings()),
      R"({"ip":"127.0.0.1","helo":"localhost","mail_from":null,"recipient":"","trust":"unknow)"
      R"(n","action":"accept","decided_by":{"check":"exempt","reason":"network"},"authenticat)"
      R"(ed":false,"name_proof":"not-proven","skip_address_blocklists":false,"would":{"standa)"
      R"(rd":"accept","strict":"accept"},"checks":{},"reply":"","header":""})");
}

TEST(JsonTest, Explanation) {
  Verdict verdict = sample::Refused("", Reason::kMissing);
  verdict.action = Action::kTag;
  verdict.exchanges = {sample::Mismatch().exchanges[0], sample::Mismatch().exchanges[2]};
  Config config = sample::Settings();
  config.header = false;
  EXPECT_EQ(
      RenderExplanationJson(verdict, config),
      R"({"ip":"192.0.2.9","helo":"","mail_from":null,"recipient":"","trust":"low","action":")"
      R"(tag","decided_by":{"check":"helo","reason":"missing","meaning":"the client gave no )"
      R"(HELO name","source":"RFC 5321 )"
      R"(\u00a74.1.1.1"},"authenticated":false,"name_proof":"not-proven","skip_address_blockl)"
      R"(ists":false,"would":{"standard":"reject","strict":"reject"},"checks":{"helo":{"resul)"
      R"(t":"fail","reason":"missing","meaning":"the client gave no HELO name","source":"RFC )"
      R"(5321 )"
      R"(\u00a74.1.1.1","evidence":[]}},"reply":"","header":"","exchanges":[{"name":"_client.)"
      R"(_smtp.mail.example.com","type":"SRV","outcome":"ok","server":"127.0.0.1:53","cached")"
      R"(:false,"ttl":300,"ad":true,"records":["_client._smtp.mail.example.com 300 SRV 1 2 0 )"
      R"(mail.example.com"],"microseconds":412},{"name":"9.2.0.192.in-addr.arpa","type":"PTR")"
      R"(,"outcome":"nxdomain","server":"127.0.0.1:53","cached":false,"ttl":3600,"ad":false,")"
      R"(records":[],"microseconds":3000000}]})");
}

// What others say stands there as it was said, and by whom.
TEST(JsonTest, OpinionsAndSession) {
  const Json json = Json::parse(RenderJson(sample::Full(), sample::Settings()));
  EXPECT_EQ(json["mail_from"], "info@example.com");
  EXPECT_EQ(json["recipient"], "postmaster@example.net");
  EXPECT_EQ(json["authenticated"], false);
  EXPECT_EQ(json["name_proof"], "not-proven");
  EXPECT_EQ(json["skip_address_blocklists"], false);
  EXPECT_EQ(json["would"], Json::parse(R"({"standard":"reject","strict":"reject"})"));
  const Json& dna = json["checks"]["dna"];
  EXPECT_EQ(dna["authority"], "judge.example");
  EXPECT_EQ(dna["rating"], "E");
  EXPECT_EQ(dna["contact"], "ask.judge.example:587");
  EXPECT_EQ(dna["opinions"], Json::parse(R"([
    {"authority": "advice.example", "result": "pass", "reason": "recommended", "rating": "B",
     "advisory": true, "text": "MARID,1,B"},
    {"authority": "judge.example", "result": "fail", "reason": "not-recommended", "rating": "E",
     "advisory": false, "text": "MARID,1,E;spam"},
    {"authority": "stranger.example", "result": "skipped", "reason": "unknown", "rating": null,
     "advisory": false, "text": ""}])"));
  EXPECT_FALSE(json["checks"]["vbr"].contains("opinions"));
  EXPECT_FALSE(json["checks"]["vbr"].contains("rating"));
  EXPECT_FALSE(json["checks"]["vbr"].contains("contact"));
}

// Whose word was judged, and the domain's own, as it was given.
TEST(JsonTest, IdentitiesAndExplanations) {
  Verdict verdict = sample::Senders();
  verdict.checks[5].explanation = "a\nb \"c\" \xff";
  Json checks = Json::parse(RenderJson(verdict, sample::Settings()))["checks"];
  EXPECT_EQ(checks["dmp"]["identity"], "helo");
  EXPECT_EQ(checks["rmx"]["identity"], "mail-from");
  EXPECT_FALSE(checks["drip"].contains("identity"));
  EXPECT_FALSE(checks["spf-helo"].contains("identity"));
  EXPECT_FALSE(checks["spf-helo"].contains("explanation"));
  EXPECT_EQ(checks["spf"]["explanation"], "a\nb \"c\" \xef\xbf\xbd");
  EXPECT_FALSE(checks["spf"].contains("remembered"));
  EXPECT_EQ(checks["cbv"]["remembered"], true);
}

// docs/rules.md §12.1
TEST(JsonTest, CallbacksThatWereNotMade) {
  Verdict verdict = sample::Senders();
  verdict.checks.back() = {.check = CheckId::kCbv, .reason = Reason::kNullSender};
  const Json json = Json::parse(RenderExplanationJson(verdict, sample::Settings()));
  EXPECT_EQ(json["checks"]["cbv"]["result"], "skipped");
  EXPECT_EQ(json["checks"]["cbv"]["reason"], "null-sender");
  EXPECT_EQ(json["checks"]["cbv"]["meaning"], "the message has the null sender");
  EXPECT_EQ(json["checks"]["cbv"]["source"], "docs/rules.md \u00a712.1");
  verdict.checks.back() = {.check = CheckId::kCbv};
  const Json silent = Json::parse(RenderJson(verdict, sample::Settings()));
  EXPECT_FALSE(silent["checks"].contains("cbv"));
}

TEST(JsonTest, NameProof) {
  EXPECT_EQ(Json::parse(RenderJson(sample::High(), sample::Settings()))["name_proof"], "proven");
  const Json json = Json::parse(RenderJson(sample::Deferred(), sample::Settings()));
  EXPECT_EQ(json["name_proof"], "undetermined");
  EXPECT_EQ(json["authenticated"], false);
}

TEST(JsonTest, NullSenderIsNotNone) {
  Verdict verdict = sample::Mismatch();
  EXPECT_TRUE(Json::parse(RenderJson(verdict, sample::Settings()))["mail_from"].is_null());
  verdict.session.mail_from = "";
  EXPECT_EQ(Json::parse(RenderJson(verdict, sample::Settings()))["mail_from"], "");
}

// A reason that stands for several results has the source of the one that the check has.
TEST(JsonTest, SourceIsThatOfTheResult) {
  const Json json = Json::parse(RenderExplanationJson(
      sample::RefusedBy(sample::ListFailure(CheckId::kAddressList)), sample::Settings()));
  EXPECT_EQ(json["checks"]["address-list"]["source"], "RFC 5782 \u00a72.1");
  EXPECT_EQ(json["decided_by"]["source"], "RFC 5782 \u00a72.1");
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
