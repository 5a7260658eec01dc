#include "lists/list_file.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "base/read_file.h"
#include "helovet/local_lists.h"

namespace helovet {
namespace {

constexpr std::size_t kPieceOctets = std::size_t{64} * 1024;
constexpr std::size_t kMaxQuotedOctets = 40;  // Of an overlong line in a message.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool IsBlank(char octet) { return octet == ' ' || octet == '\t'; }

// `line` up to its comment.
std::string_view WithoutComment(std::string_view line) {
  for (std::size_t hash = line.find('#'); hash != std::string_view::npos;
       hash = line.find('#', hash + 1)) {
    if (hash == 0 || IsBlank(line[hash - 1])) return line.substr(0, hash);
  }
  return line;
}

// Takes a file's octets, cut anywhere, and makes entries and mistakes of its lines.
class ListParser {
 public:
  explicit ListParser(const std::string& path) : path_(path) {}

  void TakePiece(std::string_view piece);
  // The end of the file, and of its last line.
  void Finish(ListReading& reading);

 private:
  void TakeLine(std::string_view line);
  void KeepPart(std::string_view part);
  void Complain(std::size_t offset, std::string message);

  const std::string& path_;
  ListTable table_;
  std::vector<FileError> errors_;
  std::size_t untold_ = 0;  // Mistakes beyond kMaxListComplaints.
  std::uint32_t line_ = 0;  // The number of the line that TakeLine is at.
  std::string part_;        // Of a line that began in a former piece.
};

void ListParser::TakePiece(std::string_view piece) {
  for (;;) {
    const std::size_t end = piece.find('\n');
    if (end == std::string_view::npos) break;
    if (part_.empty()) {
      TakeLine(piece.substr(0, end));
    } else {
      KeepPart(piece.substr(0, end));
      TakeLine(std::exchange(part_, {}));
    }
    piece.remove_prefix(end + 1);
  }
  KeepPart(piece);
}

// No more than tells that the line is too long, a CR at its end notwithstanding.
void ListParser::KeepPart(std::string_view part) {
  part_ += part.substr(0, kMaxListLineOctets + 2 - std::min(part_.size(), kMaxListLineOctets + 2));
}

void ListParser::TakeLine(std::string_view line) {
  ++line_;
  if (line_ == 1 && line.starts_with(kByteOrderMark)) {
    return Complain(0, "a byte order mark: the file must be plain ASCII but for its comments");
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > kMaxListLineOctets) {
    return Complain(kMaxListLineOctets, '"' + std::string(line.substr(0, kMaxQuotedOctets)) +
                                            "...\" is a line of more than " +
                                            std::to_string(kMaxListLineOctets) + " octets");
  }
  const std::size_t nul = line.find('\0');
  if (nul != std::string_view::npos) return Complain(nul, "a NUL: this is no text");

  std::string_view text = WithoutComment(line);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  const auto begin = std::find_if_not(text.begin(), text.end(), IsBlank);
  const auto indent = static_cast<std::size_t>(begin - text.begin());
  text.remove_prefix(indent);
  if (text.empty()) return;
  tl::expected<ListEntry, ListEntryError> entry = ParseListEntry(text);
  if (!entry) return Complain(indent + entry.error().offset, std::move(entry.error().message));
  table_.Add(*entry, line_);
}

void ListParser::Complain(std::size_t offset, std::string message) {
  if (errors_.size() == kMaxListComplaints) {
    ++untold_;
    return;
  }
  errors_.push_back(
      {path_, static_cast<int>(line_), static_cast<int>(offset + 1), std::move(message)});
}

void ListParser::Finish(ListReading& reading) {
  if (!part_.empty()) TakeLine(std::exchange(part_, {}));
  table_.Seal();
  if (untold_ > 0) {
    errors_.push_back({path_, 0, 0, "has " + std::to_string(untold_) + " more mistakes"});
  }
  reading.table = std::move(table_);
  reading.errors = std::move(errors_);
}

// 0, or the errno(3) value that says why the file cannot be read to its end.
int ReadThrough(InputFile& file, ListParser& parser) {
  if (file.identity().size > static_cast<off_t>(kMaxListFileOctets)) return EFBIG;
  std::vector<char> buffer(kPieceOctets);
  std::size_t octets = 0;
  for (;;) {
    const tl::expected<std::size_t, int> count = file.Read(buffer);
    if (!count) return count.error();
    if (*count == 0) return 0;
    octets += *count;
    if (octets > kMaxListFileOctets) return EFBIG;
    parser.TakePiece({buffer.data(), *count});
  }
}

// Longer than the tick of a clock that a file system takes its times from: of the kernel's slowest
// timer, or of one that counts whole seconds. A time in the future is another host's clock, of
// which nothing is known.
bool IsSettled(const FileIdentity& identity, std::chrono::nanoseconds now) {
  constexpr std::chrono::milliseconds kFineTick{100};
  constexpr std::chrono::seconds kCoarseTick{2};
  const bool coarse = identity.changed % std::chrono::seconds(1) == std::chrono::nanoseconds(0);
  const std::chrono::nanoseconds tick = coarse ? std::chrono::nanoseconds(kCoarseTick) : kFineTick;
  const std::chrono::nanoseconds age = now - identity.changed;
  return age > tick || age < -tick;
}

}  // namespace

void ListTable::Add(const ListEntry& entry, std::uint32_t line) {
  if (entry.network) {
    networks.Add(*entry.network, line);
  } else {
    names.Add(entry.name, line);
  }
}

void ListTable::Seal() {
  names.Seal();
  networks.Seal();
}

ListReading ReadListFile(const std::string& path) {
  ListReading reading;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  tl::expected<InputFile, int> file = InputFile::Open(path);
  int error = file ? 0 : file.error();
  if (file) {
    ListParser parser(path);
    error = ReadThrough(*file, parser);
    if (error == 0) parser.Finish(reading);
    reading.settled = IsSettled(file->identity(), now);
  }
  reading.read = error == 0;
  if (error != 0) {
    reading.errors.push_back({path, 0, 0, WhyUnreadable(error, kMaxListFileOctets)});
  }
  if (reading.read || (file && error == EFBIG)) reading.identity = file->identity();
  return reading;
}

}  // namespace helovet
