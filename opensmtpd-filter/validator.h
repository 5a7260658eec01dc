// What the filter asks of an engine, so that tests can answer in its place.
#ifndef HELOVET_OPENSMTPD_FILTER_VALIDATOR_H_
#define HELOVET_OPENSMTPD_FILTER_VALIDATOR_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/file_error.h"
#include "helovet/loop.h"
#include "helovet/session.h"
#include "helovet/verdict.h"

namespace helovet {

// The functions of Engine, which see.
class Validator {
 public:
  using Done = absl::AnyInvocable<void(const Verdict&)>;

  Validator() = default;
  virtual ~Validator() = default;
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;

  [[nodiscard]] virtual std::unique_ptr<Validation> Validate(Session session, Done done) = 0;
  [[nodiscard]] virtual std::unique_ptr<Validation> ValidateMailFrom(
      std::shared_ptr<const Verdict> verdict, std::string mail_from, Done done) = 0;
  [[nodiscard]] virtual std::unique_ptr<Validation> ValidateRecipient(const Verdict& verdict,
                                                                      std::string recipient,
                                                                      Done done) = 0;
  [[nodiscard]] virtual std::vector<FileError> TakeComplaints() = 0;
};

// One engine for all sessions, which keeps answers between them. The loop must outlive it.
class EngineValidator final : public Validator {
 public:
  EngineValidator(Loop& loop, const std::shared_ptr<const Config>& config)
      : engine_(loop, config, nullptr, AnswerMemory::kKept, Statistics::kKept, Trail::kOutcomes) {}

  [[nodiscard]] std::unique_ptr<Validation> Validate(Session session, Done done) override {
    return engine_.Validate(std::move(session), std::move(done));
  }
  [[nodiscard]] std::unique_ptr<Validation> ValidateMailFrom(std::shared_ptr<const Verdict> verdict,
                                                             std::string mail_from,
                                                             Done done) override {
    return engine_.ValidateMailFrom(std::move(verdict), std::move(mail_from), std::move(done));
  }
  [[nodiscard]] std::unique_ptr<Validation> ValidateRecipient(const Verdict& verdict,
                                                              std::string recipient,
                                                              Done done) override {
    return engine_.ValidateRecipient(verdict, std::move(recipient), std::move(done));
  }
  [[nodiscard]] std::vector<FileError> TakeComplaints() override {
    return engine_.TakeComplaints();
  }

 private:
  Engine engine_;
};

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_VALIDATOR_H_
