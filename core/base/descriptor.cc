#include "base/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace helovet {

void OwnedDescriptor::Close() {
  const int fd = Release();
  if (fd < 0) return;
  const int error = errno;
  close(fd);
  errno = error;
}

}  // namespace helovet
