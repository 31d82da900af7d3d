import MillraceConfiguration
import Testing

struct ConfigurationErrorTests {
  @Test func `an unknown key is named with its place and the key that was meant`() {
    check(
      "tenats: []\n" + oneTenant + oneSink,
      says: ":1:1: unknown key \"tenats\"; did you mean \"tenants\"?")
    check(
      oneTenant.replacing("client_id", with: "clientid") + oneSink,
      says: ":2:5: tenants[0]: \"client_id\" is missing; "
        + "the application's ID, from its page in the portal",
      ":3:5: tenants[0]: unknown key \"clientid\"; did you mean \"client_id\"?")
    check(
      oneTenant + "sinks: {a: {type: file, path: /tmp/x, batch: {evnts: 5}}}",
      says: ":5:47: sinks.a.batch: unknown key \"evnts\"; did you mean \"events\"?")
  }

  @Test func `all findings come at once, in the order of the file`() {
    check(
      """
      store: {retention: 30, when_full: stop, max_size: 12Gi}
      tenants:
        - id: common
          client_id: 12
          credential: {}
          content_types: [Audit.Exchnage]
          poll_interval: 10ms
          publisher_id: me
          requests_per_minute: 0
          domains: [a@example.com, localhost, a.example, A.example]
      sinks: {}
      """,
      says:
        ":1:20: store.retention: \"30\" is not \(Quantity.durationForms); write 30s for seconds",
      ":1:35: store.when_full: \"stop\" is none of pause, drop_oldest",
      ":1:51: store.max_size: \"12Gi\" is not \(Quantity.sizeForms)",
      ":3:9: tenants[0].id: \"common\" stands for no single tenant; "
        + "give the tenant's GUID, or one of its verified domains",
      ":4:16: tenants[0].client_id: this is not a GUID; "
        + "it looks like 9b2c1d7e-0000-4000-8000-000000000001",
      ":5:17: tenants[0].credential: exactly one credential is expected, there is none; "
        + "one of client_secret, certificate, federated_token_file, workload_identity, "
        + "managed_identity",
      ":6:21: tenants[0].content_types[0]: \"Audit.Exchnage\" is none of "
        + "Audit.AzureActiveDirectory, Audit.Exchange, Audit.SharePoint, Audit.General, DLP.All; "
        + "did you mean \"Audit.Exchange\"?",
      ":7:20: tenants[0].poll_interval: \"10ms\" is out of range; it may be 1s to 23h",
      ":8:19: tenants[0].publisher_id: this is not a GUID; "
        + "it looks like 9b2c1d7e-0000-4000-8000-000000000001",
      ":9:26: tenants[0].requests_per_minute: \"0\" is out of range; it may be 1 to 100000",
      ":10:15: tenants[0].domains[0]: \"a@example.com\" is not a domain; "
        + "name the tenant's verified domains, each as in example.com",
      ":10:30: tenants[0].domains[1]: \"localhost\" is not a domain; "
        + "name the tenant's verified domains, each as in example.com",
      ":10:52: tenants[0].domains[3]: a.example is listed twice",
      ":11:8: sinks: it is empty; sinks are named: NAME: {type: file, path: …}")
  }

  @Test func `what has to be there is asked for`() {
    check(
      "store: {}",
      says:
        ":1:1: \"tenants\" is missing; tenants is a list, each with id, client_id and credential",
      ":1:1: \"sinks\" is missing; sinks are named: NAME: {type: file, path: …}")
    check(
      "tenants:\nsinks:\n",
      says: ":1:9: tenants: it is empty; tenants is a list, each with id, client_id and credential",
      ":2:7: sinks: it is empty; sinks are named: NAME: {type: file, path: …}")
    check(
      oneTenant + "sinks: {a: {path: /tmp/x}, b: {type: flie}, c: {type: file}}",
      says: ":5:9: sinks.a: \"type\" is missing; one of file, syslog, http, splunk_hec, "
        + "elasticsearch, sentinel, kafka, stdout",
      ":5:38: sinks.b.type: \"flie\" is no type of sink; did you mean \"file\"?",
      ":5:48: sinks.c: \"path\" is missing; such as /var/log/millrace/{tenant}-{date}.ndjson")
  }

  @Test func `exactly one credential is taken`() {
    check(
      oneTenant.replacing("\"file:/run/secret\"", with: "\"file:/s\", managed_identity: {}")
        + oneSink,
      says: ":4:17: tenants[0].credential: exactly one credential is expected, "
        + "there are client_secret and managed_identity; "
        + "one of client_secret, certificate, federated_token_file, workload_identity, "
        + "managed_identity")
    check(
      oneTenant.replacing("client_secret:", with: "secret:") + oneSink,
      says: ":4:18: tenants[0].credential: unknown key \"secret\"; did you mean \"client_secret\"?")
    check(
      oneTenant.replacing(
        "{client_secret: \"file:/run/secret\"}", with: "{certificate: {path: a.pfx, key: b}}")
        + oneSink,
      says: ":4:50: tenants[0].credential.certificate.key: a .pfx file holds its key already; "
        + "remove \"key\", or name a .pem certificate")
  }

  @Test func `the same tenant twice is refused, in any letter case`() {
    let second = oneTenant.replacing("tenants:\n", with: "").replacing(
      "8812-40f4", with: "8812-40F4")
    check(
      oneTenant + second + oneSink,
      says: ":5:5: tenants[1]: the tenant 41463f53-8812-40f4-890f-865bf6e35190 is given twice; "
        + "it stands in line 2 already")
    let named = oneTenant + "    name: a\n" + second.replacing("41463f53", with: "51463f53")
    check(
      named + "    name: A\n" + oneSink,
      says: ":6:5: tenants[1]: two tenants have the name \"A\"; the other begins in line 2")
  }

  /// A configuration with two sinks that write files.
  private func sinks(_ first: String, _ second: String) -> String {
    oneTenant + """
      sinks:
        a: {type: file, path: "\(first)"}
        b: {type: file, path: "\(second)"}
      """
  }

  @Test(arguments: [
    ("/tmp/a.ndjson", "/tmp/x/..//./a.ndjson"), ("a.ndjson", "./a.ndjson"),
    ("/proc/self/cwd/a.ndjson", "a.ndjson"), ("/proc/self/cwd/b/a.ndjson", "b/a.ndjson"),
  ])
  func `two sinks on one file are refused`(first: String, second: String) {
    check(
      sinks(first, second),
      says: ":7:3: sinks.b: it writes to the same file as the sink \"a\"; "
        + "give each sink a path of its own")
  }

  @Test(arguments: [
    ("/tmp/{tenant}.ndjson", "/tmp/41463f53-8812-40f4-890f-865bf6e35190.ndjson"),
    ("/tmp/{tenant}-{date}", "/tmp/{tenant}-{date}"),
    ("out/{content_type}.ndjson", "out/Audit.Exchange.ndjson"),
    ("out/Audit.Exchange.ndjson", "out/{content_type}.ndjson"),
    ("out/{workload}.ndjson", "out/all.ndjson"),
    ("out/{workload}.ndjson", "out/{content_type}.ndjson"),
    ("out/{workload}-{date}.ndjson", "out/all-2026-{hour}-04.ndjson"),
    ("out/{date}/{hour}.ndjson", "out/2026-03-04/08.ndjson"),
    ("/proc/self/cwd/{tenant}/{hour}", "{tenant}/08"),
  ])
  func `two sinks whose templates can become one path are refused`(first: String, second: String) {
    check(
      sinks(first, second),
      says: ":7:3: sinks.b: it can write to the same file as the sink \"a\"; "
        + "give each sink a path of its own, whatever its placeholders become")
  }

  @Test(arguments: [
    ("out/{content_type}.ndjson", "out/Audit.ndjson"),
    ("out/{content_type}.ndjson", "out/{tenant}.ndjson"),
    ("out/{workload}.ndjson", "out/siem/all.ndjson"),
    ("out/{workload}-a.ndjson", "out/{workload}-b.ndjson"),
    ("out/{date}.ndjson", "out/{date}-{hour}.ndjson"),
    ("out/{date}.ndjson", "out/{tenant}.ndjson"),
    ("/proc/self/cwd/{tenant}/a", "/proc/self/fd/{tenant}/a"),
  ])
  func `two sinks whose templates never become one path are told apart`(
    first: String, second: String
  ) throws {
    let configuration = try parsed(sinks(first, second))
    #expect(configuration.sinks.count == 2)
  }

  @Test func `sinks with different files, or one name after another, are told apart`() throws {
    let configuration = try parsed(
      oneTenant + "sinks: {a: {type: file, path: a}, b: {type: file, path: b}}")
    #expect(configuration.sinks.count == 2)
    check(
      oneTenant + "sinks:\n  a: {type: stdout}\n  a: {type: file, path: x}\n",
      says: ":7:3: the key \"a\" is given twice; it stands in line 6 already")
    check(
      oneTenant + "sinks:\n  a: {type: stdout}\n  b: {type: stdout}\n",
      says: ":7:3: sinks.b: it writes to standard output, as the sink \"a\" does; "
        + "two sinks there would mix their lines")
  }

  @Test(arguments: [
    ("{tennant}.x", "unknown placeholder {tennant}; did you mean {tenant}?"),
    (
      "{q}.x",
      "unknown placeholder {q}; known are {tenant}, {content_type}, {workload}, {date}, {hour}"
    ),
    ("a{date", "a brace has no partner"), ("a}", "a brace has no partner"),
    ("logs/", "the path names a folder; add a file name: {tenant}-{date}.ndjson"),
    ("~/x", "\"~\" is not expanded here; write ${HOME}, or the whole path"),
  ])
  func `paths of files are checked`(path: String, message: String) {
    check(
      oneTenant + "sinks: {a: {type: file, path: \"\(path)\"}}",
      says: ":5:31: sinks.a.path: \(message)")
  }

  @Test(arguments: [
    "http://manage.office.com", "http://127.0.0.1.example.com", "http://10.0.0.1:80",
    "ftp://example.com", "https://user:hunter2@example.com", "https://example.com/api/v1.0",
    "https://example.com?token=hunter2", "https://", "https://exa mple.com", "https://x:99999",
    "https://[2001:db8::1", "manage.office.com",
  ])
  func `addresses that are not secure origins are refused, without showing them`(url: String) {
    let said = complaints(
      oneTenant + "    cloud: {login: https://login.example.com, api: \"\(url)\"}\n" + oneSink)
    #expect(said.count == 1)
    #expect(said.allSatisfy { $0.hasPrefix("millrace.yaml:5:52: tenants[0].cloud.api: ") })
    #expect(said.allSatisfy { !$0.contains("hunter2") && !$0.contains("v1.0") })
  }

  @Test func `settings that do not go together are refused`() {
    check(
      oneTenant + """
        sinks:
          a: {type: stdout, format: cef, raw: object}
          b: {type: http, url: "https://example.com", username: me}
          c: {type: syslog, address: "udp://example.com", tls: {}}
          d: {type: elasticsearch, urls: "https://example.com", index: Audit}
          e: {type: file, path: x, retry: {initial: 10s, max: 1s}, filter: {include: {}}}
          "f/g": {type: file, path: y}
        """,
      says: ":6:39: sinks.a.raw: the format cef has no room for the record beside the event; "
        + "remove \"raw\", or choose native, ecs or ocsf",
      ":7:6: sinks.b: \"username\" and \"password\" go together",
      ":8:56: sinks.c.tls: it belongs to tls:// addresses only; "
        + "change the address to tls://…, or remove the key",
      ":9:64: sinks.d.index: \"Audit\" cannot name an index; "
        + "lower case, without blanks and without / \\ * ? \" < > | , # :",
      ":10:55: sinks.e.retry.max: it is less than \"initial\"",
      ":10:78: sinks.e.filter.include: the pattern says nothing; "
        + "keys here: content_types, workloads, operations, record_types, users, outcomes, sample",
      ":11:3: sinks: \"f/g\" cannot name a sink; 1 to 64 letters, digits, \".\", \"-\" and \"_\"")
  }

  @Test func `values of the wrong kind are not quoted`() {
    check(
      oneTenant.replacing("{client_secret: \"file:/run/secret\"}", with: "hunter2") + oneSink,
      says: ":4:17: tenants[0].credential: a mapping (key: value) is expected, "
        + "this is a single value; "
        + "keys here: client_secret, certificate, federated_token_file, workload_identity, "
        + "managed_identity, expires")
    check(
      oneTenant.replacing("{client_secret: \"file:/run/secret\"}", with: "client_secret:hunter2")
        + oneSink,
      says: ":4:17: tenants[0].credential: a mapping (key: value) is expected, "
        + "this is a single value; a blank is needed after \"client_secret:\"")
    check(
      oneTenant.replacing("client_secret: \"file:/run/secret\"", with: "client_secret:hunter2")
        + oneSink,
      says: ":4:18: tenants[0].credential: unknown key \"client_secret:…\"; "
        + "a blank is needed after \"client_secret:\"")
    check(
      "store: {path: [a], retention: }\n" + oneTenant + oneSink,
      says: ":1:15: store.path: one value is expected, this is a list",
      ":1:31: store.retention: it has no value; give one, or remove the key")
  }

  @Test func `a secret pasted into the wrong key is not shown`() {
    let text = """
      tenants:
        - id: hunter2
          client_id: hunter2
          publisher_id: hunter2
          credential: {managed_identity: {client_id: hunter2}, client_secret: "file:"}
      console: {listen: "hunter2"}
      sinks:
        a: {type: syslog, address: hunter2}
        b: {type: http, url: "https://example.com?hunter2#", headers: {A=hunter2: x}}
        c: {type: kafka, brokers: hunter2, topic: x}
      """
    let said = complaints(text)
    #expect(said.count == 11, "\(said.joined(separator: "\n"))")
    #expect(!said.joined().contains("hunter2"))
  }

  @Test func `control characters do not reach the terminal`() {
    check(
      "\"a\\e[31m\\n\": 1\n" + oneTenant + oneSink,
      says: ":1:1: unknown key \"a\u{FFFD}[31m\u{FFFD}\"; "
        + "known here: store, deduplicate, tenants, sinks, labels, location, console, proxy, "
        + "ca_file")
  }

  @Test func `no more findings are listed than anybody reads`() {
    let many = (0..<150).map { "k\($0): 1\n" }.joined()
    let said = complaints(many + oneTenant + oneSink)
    #expect(said.count == 101)
    #expect(said.last == "and 50 more")
  }
}
