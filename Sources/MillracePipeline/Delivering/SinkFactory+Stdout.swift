import MillraceConfiguration
import MillraceRuntime
import MillraceSinks

extension SinkFactory {
  /// A sink that writes to standard output, and ends the program with its reader.
  func stdout(_ sink: SinkConfiguration) -> Made {
    Made(sink: StdoutSink(name: sink.name, readerLeft: { Signals.endByBrokenPipe() }))
  }
}
