// A filter, an engine of the test's, and what smtpd would see.
#ifndef HELOVET_TESTS_OPENSMTPD_FILTER_FIXTURE_H_
#define HELOVET_TESTS_OPENSMTPD_FILTER_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "filter.h"
#include "helovet/metrics.h"
#include "protocol_checker.h"
#include "scripted_validations.h"

namespace helovet::testing {

inline Config WithName() {
  Config config;
  config.authserv_id = "mx.example";
  return config;
}

class FilterTest : public ::testing::Test {
 protected:
  explicit FilterTest(Config config = WithName())
      : filter_(
            std::move(config),
            [this](const std::shared_ptr<const Config>&) { return engine_.MakeValidator(); },
            output_, log_, metrics_) {}

  void Ready() {
    filter_.OnLine("config|ready");
    Take();
  }
  void Say(const std::string& line) { filter_.OnLine(line); }
  void Connect(const std::string& session, const std::string& source = "192.0.2.1:4000") {
    Say("report|0.6|1.0|smtp-in|link-connect|" + session + "|<unknown>|fail|" + source +
        "|192.0.2.25:25");
  }
  void Ask(const std::string& phase, const std::string& session, const std::string& token,
           const std::string& argument) {
    Say("filter|0.6|1.0|smtp-in|" + phase + "|" + session + "|" + token + "|" + argument);
  }

  // Lets MAIL FROM have its verdict where HELO had one, and returns the answers since the last
  // call, as "1:2 proceed", "1:2 reject 550 ...", "1:2 data ...".
  std::vector<std::string> Take() {
    engine_.FinishMailFroms();
    checker_.Feed(output_.queued());
    output_.Drop(output_.queued().size());
    EXPECT_THAT(checker_.complaints(), ::testing::IsEmpty());
    std::vector<std::string> texts;
    for (const Answer& answer : checker_.answers()) {
      std::string text = std::to_string(answer.session) + ":" + std::to_string(answer.token) + " ";
      switch (answer.kind) {
        case Answer::Kind::kProceed:
          text += "proceed";
          break;
        case Answer::Kind::kJunk:
          text += "junk";
          break;
        case Answer::Kind::kReject:
          text += "reject " + answer.text;
          break;
        case Answer::Kind::kDataLine:
          text += "data " + answer.text;
          break;
      }
      texts.push_back(std::move(text));
    }
    checker_.ForgetAnswers();
    return texts;
  }

  std::vector<std::string> logged_;
  Loop::TimePoint now_{};
  Log log_{[this](std::string_view line) { logged_.emplace_back(line); }, [this] { return now_; }};
  ScriptedValidations engine_;
  Output output_;
  Metrics metrics_;
  Filter filter_;
  ProtocolChecker checker_;
};

// One session, "1".
class Transaction : public FilterTest {
 protected:
  explicit Transaction(Config config = WithName()) : FilterTest(std::move(config)) {}

  // Has its HELO name given `action`; its answers are taken.
  void Greet(Action action) {
    if (!checker_.registered()) Ready();
    Connect("1");
    Ask("ehlo", "1", "1", "mail.example.com");
    engine_.FinishOldest(action);
    EXPECT_THAT(Take(), ::testing::ElementsAre("1:1 proceed"));
  }
  // The answer to a request with the token 2, or how many there are if that is not one.
  std::string Say1(const std::string& phase, const std::string& argument = "") {
    Ask(phase, "1", "2", argument);
    const std::vector<std::string> answers = Take();
    return answers.size() == 1 ? answers[0] : std::to_string(answers.size()) + " answers";
  }
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_OPENSMTPD_FILTER_FIXTURE_H_
