/// The kinds of mappings a configuration is made of, and the keys each of them knows.
///
/// The raw value is the name of the definition in `Schemas/config.schema.json` that describes the
/// same section; a test keeps both lists equal. A reader that does not ask for every key of its
/// section stops the program, so a key listed here is a key that is read.
package enum Section: String, CaseIterable, Sendable {
  case configuration
  case store
  case tenant
  case cloud
  case credential
  case certificate
  case workloadIdentity = "workload_identity"
  case managedIdentity = "managed_identity"
  case proxy
  case relist
  case webhook
  case fileSink = "sink_file"
  case syslogSink = "sink_syslog"
  case httpSink = "sink_http"
  case splunkSink = "sink_splunk_hec"
  case elasticsearchSink = "sink_elasticsearch"
  case sentinelSink = "sink_sentinel"
  case kafkaSink = "sink_kafka"
  case stdoutSink = "sink_stdout"
  case filter
  case eventPattern = "event_pattern"
  case batch
  case retry
  case rotate
  case keep
  case pseudonyms
  case tls
  case location
  case console
  case simulation
  case simulationClock = "simulation_clock"
  case simulationQuota = "simulation_quota"
  case simulationFault = "simulation_fault"

  /// Whether it is part of a collector's configuration, and not of a simulator's plan.
  package var isOfConfiguration: Bool { !rawValue.hasPrefix("simulation") }

  /// Every key of the section, in the order help and schema give them.
  package var keys: [String] {
    switch self {
    case .configuration:
      [
        "store", "deduplicate", "tenants", "sinks", "labels", "location", "console", "proxy",
        "ca_file",
      ]
    case .store: ["path", "retention", "max_size", "when_full"]
    case .tenant:
      [
        "id", "name", "domains", "cloud", "client_id", "credential", "content_types",
        "poll_interval", "relist", "publisher_id", "requests_per_minute", "proxy", "ca_file",
        "webhook",
      ]
    case .cloud: ["login", "api", "resource"]
    case .credential:
      CredentialConfiguration.kinds + ["expires"]
    case .certificate: ["path", "key", "password", "algorithm"]
    case .workloadIdentity:
      [
        "provider", "audience", "token_file", "region", "identity_pool", "developer_provider",
        "developer_user", "client_id",
      ]
    case .managedIdentity: ["client_id", "object_id", "resource_id"]
    case .proxy:
      ["url", "username", "password", "ca_file", "certificate", "key", "key_password"]
    case .relist: ["span", "every"]
    case .webhook: ["address", "auth_id"]
    case .fileSink:
      Self.sinkKeys + ["path", "compression", "rotate", "keep", "mode", "folder_mode"]
    case .syslogSink:
      Self.sinkKeys + [
        "address", "tls", "protocol", "framing", "max_message_size", "oversize", "utf8_bom",
        "facility", "app_name", "hostname", "enterprise_id", "resend_size", "resend_time",
      ]
    case .httpSink:
      Self.sinkKeys + Self.requestKeys + [
        "url", "method", "encoding", "headers", "token", "username", "password", "tls",
      ]
    case .splunkSink:
      Self.sinkKeys + Self.requestKeys + [
        "url", "token", "endpoint", "index", "source", "sourcetype", "host", "channel",
        "acknowledgement", "tls",
      ]
    case .elasticsearchSink:
      Self.sinkKeys + Self.requestKeys + [
        "urls", "index", "op", "api_key", "username", "password", "tls",
      ]
    case .sentinelSink:
      Self.sinkKeys + Self.requestKeys + [
        "endpoint", "rule_id", "stream", "tenant_id", "client_id", "credential", "login",
      ]
    case .kafkaSink:
      Self.sinkKeys + [
        "brokers", "topic", "key", "compression", "max_message", "mechanism", "username",
        "password", "tls",
      ]
    case .stdoutSink: Self.sinkKeys
    case .filter: ["include", "exclude", "sample"]
    case .eventPattern:
      [
        "content_types", "workloads", "operations", "record_types", "users", "outcomes", "sample",
      ]
    case .batch: ["events", "bytes", "time"]
    case .retry: ["initial", "max", "give_up_after"]
    case .rotate: ["size", "every"]
    case .keep: ["age", "files", "size"]
    case .pseudonyms: ["key", "reveal_key", "fields"]
    case .tls: ["ca", "certificate", "key", "server_name"]
    case .location: ["city", "asn", "anonymous", "proxies", "service_ranges"]
    case .console: ["listen"]
    case .simulation: ["seed", "clock", "window_slack", "quota", "faults"]
    case .simulationClock: ["ahead", "behind", "speed"]
    case .simulationQuota: ["requests", "per", "answer", "by"]
    case .simulationFault:
      [
        "fault", "rate", "tenants", "content_types", "requests", "from", "until", "times",
      ]
    }
  }

  /// The keys of sinks that send requests.
  private static let requestKeys = ["compression", "concurrency", "timeout"]

  /// The keys every sink takes.
  private static let sinkKeys = [
    "type", "format", "raw", "from", "filter", "batch", "retry", "pseudonymise",
  ]
}
