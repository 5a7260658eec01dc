#include <algorithm>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/render/exim_extract.h"
#include "core/render/sample.h"
#include "gtest/gtest.h"
#include "helovet/render.h"
#include "render/escape.h"
#include "render/header.h"
#include "render/pairs.h"

namespace helovet {
namespace {

// The octets that EscapeForLog was given.
std::string Unescape(std::string_view text) {
  std::string octets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      octets += text[i];
    } else if (text[i + 1] == '\\') {
      octets += '\\';
      ++i;
    } else {
      octets += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    }
  }
  return octets;
}

TEST(KeyValuesTest, Reject) {
  EXPECT_EQ(RenderKeyValues(sample::Mismatch(), sample::Settings()),
            R"(action=reject trust=low decided_by=csa decided_reason=address-mismatch code=550 )"
            R"(reply="550 5.7.1 192.0.2.9 is not accepted as mail.example.com: csa fail )"
            R"(address-mismatch (the client's address is not among the targets'); see )"
            R"(https://mx.example.net/csv" header="Authentication-Results: mx.example.net;\n )"
            R"(x-helo=pass reason=\"fqdn\" smtp.helo=mail.example.com;\n x-csa=fail )"
            R"(reason=\"address-mismatch\" smtp.helo=mail.example.com dns.sec=yes;\n )"
            R"(x-forward=neutral reason=\"not-matched\" smtp.helo=mail.example.com\n   )"
            R"(dns.sec=yes;\n iprev=permerror reason=\"no-ptr\" policy.iprev=192.0.2.9;\n )"
            R"(x-local-list=none reason=\"not-listed\" smtp.helo=mail.example.com;\n x-csv=fail )"
            R"(reason=\"csa: address-mismatch\" policy.trust=low\n   policy.action=reject )"
            R"(policy.standard=reject policy.strict=reject" authenticated=no )"
            R"(skip_address_blocklists=no standard=reject strict=reject ip=192.0.2.9 )"
            R"(helo_name=mail.example.com helo=pass helo_reason=fqdn csa=fail )"
            R"(csa_reason=address-mismatch forward=neutral forward_reason=not-matched )"
            R"(iprev=permerror iprev_reason=no-ptr local_list=none local_list_reason=not-listed )"
            R"(log="action=reject trust=low decided_by=csa decided_reason=address-mismatch )"
            R"(profile=standard standard=reject strict=reject authenticated=no ip=192.0.2.9 )"
            R"(helo_name=mail.example.com queries=3 ms=3000 helo=pass helo_reason=fqdn csa=fail )"
            R"(csa_reason=address-mismatch forward=neutral forward_reason=not-matched )"
            R"(iprev=permerror iprev_reason=no-ptr local_list=none local_list_reason=not-listed")");
}

TEST(KeyValuesTest, Exempt) {
  EXPECT_EQ(RenderKeyValues(sample::Exempt(), sample::Settings()),
            R"(action=accept trust=unknown decided_by=exempt decided_reason=network code=250 )"
            R"(reply="" header="" authenticated=no skip_address_blocklists=no standard=accept )"
            R"(strict=accept ip=127.0.0.1 helo_name=localhost log="action=accept trust=unknown )"
            R"(decided_by=exempt decided_reason=network standard=accept )"
            R"(strict=accept authenticated=no ip=127.0.0.1 helo_name=localhost queries=0 ms=0")");
}

TEST(KeyValuesTest, AnErrorComesLast) {
  const std::string error = "/etc/helovet.toml:1:2: \"x\" \\xff";
  const std::string text = RenderKeyValues(sample::Exempt(), sample::Settings(), error);
  const EximPairs pairs(text);
  EXPECT_EQ(pairs.Extract("error"), error);
  EXPECT_EQ(pairs.pairs().back().first, "error");
}

// What the checks of others' words add.
TEST(KeyValuesTest, AuthoritiesAndRatings) {
  const EximPairs pairs(RenderKeyValues(sample::Full(), sample::Settings()));
  const std::vector<std::pair<std::string, std::optional<std::string>>> wanted = {
      {"dna", "fail"},
      {"dna_reason", "not-recommended"},
      {"dna_authority", "judge.example"},
      {"dna_rating", "E"},
      {"dna_contact", "ask.judge.example:587"},
      {"vbr_authority", "certifier.example"},
      {"vbr_rating", std::nullopt},
      {"local_list_authority", "lists.allow"},
      {"address_list_authority", "bad.example"},
      {"address_list_rating", "D"},
      {"address_list_contact", std::nullopt},
      {"name_list_rating", "D"},
      {"reverse_match", "neutral"},
      {"reverse_match_authority", std::nullopt},
      {"skip_address_blocklists", "no"},
      {"standard", "reject"},
      {"strict", "reject"},
  };
  for (const auto& [key, value] : wanted) EXPECT_EQ(pairs.Extract(key), value) << key;
}

// What the checks of senders add.
TEST(KeyValuesTest, IdentitiesAndExplanations) {
  const EximPairs pairs(RenderKeyValues(sample::Senders(), sample::Settings()));
  const std::vector<std::pair<std::string, std::optional<std::string>>> wanted = {
      {"dmp", "pass"},
      {"dmp_reason", "designated"},
      {"dmp_identity", "helo"},
      {"drip", "none"},
      {"drip_identity", std::nullopt},
      {"rmx", "none"},
      {"rmx_identity", "mail-from"},
      {"spf_helo", "softfail"},
      {"spf_helo_reason", "probably-not-designated"},
      {"spf_helo_identity", std::nullopt},
      {"spf_helo_explanation", std::nullopt},
      {"spf", "fail"},
      {"spf_identity", "mail-from"},
      {"spf_explanation", "192.0.2.9 is none of ours, see https://example.org/?ip=192.0.2.9"},
      {"cbv", "pass"},
      {"cbv_reason", "accepted"},
      {"cbv_identity", "mail-from"},
      {"cbv_remembered", "yes"},
  };
  for (const auto& [key, value] : wanted) EXPECT_EQ(pairs.Extract(key), value) << key;
}

// docs/rules.md §11.5
TEST(KeyValuesTest, LongExplanationsAreCutAt200Octets) {
  Verdict verdict = sample::RefusedBy(sample::SpfFailure());
  verdict.checks.back().explanation = std::string(199, 'e') + "\n\n";
  const EximPairs pairs(RenderKeyValues(verdict, sample::Settings()));
  EXPECT_EQ(pairs.Extract("spf_explanation"), std::string(197, 'e') + "...");
}

// docs/rules.md §12.1, §12.4: a callback that is not made says why; one that nobody thought of,
// not.
TEST(KeyValuesTest, CallbacksThatWereNotMade) {
  Verdict verdict = sample::Senders();
  verdict.checks.back() = {.check = CheckId::kCbv, .reason = Reason::kOverBudget};
  const EximPairs skipped(RenderKeyValues(verdict, sample::Settings()));
  EXPECT_EQ(skipped.Extract("cbv"), "skipped");
  EXPECT_EQ(skipped.Extract("cbv_reason"), "over-budget");
  verdict.checks.back() = {.check = CheckId::kCbv};
  const EximPairs silent(RenderKeyValues(verdict, sample::Settings()));
  EXPECT_EQ(silent.Extract("cbv"), std::nullopt);
}

TEST(KeyValuesTest, HighTrustMaySkipBlocklists) {
  const EximPairs pairs(RenderKeyValues(sample::High(), sample::Settings()));
  EXPECT_EQ(pairs.Extract("skip_address_blocklists"), "yes");
  EXPECT_EQ(pairs.Extract("authenticated"), "yes");
}

TEST(KeyValuesTest, LogIsTheLogLine) {
  for (const Verdict& verdict : {sample::Full(), sample::High(), sample::Exempt()}) {
    const EximPairs pairs(RenderKeyValues(verdict, sample::Settings()));
    EXPECT_EQ(pairs.Extract("log"), RenderLogLine(verdict));
  }
}

TEST(KeyValuesTest, SkippedChecksHaveNoKey) {
  const EximPairs pairs(RenderKeyValues(sample::Deferred(), sample::Settings()));
  EXPECT_EQ(pairs.Extract("code"), "451");
  EXPECT_EQ(pairs.Extract("csa"), "temperror");
  EXPECT_EQ(pairs.Extract("forward"), std::nullopt);
}

void ExpectRoundTrip(const std::string& helo) {
  Verdict verdict = sample::Mismatch();
  verdict.session.helo = helo;
  const Config config = sample::Settings();
  const std::string text = RenderKeyValues(verdict, config);
  const EximPairs pairs(text);
  ASSERT_EQ(pairs.pairs().size(), 24U) << EscapeForLog(text);
  ASSERT_EQ(pairs.Extract("action"), "reject");
  ASSERT_EQ(pairs.Extract("reply"), RenderReply(verdict, config));
  ASSERT_EQ(pairs.Extract("header"), HeaderText(verdict, config));
  ASSERT_EQ(pairs.Extract("helo_name"), EscapeForLog(helo));
  ASSERT_EQ(Unescape(pairs.Extract("helo_name").value()), helo);
  ASSERT_EQ(pairs.Extract("local_list_reason"), "not-listed");
  for (const char c : text) ASSERT_TRUE(c >= ' ' && c <= '~') << EscapeForLog(text);
}

TEST(EximRoundTripTest, EveryOctetAloneAndInside) {
  for (int value = 0; value < 256; ++value) {
    const std::string octet(1, static_cast<char>(value));
    ExpectRoundTrip(octet);
    ExpectRoundTrip("a" + octet);
    ExpectRoundTrip(octet + "n");
    ExpectRoundTrip("\\" + octet + "0a\"");
    ExpectRoundTrip("x\" action=accept " + octet);
  }
}

TEST(EximRoundTripTest, NewlinesAndForgedKeys) {
  for (const char* helo :
       {"", "\n", "a\nb", "a\r\nb", "\\n", "a action=accept", "\" action=accept \"", "a\\",
        "a\\\\\" trust=high", "action=accept", "${run{id}}", "=", "==="}) {
    ExpectRoundTrip(helo);
  }
}

// The values themselves, not only what EscapeForLog leaves of them.
TEST(EximRoundTripTest, ExtractValueOfAnyPrintableText) {
  std::mt19937 random(20260101);
  for (int round = 0; round < 5000; ++round) {
    std::string text(random() % 20, ' ');
    for (char& c : text) c = static_cast<char>(random() % 12 == 0 ? '\n' : ' ' + random() % 95);
    const EximPairs pairs("before=1 key=" + ExtractValue(text) + " after=2");
    ASSERT_EQ(pairs.Extract("key"), text);
    ASSERT_EQ(pairs.Extract("after"), "2");
  }
}

TEST(KeyValuesTest, KeysOfACheckAreItsNameWithUnderscores) {
  for (int check = 0; check <= static_cast<int>(CheckId::kConfiguration); ++check) {
    const auto id = static_cast<CheckId>(check);
    std::string name(ToString(id));
    std::ranges::replace(name, '-', '_');
    EXPECT_EQ(KeysOf(id).name, name);
    EXPECT_EQ(KeysOf(id).result, name + "=");
    EXPECT_EQ(KeysOf(id).reason, name + "_reason=");
  }
}

// docs/key-values.md names each key in the first column of its first table.
TEST(KeyValuesTest, DocsNameEveryKey) {
  std::vector<std::string> wanted;
  const EximPairs pairs(RenderKeyValues(sample::EveryCheck(), sample::Settings(), "no file"));
  for (const auto& [key, value] : pairs.pairs()) wanted.push_back(key);
  std::vector<std::string> got;
  std::ifstream file(HELOVET_SOURCE_DIR "/docs/key-values.md");
  bool in_table = false;
  for (std::string line; std::getline(file, line);) {
    if (in_table && !line.starts_with("|")) break;
    if (line.starts_with("| key")) in_table = true;
    // A row may name several keys, each in backquotes, before the second column.
    if (!line.starts_with("| `")) continue;
    const std::string cell = line.substr(1, line.find('|', 1) - 1);
    for (std::size_t at = cell.find('`'); at != cell.npos;) {
      const std::size_t end = cell.find('`', at + 1);
      got.push_back(cell.substr(at + 1, end - at - 1));
      at = cell.find('`', end + 1);
    }
  }
  EXPECT_EQ(got, wanted);
}

}  // namespace
}  // namespace helovet
