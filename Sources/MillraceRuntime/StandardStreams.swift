import Glibc

/// The descriptors 0, 1 and 2.
package enum StandardStreams {
  /// Keeps files of the program from getting the numbers of streams it was started without, where
  /// what is meant for a reader would be written into them. Such a stream gives nothing, and
  /// writing to it fails. To be called once, first of all.
  package static func hold() {
    for descriptor in STDIN_FILENO...STDERR_FILENO
    where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest free number is this one, as all below it are open. Without /dev/null nothing can
      // be held, and nothing is lost by trying.
      _ = open("/dev/null", O_RDONLY)
    }
  }
}
