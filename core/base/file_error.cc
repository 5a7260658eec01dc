#include "helovet/file_error.h"

#include "base/printable.h"

namespace helovet {

std::string FileError::ToString() const {
  std::string text = file;
  if (line > 0) text += ':' + std::to_string(line);
  if (line > 0 && column > 0) text += ':' + std::to_string(column);
  return Printable(text + ": " + message);
}

}  // namespace helovet
