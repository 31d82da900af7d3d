import MillraceConfiguration
import MillraceCore
import Testing

struct ConfigurationTests {
  @Test func `defaults are those of the interface`() throws {
    let configuration = try parsed(oneTenant + oneSink)
    #expect(configuration.store.path == "/var/lib/millrace")
    #expect(configuration.store.retention == .seconds(30 * 86_400))
    #expect(configuration.store.maxSize == 50 << 30)
    #expect(configuration.store.whenFull == .pause)
    #expect(configuration.deduplicate == .seconds(8 * 86_400))
    #expect(configuration.console == nil)
    #expect(configuration.warnings.isEmpty)
    let tenant = try #require(configuration.tenants.first)
    #expect(tenant.identifier == "41463f53-8812-40f4-890f-865bf6e35190")
    #expect(tenant.id?.description == tenant.identifier)
    #expect(tenant.name == tenant.identifier)
    #expect(tenant.domains.isEmpty)
    #expect(tenant.cloud == CloudConfiguration(.worldwide))
    #expect(tenant.clientID == "9b2c1d7e-0000-4000-8000-000000000001")
    #expect(tenant.contentTypes == ContentType.allCases)
    #expect(tenant.pollInterval == .seconds(60))
    #expect(tenant.relist.span == .seconds(86_400))
    #expect(tenant.relist.every == .seconds(3600))
    #expect(tenant.publisherID == tenant.identifier)
    #expect(tenant.requestsPerMinute == 2000)
    let sink = try #require(configuration.sinks.first)
    #expect(sink.name == "archive")
    #expect(sink.kind == .file)
    #expect(sink.format == .native)
    #expect(sink.raw == .off)
    #expect(sink.from == .oldest)
    #expect(sink.filter.isEmpty)
    #expect(sink.batch.events == Limits.batchEventsMax)
    #expect(sink.retry.max == .seconds(300))
  }

  @Test func `what is written wins over the defaults`() throws {
    let configuration = try parsed(
      """
      store: {path: state, retention: 1h30m, max_size: 10MB, when_full: drop_oldest}
      deduplicate: off
      tenants:
        - id: Contoso.Example
          name: contoso
          domains: [Contoso.com, contoso.net]
          cloud: {login: "http://127.0.0.1:8366/", api: "http://[::1]:8366", resource: "https://manage.office.com"}
          client_id: 9B2C1D7E-0000-4000-8000-000000000001
          credential: {certificate: {path: a.pem, key: a.key}}
          content_types: [audit.exchange, DLP.All]
          poll_interval: 500ms
          relist: {span: 2d, every: 30m}
          requests_per_minute: 1
      sinks:
        b: {type: stdout, format: ecs, raw: string, from: 2026-03-04}
        a: {type: file, path: "{tenant}/{date}-{hour}.ndjson", from: now}
      console: {listen: "[::1]:0"}
      """.replacing("500ms", with: "5s"))
    #expect(configuration.store.path == "state")
    #expect(configuration.store.retention == .seconds(5400))
    #expect(configuration.store.maxSize == 10_000_000)
    #expect(configuration.store.whenFull == .dropOldest)
    #expect(configuration.deduplicate == nil)
    let tenant = configuration.tenants[0]
    #expect(tenant.identifier == "contoso.example")
    #expect(tenant.id == nil)
    #expect(tenant.domains == ["contoso.com", "contoso.net", "contoso.example"])
    #expect(tenant.publisherID == nil)
    #expect(tenant.cloud.name == nil)
    #expect(tenant.cloud.login == "http://127.0.0.1:8366")
    #expect(tenant.cloud.resource == "https://manage.office.com")
    #expect(tenant.clientID == "9b2c1d7e-0000-4000-8000-000000000001")
    #expect(tenant.contentTypes == [.exchange, .dlp])
    guard case .certificate(let certificate) = tenant.credential else {
      Issue.record("a certificate was written")
      return
    }
    #expect(certificate.keyPath == "a.key" && !certificate.isPKCS12)
    #expect(configuration.sinks.map(\.name) == ["b", "a"])
    #expect(configuration.sinks[0].raw == .string)
    #expect(
      configuration.sinks[0].from == .time(try #require(Timestamp("2026-03-04T00:00:00Z"))))
    guard case .file(let file) = configuration.sinks[1].settings else {
      Issue.record("a file was written")
      return
    }
    #expect(
      file.path.parts == [
        .placeholder(.tenant), .text("/"), .placeholder(.date), .text("-"), .placeholder(.hour),
        .text(".ndjson"),
      ])
    #expect(configuration.console?.host == "::1")
    #expect(configuration.console?.port == 0)
  }

  @Test func `the sample parses without errors or warnings`() throws {
    let configuration = try parsed(SampleConfiguration.text)
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.tenants.map(\.name) == ["contoso"])
    #expect(configuration.console?.port == 8365)
  }

  @Test func `the sample parses with its comments taken off`() throws {
    let lines = SampleConfiguration.text.split(separator: "\n").map(String.init)
    let siem = try #require(lines.firstIndex { $0.contains("# siem:") })
    let uncommented = lines.enumerated().map { index, line in
      let body = line.drop { $0 == " " }
      guard body.hasPrefix("# ") else { return line }
      let isSetting =
        ["raw:", "from:", "filter:", "  include:", "  exclude:", "batch:", "retry:"]
        .contains { body.dropFirst(2).hasPrefix($0) } || (siem..<siem + 4).contains(index)
        || ["content_types:", "poll_interval:", "relist:", "requests_per_minute:"]
          .contains { body.dropFirst(2).hasPrefix($0) }
      return isSetting ? line.replacing("# ", with: "", maxReplacements: 1) : line
    }
    let configuration = try parsed(uncommented.joined(separator: "\n"))
    #expect(configuration.sinks.map(\.name) == ["archive", "siem"])
    #expect(configuration.sinks[0].filter.exclude[0].users == ["*@service.example.com"])
  }

  @Test func `every cloud has its addresses`() throws {
    for name in CloudConfiguration.Name.allCases {
      let configuration = try parsed(
        oneTenant + "    cloud: \(name.rawValue)\n" + oneSink)
      let cloud = configuration.tenants[0].cloud
      #expect(cloud.name == name)
      #expect(cloud.resource == cloud.api && !cloud.login.hasSuffix("/"))
    }
    #expect(CloudConfiguration(.gccHigh).api == "https://manage.office365.us")
    #expect(CloudConfiguration(.dod).login == "https://login.microsoftonline.us")
  }

  @Test func `every type of sink parses with its settings`() throws {
    let configuration = try parsed(
      oneTenant + """
        sinks:
          a: {type: syslog, address: "tls://siem.example.com", format: ecs, tls: {ca: ca.pem}}
          b: {type: syslog, address: "unix:/dev/log"}
          c: {type: http, url: "https://collector.example.com/in/", headers: {X-Team: blue}, compression: gzip}
          d: {type: splunk_hec, url: "https://splunk.example.com:8088", token: "file:/run/t", index: main}
          e: {type: elasticsearch, urls: ["https://elastic.example.com"], index: "audit-{date}"}
          f:
            type: sentinel
            endpoint: https://x.ingest.example.com
            rule_id: dcr-1
            stream: Custom-A
            tenant_id: 41463f53-8812-40f4-890f-865bf6e35190
            credential: {managed_identity: {}}
          g: {type: kafka, brokers: ["kafka.example.com:9092"], topic: audit, tls: {}}
          h: {type: stdout}
          i: {type: file, path: out.ndjson}
        """)
    #expect(
      Set(configuration.sinks.map(\.kind)) == Set(SinkConfiguration.Kind.allCases))
    guard case .syslog(let first) = configuration.sinks[0].settings,
      case .syslog(let second) = configuration.sinks[1].settings,
      case .http(let http) = configuration.sinks[2].settings,
      case .kafka(let kafka) = configuration.sinks[6].settings
    else {
      Issue.record("the settings follow the type")
      return
    }
    #expect(first.address == .tls(host: "siem.example.com", port: 6514))
    #expect(second.address == .unix(path: "/dev/log"))
    #expect(http.url == "https://collector.example.com/in" && http.compression == .gzip)
    #expect(kafka.tls != nil)
    #expect(configuration.sinks[4].format == .ecs)
  }

  @Test func `filters take one pattern or several, values alone or in lists`() throws {
    let configuration = try parsed(
      oneTenant + """
        sinks:
          a:
            type: stdout
            filter:
              include:
                - {content_types: Audit.Exchange, record_types: [8, ExchangeItem]}
                - {workloads: [SharePoint]}
              exclude: {users: "*@example.com", operations: [FileAccessed, Sync]}
            batch: {events: 5, bytes: 64KiB, time: 250ms}
            retry: {initial: 2s, max: 1m}
        """)
    let sink = configuration.sinks[0]
    #expect(sink.filter.include.count == 2)
    #expect(sink.filter.include[0].contentTypes == [.exchange])
    let types = sink.filter.include[0].recordTypes
    #expect(types.count == 2 && types[0] == .number(8))
    if case .name(let name) = types[1] {
      #expect(name.text == "ExchangeItem")
      #expect(name.error("no").description.hasSuffix("record_types[1]: no"))
    } else {
      Issue.record("\(types[1]) is no name")
    }
    #expect(sink.filter.exclude[0].operations == ["FileAccessed", "Sync"])
    #expect(sink.filter.exclude[0].users == ["*@example.com"])
    #expect(sink.batch.bytes == 65_536 && sink.batch.time == .milliseconds(250))
    #expect(sink.retry.initial == .seconds(2))
  }

  @Test func `a webhook needs an address, a word and a console`() throws {
    let tenant =
      oneTenant + "    webhook: {address: 'https://a.example.com/x/', auth_id: file:word}\n"
    let right = try parsed(tenant + oneSink + "console: {}\n")
    let webhook = try #require(right.tenants[0].webhook)
    #expect(webhook.address == "https://a.example.com/x")
    #expect(webhook.path == "/x")
    #expect(webhook.authID.filePath == "word")
    #expect(complaints(tenant + oneSink).contains { $0.contains("no console") })
    for wrong in [
      "{address: 'http://a.example.com/', auth_id: x}", "{address: 'https://a.example.com/'}",
      "{auth_id: x}", "{address: 'https://a.example.com/?x', auth_id: x}",
    ] {
      #expect(
        !complaints(oneTenant + "    webhook: \(wrong)\n" + oneSink + "console: {}\n").isEmpty)
    }
  }
}
