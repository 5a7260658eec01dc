// RFC 8601 §2.2, as far as a field without comments and version needs it, read strictly.
#ifndef HELOVET_TESTS_CORE_RENDER_AUTHRES_GRAMMAR_H_
#define HELOVET_TESTS_CORE_RENDER_AUTHRES_GRAMMAR_H_

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"

namespace helovet {

struct AuthresStatement {
  std::string method;
  std::string result;
  std::optional<std::string> reason;
  std::map<std::string, std::string> properties;  // By "ptype.property".
};

struct AuthresField {
  std::string authserv_id;
  std::vector<AuthresStatement> statements;
};

class AuthresParser {
 public:
  // Empty: the lines are no such field.
  static std::optional<AuthresField> Parse(const std::vector<std::string>& lines) {
    std::string unfolded;  // RFC 5322 §2.2.3
    for (const std::string& line : lines) unfolded += line;
    constexpr std::string_view kName = "Authentication-Results:";
    if (!unfolded.starts_with(kName)) return std::nullopt;
    return AuthresParser(std::string_view(unfolded).substr(kName.size())).Field();
  }

 private:
  explicit AuthresParser(std::string_view rest) : rest_(rest) {}

  std::optional<AuthresField> Field() {
    AuthresField field;
    SkipSpace();
    const std::optional<std::string> id = Value();
    if (!id) return std::nullopt;
    field.authserv_id = *id;
    do {
      SkipSpace();
      if (!Take(';')) return std::nullopt;
      SkipSpace();
      std::optional<AuthresStatement> statement = Statement();
      if (!statement) return std::nullopt;
      field.statements.push_back(*std::move(statement));
    } while (!rest_.empty());
    return field;
  }

  std::optional<AuthresStatement> Statement() {
    AuthresStatement statement;
    statement.method = Keyword();
    if (statement.method.empty() || !Take('=')) return std::nullopt;
    statement.result = Keyword();
    if (statement.result.empty()) return std::nullopt;
    while (SkipSpace() && !rest_.empty() && rest_.front() != ';') {
      std::string name = Keyword();
      if (Take('.')) name += "." + Keyword();
      if (!Take('=')) return std::nullopt;
      const std::optional<std::string> value = PropertyValue();
      if (!value) return std::nullopt;
      const bool is_reason = name == "reason";
      if (is_reason == (name.find('.') != name.npos)) return std::nullopt;
      if (is_reason && !statement.properties.empty()) return std::nullopt;
      if (is_reason) {
        statement.reason = value;
      } else if (!statement.properties.emplace(name, *value).second) {
        return std::nullopt;
      }
    }
    return statement;
  }

  // RFC 5321 §4.1.2: letters, digits and hyphens, no hyphen at the end.
  std::string Keyword() {
    std::string word;
    while (!rest_.empty() &&
           (IsAsciiLetter(rest_.front()) || IsAsciiDigit(rest_.front()) || rest_.front() == '-')) {
      word += rest_.front();
      rest_.remove_prefix(1);
    }
    return word.ends_with('-') ? "" : word;
  }

  // RFC 8601 §2.2, pvalue: a value, or a mailbox of a dot-atom and a domain-name (RFC 6376 §3.5).
  std::optional<std::string> PropertyValue() {
    std::optional<std::string> value = Value();
    if (!value || !Take('@')) return value;
    const std::string dotted = "." + *value + ".";
    if (dotted.find("..") != dotted.npos) return std::nullopt;
    *value += '@';
    int labels = 0;
    do {
      const std::string label = Keyword();
      if (label.empty() || label.starts_with('-')) return std::nullopt;
      *value += (labels++ == 0 ? "" : ".") + label;
    } while (Take('.'));
    return labels < 2 ? std::nullopt : value;
  }

  // RFC 2045 §5.1: a token or a quoted-string.
  std::optional<std::string> Value() {
    if (Take('"')) return Quoted();
    constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?= ";
    const std::size_t end = std::min(rest_.find_first_of(kSpecials), rest_.size());
    if (end == 0) return std::nullopt;
    const std::string token(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return token;
  }

  std::optional<std::string> Quoted() {
    std::string text;
    while (!rest_.empty()) {
      if (Take('"')) return text;
      Take('\\');
      if (rest_.empty() || !IsAsciiPrintable(rest_.front())) return std::nullopt;
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    return std::nullopt;
  }

  bool SkipSpace() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    return true;
  }

  bool Take(char octet) {
    if (rest_.empty() || rest_.front() != octet) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

}  // namespace helovet

#endif  // HELOVET_TESTS_CORE_RENDER_AUTHRES_GRAMMAR_H_
