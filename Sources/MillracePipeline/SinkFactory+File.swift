import MillraceConfiguration
import MillraceSinks

extension SinkFactory {
  /// A sink that writes files.
  func file(
    _ sink: SinkConfiguration, _ settings: FileSinkSettings
  ) throws(SetupError) -> Made {
    let template: MillraceSinks.PathTemplate
    do throws(SinkError) {
      template = try MillraceSinks.PathTemplate(settings.path.description, sink: sink.name)
    } catch {
      throw SetupError(error.description)
    }
    return Made(sink: FileSink(name: sink.name, template: template, log: log))
  }
}
