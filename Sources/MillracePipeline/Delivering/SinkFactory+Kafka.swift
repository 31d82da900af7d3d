import MillraceConfiguration
import MillraceSinks

#if Kafka
import MillraceCore
import MillraceKafkaSink

extension SinkFactory {
  /// Nothing to refuse: this program was built with librdkafka.
  static func checkKafka(_ sink: SinkConfiguration) throws(SetupError) {}

  /// A sink that sends to Kafka.
  func kafka(
    _ sink: SinkConfiguration, _ settings: KafkaSinkSettings
  ) throws(SetupError) -> Made {
    let topic = KafkaTopic(
      settings.topic.parts.map { part in
        switch part {
        case .text(let text): .text(text)
        case .placeholder(.contentType): .contentType
        case .placeholder: .tenant
        }
      })
    var options = KafkaOptions(brokers: settings.brokers, topic: topic)
    options.key =
      switch settings.key {
      case .none: .none
      case .tenant: .tenant
      case .user: .user
      }
    options.compression = settings.compression.rawValue
    options.format = sink.format.rawValue
    options.messageBytesMax = settings.messageBytesMax
    options.tls = settings.tls.map { tls in
      KafkaOptions.TLS(
        authorityPath: tls.authorityPath, certificatePath: tls.certificatePath,
        keyPath: tls.keyPath)
    }
    if let username = settings.username, let password = settings.password {
      options.login = KafkaOptions.Login(
        mechanism: settings.mechanism.rawValue.uppercased(), username: username
      ) { [name = sink.name] in
        password.result(sink: name)
      }
    }
    return Made(
      sink: KafkaSink(name: sink.name, options: options, log: log),
      facts: settings.key == .user ? [.id, .user] : [.id])
  }
}

extension Secret {
  /// The password, or why a sink cannot have it.
  fileprivate func result(sink: String) -> Result<String, SinkError> {
    do throws(ConfigurationError) {
      return .success(try read())
    } catch {
      return .failure(
        SinkError(
          sink: sink, operation: "read", subject: "password", message: "\(error)",
          kind: .rejected))
    }
  }
}

#else
extension SinkFactory {
  /// Refuses Kafka, and says how to build a program that has it.
  static func checkKafka(_ sink: SinkConfiguration) throws(SetupError) {
    throw SetupError(
      "sink \(sink.name): this millrace was built without Kafka; build it with"
        + " \"make build TRAITS=Kafka\" (swift build -c release --traits Kafka), which needs"
        + " librdkafka-dev")
  }

  /// Never comes to it.
  func kafka(
    _ sink: SinkConfiguration, _ settings: KafkaSinkSettings
  ) throws(SetupError) -> Made {
    try SinkFactory.checkKafka(sink)
    throw SetupError("sink \(sink.name): its type is not known to this version")
  }
}
#endif
