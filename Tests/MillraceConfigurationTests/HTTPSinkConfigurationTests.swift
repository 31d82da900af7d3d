import MillraceConfiguration
import Testing

@Suite(.timeLimit(.minutes(10)))
struct `The configuration of sinks that speak HTTP` {
  @Test func `has every key with its meaning`() throws {
    let configuration = try parsed(
      oneTenant + """
        sinks:
          a:
            type: http
            url: https://collector.example.com/in
            method: PUT
            encoding: array
            compression: zstd
            concurrency: 8
            timeout: 30s
            tls: {ca: ca.pem, certificate: me.pem, key: me.key, server_name: siem.internal}
          b:
            type: splunk_hec
            url: https://splunk.example.com:8088
            token: file:/run/token
            endpoint: raw
            host: collector
            channel: FE0ECFAD-13D5-401B-847D-77833BD77131
            acknowledgement: true
            compression: gzip
          c:
            type: elasticsearch
            urls: [https://a.example.com:9200, https://b.example.com:9200]
            index: audit-{tenant}
            op: index
            batch: {events: 5000}
          d:
            type: sentinel
            endpoint: https://x.ingest.monitor.azure.com
            rule_id: dcr-1
            stream: Custom-Audit
            tenant_id: 41463f53-8812-40f4-890f-865bf6e35190
            client_id: 9b2c1d7e-0000-4000-8000-000000000001
            login: https://login.microsoftonline.us
            credential: {client_secret: "file:/run/secret"}

        """)
    let sinks = configuration.sinks
    guard case .http(let http) = sinks[0].settings, case .splunk(let splunk) = sinks[1].settings,
      case .elasticsearch(let elastic) = sinks[2].settings,
      case .sentinel(let sentinel) = sinks[3].settings
    else {
      Issue.record("the types are not those written")
      return
    }
    #expect(http.method == .put && http.encoding == .array && http.compression == .zstd)
    #expect(http.requests.concurrency == 8 && http.requests.timeout == .seconds(30))
    #expect(http.tls.serverName == "siem.internal" && http.tls.keyPath?.hasSuffix("me.key") == true)
    #expect(splunk.endpoint == .raw && splunk.acknowledgement && splunk.compression == .gzip)
    #expect(splunk.host == "collector" && splunk.channel != nil)
    #expect(elastic.operation == .index && elastic.urls.count == 2)
    #expect(sentinel.login == "https://login.microsoftonline.us" && sentinel.compression == .gzip)
    #expect(sinks.map(\.batch.events) == [1000, 1000, 5000, 1000])
    #expect(sinks.map(\.batch.bytes) == Array(repeating: 1 << 20, count: 4))
  }

  @Test(arguments: [
    ("type: http, url: \"http://collector.example.com/\"", "http:// is for loopback"),
    ("type: http, url: \"http://127.0.0.1:1/\", tls: {ca: a}", "belongs to https://"),
    ("type: http, url: \"https://a.example.com\", method: GET", "GET"),
    ("type: http, url: \"https://a.example.com\", concurrency: 33", "33"),
    (
      "type: splunk_hec, url: \"https://a.example.com/services/collector\", token: \"file:t\"",
      "only scheme and host"
    ),
    (
      "type: splunk_hec, url: \"https://a.example.com\", token: \"file:t\", acknowledgement: maybe",
      "neither true nor false"
    ),
    ("type: elasticsearch, urls: \"https://a.example.com\", index: a, op: update", "update"),
  ])
  func `is refused where it cannot be right`(_ sink: String, _ words: String) {
    let found = complaints(oneTenant + "sinks: {a: {\(sink)}}\n")
    #expect(found.contains { $0.contains(words) }, "\(found)")
  }
}
