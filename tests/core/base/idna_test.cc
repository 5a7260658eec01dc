// U-labels and what becomes of them (docs/rules.md §3).
#include "base/idna.h"

#include <string>

#include "gtest/gtest.h"

namespace helovet {
namespace {

struct Case {
  std::string source;
  std::string name;
  std::string wanted;  // Empty: refused.
};

std::string Repeat(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

TEST(ToALabelsTest, Converts) {
  const Case cases[] = {
      {"RFC 5891 §4.4",
       "b\xc3\xbc"
       "cher.example",
       "xn--bcher-kva.example"},
      {"UTS #46 §4, case folding",
       "B\xc3\x9c"
       "CHER.Example",
       "xn--bcher-kva.example"},
      {"UTS #46 §4, normalisation",
       "bu\xcc\x88"
       "cher.example",
       "xn--bcher-kva.example"},
      {"UTS #46 §4, non-transitional", "fa\xc3\x9f.example", "xn--fa-hia.example"},
      {"UTS #46 §4, ideographic full stop",
       "b\xc3\xbc"
       "cher\xe3\x80\x82"
       "example",
       "xn--bcher-kva.example"},
      {"RFC 5893 §2",
       "\xd7\x90\xd7\x91"
       "1.example",
       "xn--1-zhcd.example"},
      {"RFC 5893 §2", "1\xd7\x90\xd7\x91.example", ""},
      {"docs/rules.md §1, trailing dot", "\xc3\xbc.example.", "xn--tda.example."},
      {"docs/rules.md §3, A-labels stay", "xn--bcher-kva.\xc3\xbc", "xn--bcher-kva.xn--tda"},
      {"docs/rules.md §3, ASCII stays", "_mail.\xc3\xbc.example", "_mail.xn--tda.example"},
      {"RFC 5892 §2.6, symbols", "\xe2\x98\x83.example", ""},
      {"RFC 5891 §4.2.3.1", "ab--\xc3\xbc.example", ""},
      {"RFC 5891 §4.2.3.1", "-\xc3\xbc.example", ""},
      {"RFC 5891 §4.2.3.2, leading combining mark", "\xcc\x88u.\xc3\xbc", ""},
      {"RFC 5891 §5.3, wrong A-label", "xn--zzzzzzz99999.\xc3\xbc", ""},
      {"RFC 3629 §4",
       "b\xff"
       "cher.example",
       ""},
      {"RFC 3629 §4, overlong",
       "b\xc1\xbc"
       "cher.example",
       ""},
      {"RFC 3629 §4, cut short", "b\xc3", ""},
      {"RFC 3629 §3, surrogate", "\xed\xa0\x80.example", ""},
      {"RFC 3629 §3, beyond Unicode", "\xf4\x90\x80\x80.example", ""},
      {"docs/rules.md §3, NUL", std::string("\xc3\xbc\0.example", 11), ""},
      {"RFC 1035 §2.3.4, label", Repeat("\xc3\xbc", 60) + ".example", ""},
      {"RFC 1035 §2.3.4, name", Repeat(std::string(49, 'a') + ".", 5) + "\xc3\xbc\xc3\xbc", ""},
      {"more than can become a name", Repeat("\xc2\xad", kMaxUnicodeNameOctets / 2) + "\xc3\xbc",
       ""},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(ToALabels(test.name).value_or(""), test.wanted) << test.source << ": " << test.name;
  }
}

}  // namespace
}  // namespace helovet
