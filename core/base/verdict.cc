#include "helovet/verdict.h"

#include <algorithm>

namespace helovet {

std::string_view ToString(Trust trust) {
  switch (trust) {
    case Trust::kLow:
      return "low";
    case Trust::kUnknown:
      return "unknown";
    case Trust::kHigh:
      return "high";
  }
  return "";
}

std::string_view ToString(Action action) {
  switch (action) {
    case Action::kAccept:
      return "accept";
    case Action::kTag:
      return "tag";
    case Action::kDefer:
      return "defer";
    case Action::kReject:
      return "reject";
  }
  return "";
}

std::string_view ToString(Profile profile) {
  switch (profile) {
    case Profile::kObserve:
      return "observe";
    case Profile::kStandard:
      return "standard";
    case Profile::kStrict:
      return "strict";
    case Profile::kCustom:
      return "custom";
  }
  return "";
}

const CheckResult* Verdict::Find(CheckId check) const {
  const auto found = std::ranges::find_if(checks, [&](const CheckResult& result) {
    return result.check == check && result.result != Result::kSkipped;
  });
  return found == checks.end() ? nullptr : &*found;
}

}  // namespace helovet
