import MillraceCore
import MillraceRuntime
import MillraceSinks

/// A file sink that writes below a test's folder.
func fileSink(
  in folder: TemporaryFolder, _ template: String,
  operations: FileOperations = .system, log: Log = .silent,
  change: (inout FileSink.Options) -> Void = { _ in }
) throws -> FileSink {
  var options = FileSink.Options()
  change(&options)
  return FileSink(
    name: "archive",
    template: try PathTemplate(NameTemplate(folder.path + "/" + template), sink: "archive"),
    options: options, log: log, operations: operations)
}
