import MillraceConfiguration
import MillraceCore
import MillraceSinks

extension SinkFactory {
  /// A sink that writes files.
  func file(
    _ sink: SinkConfiguration, _ settings: FileSinkSettings
  ) throws(SetupError) -> Made {
    let template: PathTemplate
    do throws(SinkError) {
      template = try PathTemplate(settings.path, sink: sink.name)
    } catch {
      throw SetupError(error.description)
    }
    return Made(
      sink: FileSink(
        name: sink.name, template: template, options: FileSink.Options(settings), log: log),
      facts: template.namesWorkload ? .workload : [])
  }
}

extension FileSink.Options {
  fileprivate init(_ settings: FileSinkSettings) {
    self.init()
    compression =
      switch settings.compression {
      case .none: .none
      case .gzip: .gzip
      case .zstd: .zstd
      }
    rotation = FileRotation(bytesMax: settings.rotate.size, every: settings.rotate.every)
    retention = settings.keep
    if let mode = settings.mode { (fileMode, isFileModeExact) = (mode, true) }
    if let mode = settings.folderMode { (folderMode, isFolderModeExact) = (mode, true) }
  }
}
