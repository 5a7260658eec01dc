// Whatever clients and name servers send, the texts keep their form.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/render/authres_grammar.h"
#include "core/render/exim_extract.h"
#include "core/render/sample.h"
#include "gtest/gtest.h"
#include "helovet/render.h"
#include "nlohmann/json.hpp"
#include "render/escape.h"

namespace helovet {
namespace {

constexpr int kRounds = 8000;
constexpr std::size_t kMaxHeaderLineOctets = 998;  // RFC 5322 §2.1.1

class AnyOctets {
 public:
  // Half of the texts lean on the octets that mean something to somebody.
  std::string Text(std::size_t longest) {
    constexpr std::string_view kSpecial =
        "\r\n\0\t \"\\;:=()|$ {}<>@,[]?*%.-_x0\x7f\x1b\x9b"
        "ab";
    std::string text(random_() % (longest + 1), '\0');
    const bool special = random_() % 2 == 0;
    for (char& c : text) {
      c = special ? kSpecial[random_() % kSpecial.size()] : static_cast<char>(random_() % 256);
    }
    return text;
  }

  Verdict MakeVerdict() {
    const std::array samples = {sample::Mismatch(),
                                sample::Deferred(),
                                sample::Full(),
                                sample::Senders(),
                                sample::EveryCheck(),
                                sample::RefusedBy(sample::SpfFailure()),
                                sample::RefusedBy(sample::ListFailure(CheckId::kAddressList)),
                                sample::RefusedBy(sample::ListFailure(CheckId::kNameList)),
                                sample::Refused("", Reason::kSyntax)};
    Verdict verdict = samples[random_() % samples.size()];
    verdict.session.helo = Text(random_() % 20 == 0 ? 2000 : 80);
    if (random_() % 2 == 0) verdict.session.mail_from = Text(60);
    for (CheckResult& check : verdict.checks) {
      check.evidence = {{.owner = Text(40), .type = Text(5), .outcome = Text(5), .text = Text(60)}};
      FillWords(check);
    }
    if (random_() % 2 == 0) verdict.session.recipient = Text(60);
    verdict.exchanges = {{.name = Text(40),
                          .type = Text(5),
                          .outcome = Text(5),
                          .server = Text(20),
                          .records = {Text(60), Text(60)}}};
    return verdict;
  }

 private:
  // What accreditors, certifiers, lists and domains say, and where they can be asked.
  void FillWords(CheckResult& check) {
    check.identity = random_() % 2 == 0 ? Identity::kHelo : Identity::kMailFrom;
    check.explanation = Text(random_() % 20 == 0 ? 2000 : 100);
    check.authority = Text(random_() % 20 == 0 ? 2000 : 60);
    check.contact = Text(random_() % 20 == 0 ? 2000 : 60);
    check.rating = static_cast<Rating>(random_() % 5);
    check.opinions = {{.authority = check.authority, .text = Text(60)},
                      {.authority = Text(60), .rating = Rating::kA, .text = Text(60)}};
  }

  std::mt19937 random_{8601};
};

bool IsPrintableAscii(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return true;
}

// Lines of printable ASCII; the paragraph sign is ours.
bool IsPlainText(std::string_view text) {
  constexpr std::string_view kSection = "\xc2\xa7";
  std::string ascii;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, kSection.size()) == kSection) {
      ++i;
    } else if (text[i] != '\n') {
      ascii += text[i];
    }
  }
  return IsPrintableAscii(ascii);
}

std::size_t LinesOf(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void ExpectWireForm(const Verdict& verdict, const Config& config) {
  const std::string helo = EscapeForLog(verdict.session.helo.substr(0, 300));
  ASSERT_TRUE(IsPrintableAscii(helo));

  const std::string reply = RenderReply(verdict, config);
  ASSERT_TRUE(IsPrintableAscii(reply)) << helo;
  ASSERT_LE(reply.size(), kMaxReplyOctets) << helo;
  ASSERT_TRUE(reply.ends_with("; see " + config.explain_url)) << reply;
  // Only a domain's explanation has the octets of URLs, and none points elsewhere in our words.
  const bool explained = reply.find(" explains: ") != reply.npos;
  ASSERT_EQ(reply.find_first_of(explained ? "\"|${}" : "\"|${}%="), reply.npos) << reply;
  ASSERT_EQ(reply.find("; see "), reply.rfind("; see ")) << reply;

  const std::vector<std::string> header = RenderHeader(verdict, config);
  std::size_t semicolons = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string& line = header[i];
    ASSERT_TRUE(IsPrintableAscii(line)) << helo;
    ASSERT_LE(line.size(), kMaxHeaderLineOctets) << helo;
    ASSERT_EQ(line.front() == ' ', i > 0) << line;
    ASSERT_NE(line.find_first_not_of(' '), line.npos) << helo;
    semicolons += static_cast<std::size_t>(std::ranges::count(line, ';'));
  }
  // The id and each check end in a semicolon; nobody else wrote one.
  const auto ran = static_cast<std::size_t>(std::ranges::count_if(
      verdict.checks, [](const CheckResult& check) { return check.result != Result::kSkipped; }));
  ASSERT_EQ(semicolons, ran + 1) << helo;
  const std::optional<AuthresField> field = AuthresParser::Parse(header);
  ASSERT_TRUE(field) << helo;
  ASSERT_EQ(field->statements.size(), ran + 1) << helo;
  const std::string name = EscapeName(verdict.session.helo, 255);
  for (AuthresStatement& statement : std::vector(field->statements)) {
    if (statement.method == "x-helo" || statement.method == "x-csa") {
      ASSERT_EQ(statement.properties["smtp.helo"], name);
    }
    if (statement.properties.contains("smtp.mailfrom")) {
      ASSERT_FALSE(statement.properties.contains("smtp.helo"));
      const std::string& path = *verdict.session.mail_from;
      const std::string domain = EscapeName(path.substr(path.rfind('@') + 1), 255);
      ASSERT_TRUE(statement.properties["smtp.mailfrom"].ends_with(domain)) << header.size();
    }
  }

  const std::string key_values = RenderKeyValues(verdict, config);
  ASSERT_TRUE(IsPrintableAscii(key_values)) << helo;
  ASSERT_EQ(EximPairs(key_values).Extract("reply"), reply);
  ASSERT_EQ(EximPairs(key_values).Extract("log"), RenderLogLine(verdict));
}

// One line of pairs, in which nobody else has a key.
void ExpectLogLine(const Verdict& verdict) {
  const std::string line = RenderLogLine(verdict);
  ASSERT_TRUE(IsPrintableAscii(line)) << line;
  ASSERT_LE(line.size(), kMaxLogLineOctets) << line;
  const EximPairs pairs(line);
  std::set<std::string> keys;
  for (const auto& [key, value] : pairs.pairs()) {
    ASSERT_EQ(key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), key.npos) << line;
    ASSERT_TRUE(keys.insert(key).second) << line;
  }
  ASSERT_EQ(pairs.Extract("action"), ToString(verdict.action)) << line;
  ASSERT_EQ(pairs.Extract("trust"), ToString(verdict.trust)) << line;
  ASSERT_TRUE(keys.contains("cut") || pairs.Extract("ms")) << line;
}

// RenderJson's object is a part of this one.
void ExpectJson(const Verdict& verdict, const Config& config) {
  const std::string json = RenderExplanationJson(verdict, config);
  ASSERT_TRUE(IsPrintableAscii(json));
  ASSERT_TRUE(nlohmann::json::accept(json)) << json;
}

// No text of others begins a line of its own.
void ExpectExplanation(const Verdict& verdict, const Config& config) {
  Verdict plain = verdict;
  plain.session.helo = "h";
  plain.session.mail_from.reset();
  if (!plain.session.recipient.empty()) plain.session.recipient = "r";
  for (CheckResult& check : plain.checks) {
    for (Evidence& item : check.evidence) item = sample::SrvEvidence(false);
    for (Opinion& opinion : check.opinions) opinion.authority = opinion.text = "o";
    if (!check.authority.empty()) check.authority = "a";
    if (!check.contact.empty()) check.contact = "c";
    if (!check.explanation.empty()) check.explanation = "e";
  }
  for (Exchange& exchange : plain.exchanges) {
    exchange.name = "n";
    exchange.type = exchange.outcome = exchange.server = "t";
    for (std::string& record : exchange.records) record = "r";
  }
  const std::string explanation = RenderExplanation(verdict, config);
  ASSERT_TRUE(IsPlainText(explanation)) << explanation;
  ASSERT_EQ(LinesOf(explanation) - RenderHeader(verdict, config).size(),
            LinesOf(RenderExplanation(plain, config)) - RenderHeader(plain, config).size())
      << explanation;
}

using Expect = void(const Verdict&, const Config&);

void ExpectOfRandomVerdicts(Expect* expect) {
  AnyOctets octets;
  const Config config = sample::Settings();
  for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
    expect(octets.MakeVerdict(), config);
  }
}

TEST(AnyOctetsTest, RepliesHeadersAndKeys) { ExpectOfRandomVerdicts(&ExpectWireForm); }
TEST(AnyOctetsTest, LogLines) {
  ExpectOfRandomVerdicts([](const Verdict& verdict, const Config&) { ExpectLogLine(verdict); });
}
TEST(AnyOctetsTest, Json) { ExpectOfRandomVerdicts(&ExpectJson); }
TEST(AnyOctetsTest, Explanations) { ExpectOfRandomVerdicts(&ExpectExplanation); }

TEST(AnyOctetsTest, HugeNames) {
  constexpr std::size_t kHuge = 65536;
  const Config config = sample::Settings();
  for (const char octet : {'a', '\0', '\xff', '"', '\\', '\n'}) {
    Verdict verdict = sample::EveryCheck();
    verdict.decided_by = {CheckId::kSpf, Reason::kNotDesignated};
    verdict.session.helo = std::string(kHuge, octet);
    verdict.session.mail_from = std::string(kHuge, octet) + "@" + std::string(kHuge, octet);
    for (CheckResult& check : verdict.checks) {
      for (Evidence& item : check.evidence) item.text = std::string(kHuge, octet);
      check.authority = check.contact = check.explanation = std::string(kHuge, octet);
      check.opinions = {{.authority = check.authority, .text = std::string(kHuge, octet)}};
    }
    const auto start = std::chrono::steady_clock::now();
    ExpectWireForm(verdict, config);
    ExpectLogLine(verdict);
    ExpectJson(verdict, config);
    ExpectExplanation(verdict, config);
    // Below half a second, but with sanitizers on a busy machine.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  }
}

}  // namespace
}  // namespace helovet
