// An engine whose verdicts the test gives, when it likes.
#ifndef HELOVET_TESTS_OPENSMTPD_SCRIPTED_VALIDATIONS_H_
#define HELOVET_TESTS_OPENSMTPD_SCRIPTED_VALIDATIONS_H_

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "helovet/engine.h"
#include "validator.h"

namespace helovet::testing {

class ScriptedValidations {
 public:
  using Done = Validator::Done;

  // What the filter takes for an engine; this must outlive it.
  std::unique_ptr<Validator> MakeValidator() { return std::make_unique<Front>(*this); }

  // How many sessions were started, and how many validations wait for a verdict.
  [[nodiscard]] std::size_t started() const { return started_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  // The session of the oldest that waits.
  [[nodiscard]] const Session& oldest() const { return waiting_.begin()->second->session; }

  // Gives the oldest that waits its verdict.
  void FinishOldest(Action action) { Finish(waiting_.begin()->second, action); }
  // The same for the one that has waited for the shortest time.
  void FinishNewest(Action action) { Finish(waiting_.rbegin()->second, action); }

  // From now on mail from `sender` has this action, whatever the session has.
  void SetAction(const std::string& sender, Action action) { actions_[sender] = action; }
  // Gives each MAIL FROM that waits its verdict: the session's, unless SetAction says otherwise.
  void FinishMailFroms() {
    while (Entry* const entry = OldestMailFrom()) {
      const auto own = actions_.find(*entry->session.mail_from);
      Finish(entry, own == actions_.end() ? ActionBehind(*entry->base) : own->second);
    }
  }

  // How many callbacks were begun, and how many wait for their end.
  [[nodiscard]] std::size_t callbacks() const { return callbacks_; }
  [[nodiscard]] std::size_t open_callbacks() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        waiting_, [](const auto& each) { return each.second->step == Step::kRecipient; }));
  }
  // Ends the callback that has waited for the longest time. JudgeBy comes before.
  void FinishCallback(Result result, Reason reason) {
    Entry* const entry = std::ranges::find_if(waiting_, [](const auto& each) {
                           return each.second->step == Step::kRecipient;
                         })->second;
    Verdict verdict = *entry->base;
    verdict.checks.push_back({.check = CheckId::kCbv, .result = result, .reason = reason});
    verdict.exchanges.push_back({.name = "example.org", .type = "MX", .outcome = "ok"});
    Announce(entry, ForRecipient(std::move(verdict), entry->session.recipient, *settings_));
  }

  // What was asked already that verdicts had still in them when they came back, all in all.
  [[nodiscard]] std::size_t exchanges_kept() const { return exchanges_kept_; }

  // From now on actions are what the policy makes, under these settings, of the results that
  // Finish* gives.
  void JudgeBy(Config config) { settings_ = std::move(config); }

  // What the filter is told the next time that it asks.
  std::vector<FileError> complaints;

 private:
  enum class Step { kName, kMailFrom, kRecipient };

  struct Entry final : Validation {
    Entry(ScriptedValidations& owner, Step step_in, Session session_in, Done done_in)
        : owner_(owner), step(step_in), session(std::move(session_in)), done(std::move(done_in)) {
      number = ++owner_.entries_;
      owner_.waiting_.emplace(number, this);
    }
    ~Entry() override { owner_.waiting_.erase(number); }
    [[nodiscard]] const Verdict* verdict() const override { return nullptr; }
    [[nodiscard]] Verdict TakeVerdict() override { return *std::exchange(reached, std::nullopt); }

    ScriptedValidations& owner_;
    Step step;
    Session session;
    Done done;
    std::optional<Verdict> reached;
    std::optional<Verdict> base;  // From which it goes on; of kMailFrom and kRecipient.
    std::size_t number = 0;
  };

  struct Front final : Validator {
    explicit Front(ScriptedValidations& owner) : owner_(owner) {}
    std::unique_ptr<Validation> Validate(Session session, Done done) override {
      ++owner_.started_;
      return std::make_unique<Entry>(owner_, Step::kName, std::move(session), std::move(done));
    }
    std::unique_ptr<Validation> ValidateMailFrom(std::shared_ptr<const Verdict> verdict,
                                                 std::string mail_from, Done done) override {
      Session session = verdict->session;
      session.mail_from = std::move(mail_from);
      return owner_.GoOn(*verdict, Step::kMailFrom, std::move(session), std::move(done));
    }
    std::unique_ptr<Validation> ValidateRecipient(const Verdict& verdict, std::string recipient,
                                                  Done done) override {
      Session session = verdict.session;
      session.recipient = std::move(recipient);
      ++owner_.callbacks_;
      return owner_.GoOn(verdict, Step::kRecipient, std::move(session), std::move(done));
    }
    std::vector<FileError> TakeComplaints() override {
      return std::exchange(owner_.complaints, {});
    }

    ScriptedValidations& owner_;
  };

  std::unique_ptr<Entry> GoOn(const Verdict& verdict, Step step, Session session, Done done) {
    exchanges_kept_ += verdict.exchanges.size();
    if (verdict.on_name) exchanges_kept_ += verdict.on_name->exchanges.size();
    auto entry = std::make_unique<Entry>(*this, step, std::move(session), std::move(done));
    entry->base = verdict;
    return entry;
  }

  Entry* OldestMailFrom() {
    for (const auto& [number, entry] : waiting_) {
      if (entry->step == Step::kMailFrom) return entry;
    }
    return nullptr;
  }

  // One that the policy makes this action of, under the profile standard; defer: strict.
  static CheckResult ResultFor(Action action) {
    switch (action) {
      case Action::kReject:
        return {CheckId::kCsa, Result::kFail, Reason::kAddressMismatch};
      case Action::kDefer:
        return {CheckId::kCsa, Result::kTemperror, Reason::kDns};
      case Action::kTag:
      case Action::kAccept:
        break;
    }
    return {CheckId::kCsa, Result::kNone, Reason::kNoRecord};
  }

  // What Finish was given.
  Action ActionBehind(const Verdict& verdict) const {
    if (!settings_) return verdict.action;
    switch (verdict.Find(CheckId::kCsa)->result) {
      case Result::kFail:
        return Action::kReject;
      case Result::kTemperror:
        return Action::kDefer;
      default:
        return Action::kTag;
    }
  }

  void Finish(Entry* entry, Action action) {
    const CheckResult csa = ResultFor(action);
    Verdict verdict{.session = entry->session,
                    .trust = action == Action::kReject ? Trust::kLow : Trust::kUnknown,
                    .action = action,
                    .decided_by = {CheckId::kCsa, csa.reason}};
    verdict.checks.push_back(csa);
    if (entry->base) {
      const Verdict& base = *entry->base;
      verdict.on_name = base.on_name ? base.on_name : std::make_shared<const Verdict>(base);
      verdict.exchanges = base.exchanges;
    }
    verdict.exchanges.push_back({.name = "mail.example.com", .type = "SRV", .outcome = "ok"});
    if (settings_) verdict = ForRecipient(std::move(verdict), entry->session.recipient, *settings_);
    Announce(entry, verdict);
  }

  void Announce(Entry* entry, const Verdict& verdict) {
    // `done` may destroy the validation, itself included.
    waiting_.erase(entry->number);
    Done done = std::move(entry->done);
    entry->reached = verdict;
    done(verdict);
  }

  std::size_t started_ = 0;
  std::size_t entries_ = 0;
  std::size_t callbacks_ = 0;
  std::size_t exchanges_kept_ = 0;
  std::map<std::size_t, Entry*> waiting_;
  std::map<std::string, Action> actions_;
  std::optional<Config> settings_;
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_OPENSMTPD_SCRIPTED_VALIDATIONS_H_
