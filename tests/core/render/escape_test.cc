#include "render/escape.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "helovet/render.h"

namespace helovet {
namespace {

TEST(EscapeForLogTest, EveryOctet) {
  for (int value = 0; value < 256; ++value) {
    const std::string octet(1, static_cast<char>(value));
    const std::string got = EscapeForLog(octet);
    if (value == '\\') {
      EXPECT_EQ(got, "\\\\");
    } else if (value >= 0x20 && value <= 0x7e) {
      EXPECT_EQ(got, octet);
    } else {
      constexpr std::string_view kDigits = "0123456789abcdef";
      const std::string wanted = std::string("\\x") + kDigits[value / 16] + kDigits[value % 16];
      EXPECT_EQ(got, wanted);
    }
  }
}

TEST(EscapeForLogTest, DiffersForDifferentTexts) {
  EXPECT_EQ(EscapeForLog("\\x0a"), "\\\\x0a");
  EXPECT_EQ(EscapeForLog("\n"), "\\x0a");
}

struct LimitCase {
  std::string text;
  std::size_t limit;
  std::string wanted;
};

TEST(EscapeNameTest, CutsAtOctetsOfTheSource) {
  const std::vector<LimitCase> cases = {
      {"", 3, ""},
      {"abc", 3, "abc"},
      {"abcd", 3, "..."},
      {"abcd", 4, "abcd"},
      {"abcde", 4, "a..."},
      {"a b", 6, "a\\x20b"},
      {"a b", 5, "a..."},
      {"a bc", 7, "a\\x20bc"},
      {"a bcd", 7, "a..."},
      {"a bcde", 8, "a\\x20..."},
      {"a bcd", 8, "a\\x20bcd"},
      {"\xff\xff", 7, "\\xff..."},
      {"\xff\xff", 6, "..."},
  };
  for (const LimitCase& test : cases) {
    EXPECT_EQ(EscapeName(test.text, test.limit), test.wanted)
        << EscapeForLog(test.text) << " in " << test.limit;
  }
}

struct TextCase {
  std::string text;
  std::string wanted;
};

// docs/key-values.md has the same list.
TEST(EscapeWordsTest, LeavesWhatSentencesAndUrlsAreMadeOf) {
  constexpr std::string_view kLeft = " -._:[]/?&=%#+,!'@~*()";
  for (int value = 0; value < 256; ++value) {
    const char octet = static_cast<char>(value);
    const bool alphanumeric = (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
                              (octet >= 'A' && octet <= 'Z');
    const bool left = alphanumeric || kLeft.find(octet) != kLeft.npos;
    const std::string got = EscapeWords(std::string(1, octet), 4);
    EXPECT_EQ(got.size(), left ? 1U : 4U) << "octet " << value << ": " << got;
    EXPECT_EQ(got.starts_with("\\x"), !left) << "octet " << value << ": " << got;
  }
  EXPECT_EQ(EscapeWords("see\n; x", 40), "see\\x0a\\x3b x");
  EXPECT_EQ(EscapeWords("see\n; x", 8), "see...");
}

TEST(HeaderValueTest, TokenOrQuotedString) {
  const std::vector<TextCase> cases = {
      {"mail.example.com", "mail.example.com"},
      {"_under-score.1", "_under-score.1"},
      {"", "\"\""},
      {"2001:db8::1", "\"2001:db8::1\""},
      {"[192.0.2.1]", "\"[192.0.2.1]\""},
      {"a b", "\"a b\""},
      {"a\"b", "\"a\\\"b\""},
      {"a\\b", "\"a\\\\b\""},
      {"(comment)", "\"(comment)\""},
  };
  for (const TextCase& test : cases) EXPECT_EQ(HeaderValue(test.text), test.wanted);
}

TEST(ExtractValueTest, PlainOrQuoted) {
  const std::vector<TextCase> cases = {
      {"pass", "pass"},
      {"192.0.2.1", "192.0.2.1"},
      {"2001:db8::1/64", "2001:db8::1/64"},
      {"", "\"\""},
      {"a b", "\"a b\""},
      {"a=b", "\"a=b\""},
      {"a\"b\\c", "\"a\\\"b\\\\c\""},
      {"a\nb", "\"a\\nb\""},
  };
  for (const TextCase& test : cases) EXPECT_EQ(ExtractValue(test.text), test.wanted);
}

// The forms that add to a text say what those that return one say, and leave what is there.
TEST(AppendTest, AddsWhatItsCounterpartReturns) {
  const std::vector<std::string> texts = {"",
                                          "mail.example.com",
                                          "a b",
                                          "\\",
                                          "a\"b",
                                          "[192.0.2.1]",
                                          "a@b.example",
                                          "a/b",
                                          "\xff\n",
                                          "mail example com; mail example com"};
  for (const std::string& text : texts) {
    for (const std::size_t limit : {std::size_t{3}, std::size_t{10}, std::size_t{16}, kNoLimit}) {
      const std::string before = "before=";
      const auto appended = [&](auto append) {
        std::string out = before;
        append(out, text, limit);
        return out;
      };
      const std::string shown = EscapeForLog(text) + " in " + std::to_string(limit);
      EXPECT_EQ(appended(AppendName), before + EscapeName(text, limit)) << shown;
      EXPECT_EQ(appended(AppendWords), before + EscapeWords(text, limit)) << shown;
      EXPECT_EQ(appended(AppendHeaderName), before + HeaderValue(EscapeName(text, limit))) << shown;
      EXPECT_EQ(appended(AppendExtractText), before + ExtractValue(EscapeForLogWithin(text, limit)))
          << shown;
    }
  }
}

}  // namespace
}  // namespace helovet
