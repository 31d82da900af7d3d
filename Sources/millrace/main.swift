import FoundationEssentials
import Glibc
import MillraceCore
import MillraceRuntime

// Standard output may be a pipe whose reader leaves: writing then fails with EPIPE, which the
// output handles, in place of a signal that would end a collector.
signal(SIGPIPE, SIG_IGN)
StandardStreams.hold()
Limits.assertRelations()
ProcessUsage.boundMemory()

let code = await Program.main(
  Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
exit(code.rawValue)
