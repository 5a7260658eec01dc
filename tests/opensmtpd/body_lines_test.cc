#include "body_lines.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace helovet {
namespace {

constexpr RequestId kId{0x7641df9771b4ed00, 0xa};
const std::string kIds = "7641df9771b4ed00|000000000000000a|";

struct Case {
  std::string line;
  std::optional<std::string> want;
};

// What is known by comparing must be what ParseEvent, which takes lines apart, makes of it.
TEST(BodyLines, KnowsLinesLikeTheOneBefore) {
  const std::vector<Case> cases = {
      {"filter|0.6|1576146008.006099|smtp-in|data-line|" + kIds + "text", "text"},
      {"filter|0.6|1.0|smtp-in|data-line|" + kIds, ""},
      {"filter|0.6||smtp-in|data-line|" + kIds + "a|b|\r.", "a|b|\r."},
      {"filter|0.6|1.0|smtp-in|data-line|" + kIds + ".", "."},
      // Of another session, token, version, phase or kind.
      {"filter|0.6|1.0|smtp-in|data-line|7641df9771b4ed01|000000000000000a|x", std::nullopt},
      {"filter|0.6|1.0|smtp-in|data-line|7641df9771b4ed00|000000000000000b|x", std::nullopt},
      {"filter|0.7|1.0|smtp-in|data-line|" + kIds + "x", std::nullopt},
      {"filter|0.66|1.0|smtp-in|data-line|" + kIds + "x", std::nullopt},
      {"filter|0.6|1.0|smtp-in|data|" + kIds, std::nullopt},
      {"report|0.6|1.0|smtp-in|data-line|" + kIds + "x", std::nullopt},
      {"filter|0.6|1.0|smtp-out|data-line|" + kIds + "x", std::nullopt},
      // As smtpd does not print it: left to ParseEvent.
      {"filter|0.6|1.0|smtp-in|data-line|7641df9771b4ed00|a|x", std::nullopt},
      {"filter|0.6|1.0|smtp-in|data-line|7641DF9771B4ED00|000000000000000a|x", std::nullopt},
      // The text of another line may look like one.
      {"filter|0.6|1.0|smtp-in|ehlo|1|2|1.0|smtp-in|data-line|" + kIds + "x", std::nullopt},
      {"filter|0.6|1.0|smtp-in|data-line|7641df9771b4ed00", std::nullopt},
      {"filter|0.6|1.0", std::nullopt},
      {"", std::nullopt},
  };
  BodyLines lines;
  lines.Follow({.version = 6, .id = kId, .phase = Phase::kDataLine, .argument = "before"});
  EXPECT_EQ(lines.id(), kId);
  EXPECT_EQ(lines.version(), 6u);
  for (const Case& c : cases) {
    const auto got = lines.TextOf(c.line);
    EXPECT_EQ(got ? std::optional(std::string(*got)) : std::nullopt, c.want) << "line: " << c.line;
    if (!got) continue;
    const Event event = ParseEvent(c.line);
    const auto* const request = std::get_if<FilterRequest>(&event);
    ASSERT_NE(request, nullptr) << "line: " << c.line;
    EXPECT_EQ(request->argument, *got) << "line: " << c.line;
    EXPECT_EQ(request->id, kId) << "line: " << c.line;
  }
}

TEST(BodyLines, KnowsNoneUntilOneIsFollowedAndWhenItIsForgotten) {
  const std::string line = "filter|0.7|1.0|smtp-in|data-line|" + kIds + "text";
  BodyLines lines;
  EXPECT_EQ(lines.TextOf(line), std::nullopt);
  lines.Follow({.version = 6, .id = kId, .phase = Phase::kDataLine, .argument = ""});
  lines.Follow({.version = 7, .id = kId, .phase = Phase::kDataLine, .argument = ""});
  EXPECT_EQ(lines.TextOf(line), "text");
  lines.Forget();
  EXPECT_EQ(lines.TextOf(line), std::nullopt);
}

}  // namespace
}  // namespace helovet
