// A second opinion on what a filter may say: smtpd's own rules, read strictly.
#ifndef HELOVET_TESTS_OPENSMTPD_PROTOCOL_CHECKER_H_
#define HELOVET_TESTS_OPENSMTPD_PROTOCOL_CHECKER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace helovet::testing {

struct Answer {
  enum class Kind : std::uint8_t { kProceed, kJunk, kReject, kDataLine };
  Kind kind = Kind::kProceed;
  std::uint64_t session = 0;
  std::uint64_t token = 0;
  std::string text;  // The reply, or the line of the message.
};

// Follows a filter's output from its first line. What smtpd 6.8 or 7.8 would end at (processor_io,
// processor_register, lka_filter_process_response in lka_filter.c), be disturbed by, or refuse
// (valid_smtp_response in util.c), becomes a complaint.
class ProtocolChecker {
 public:
  // Complete lines, each with its line feed.
  void Feed(std::string_view output);

  [[nodiscard]] bool registered() const { return registered_; }
  [[nodiscard]] const std::vector<std::string>& registrations() const { return registrations_; }
  [[nodiscard]] const std::vector<Answer>& answers() const { return answers_; }
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
  void ForgetAnswers() { answers_.clear(); }

 private:
  void Line(std::string_view line);
  void Registration(std::string_view line);
  void Response(std::string_view line);

  bool registered_ = false;
  std::vector<std::string> registrations_;
  std::vector<Answer> answers_;
  std::vector<std::string> complaints_;
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_OPENSMTPD_PROTOCOL_CHECKER_H_
