import MillraceConfiguration
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillracePipeline

struct KafkaSettingsTests {
  private func sink(_ keys: String = "") throws -> SinkConfiguration {
    let text = """
      store: {path: /tmp/millrace-unused}
      tenants:
        - id: 41463f53-8812-40f4-890f-865bf6e35190
          name: contoso
          client_id: 9b2c1d7e-0000-4000-8000-000000000001
          credential: {client_secret: file:/nowhere}
      sinks:
        bus: {type: kafka, brokers: ["127.0.0.1:9"], topic: audit\(keys)}
      """
    let configuration = try Configuration.parse(
      Array(text.utf8), name: "millrace.yaml", environment: [:])
    return try #require(configuration.sinks.first)
  }

  #if Kafka
  @Test func `a Kafka sink asks for the facts that its keys and headers are made of`() throws {
    let factory = SinkFactory(places: nil, log: .silent)
    #expect(try factory.delivery(try sink()).encoding.facts == [.id])
    #expect(try factory.delivery(try sink(", key: user")).encoding.facts == [.id, .user])
  }
  #else
  @Test func `a program without Kafka says how to build one that has it`() throws {
    let sink = try sink()
    let error = #expect(throws: SetupError.self) { try SinkFactory.checkBuilt(sink) }
    #expect(error?.description.contains("swift build -c release --traits Kafka") == true)
    #expect(error?.description.contains("sink bus") == true)
  }
  #endif
}
