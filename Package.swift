// swift-tools-version: 6.2
import PackageDescription

/// One set of compiler settings for every Swift target: Swift 6 language mode, the upcoming
/// features the conventions in docs/architecture.md rely on, and no warning left standing.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// For what needs librdkafka: it is left out unless asked for with `--traits Kafka`.
let withKafka: TargetDependencyCondition? = .when(traits: ["Kafka"])

/// A module of the program. The folder, the target and the module share one name.
func module(
  _ name: String, _ dependencies: [Target.Dependency], path: String? = nil,
  exclude: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: strict)
}

/// A test target that mirrors a module.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
  name: "millrace",
  products: [.executable(name: "millrace", targets: ["millrace"])],
  traits: [
    .trait(name: "Kafka", description: "Sinks of type kafka, through librdkafka (librdkafka-dev)")
  ],
  targets: [
    // C libraries, each imported by exactly one module.
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(
      name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(
      name: "CMaxMindDB", pkgConfig: "libmaxminddb", providers: [.apt(["libmaxminddb-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
    // Looked at with the trait alone: a plain build needs no librdkafka.
    .systemLibrary(
      name: "CRDKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
    .target(name: "CMillrace"),
    .target(name: "CMillraceScan"),

    // The program, from values to wiring; docs/architecture.md is the map.
    module(
      "MillraceSchemas", [], path: "Schemas",
      exclude: ["event.schema.json", "config.schema.json", "elasticsearch.template.json"]),
    module("MillraceCore", []),
    module("MillraceRuntime", ["MillraceCore", "CMillrace"]),
    module("MillraceCrypto", ["COpenSSL"]),
    module("MillraceCompression", ["CZlib", "CZstd"]),
    module("MillraceEvents", ["MillraceCore", "CMillraceScan"]),
    module(
      "MillraceLocation", ["MillraceCore", "MillraceRuntime", "MillraceEvents", "CMaxMindDB"]),
    module("MillracePseudonyms", ["MillraceCore", "MillraceCrypto", "MillraceEvents"]),
    module("MillraceImport", ["MillraceCore", "MillraceCompression", "MillraceEvents"]),
    module(
      "MillraceStore",
      [
        "MillraceCore", "MillraceRuntime", "MillraceCrypto", "MillraceCompression",
        "MillraceSchemas", "CSQLite",
      ]),
    module(
      "MillraceHTTP",
      ["MillraceCore", "MillraceRuntime", "MillraceCompression", "CCurl", "CMicroHTTPD"]),
    module(
      "MillraceSource", ["MillraceCore", "MillraceRuntime", "MillraceCrypto", "MillraceHTTP"]),
    module("MillraceStreams", ["MillraceCore", "MillraceRuntime", "CSSL"]),
    module(
      "MillraceSinks",
      [
        "MillraceCore", "MillraceRuntime", "MillraceEvents", "MillraceCompression",
        "MillraceStreams", "CMillrace",
      ]),
    module(
      "MillraceHTTPSinks",
      [
        "MillraceCore", "MillraceRuntime", "MillraceCompression", "MillraceEvents", "MillraceHTTP",
        "MillraceSinks",
      ]),
    module(
      "MillraceReceivers",
      ["MillraceCore", "MillraceRuntime", "MillraceCompression", "MillraceEvents", "MillraceHTTP"]),
    module(
      "MillraceKafkaSink",
      [
        "MillraceCore", "MillraceRuntime", "MillraceSinks",
        .target(name: "CRDKafka", condition: withKafka),
      ]),
    module("MillraceConfiguration", ["MillraceCore", "CYAML"]),
    module(
      "MillracePipeline",
      [
        "MillraceCore", "MillraceRuntime", "MillraceCrypto", "MillraceEvents", "MillraceStore",
        "MillraceHTTP", "MillraceSource", "MillraceSinks", "MillraceHTTPSinks",
        "MillraceConfiguration", "MillraceLocation", "MillraceStreams", "MillracePseudonyms",
        .target(name: "MillraceKafkaSink", condition: withKafka),
      ]),
    module(
      "MillraceDoctor",
      [
        "MillraceCore", "MillraceRuntime", "MillraceHTTP", "MillraceSource", "MillraceStore",
        "MillraceConfiguration", "MillracePipeline", "MillraceSinks", "MillraceHTTPSinks",
        "MillraceStreams", "MillracePseudonyms", "MillraceLocation",
      ]),
    module(
      "MillraceSimulator",
      [
        "MillraceCore", "MillraceRuntime", "MillraceCrypto", "MillraceCompression", "MillraceHTTP",
        "MillraceConfiguration",
      ]),
    module(
      "MillraceCampaign",
      ["MillraceCore", "MillraceRuntime", "MillraceCrypto", "MillraceStore", "MillraceSimulator"]),
    .executableTarget(
      name: "millrace",
      dependencies: [
        "MillraceCore", "MillraceRuntime", "MillraceEvents", "MillraceImport", "MillraceStore",
        "MillraceHTTP", "MillraceSource", "MillraceConfiguration", "MillracePipeline",
        "MillraceDoctor", "MillraceCrypto", "MillraceReceivers", "MillraceSimulator",
        "MillraceCampaign", "MillraceLocation", "MillracePseudonyms",
      ],
      swiftSettings: strict),

    .executableTarget(
      name: "MillraceBench",
      dependencies: [
        "MillraceCore", "MillraceRuntime", "MillraceCompression", "MillraceCrypto",
        "MillraceEvents", "MillraceStore", "MillraceConfiguration", "MillracePipeline",
        "MillraceSimulator", "MillraceHTTP", "MillracePseudonyms",
      ],
      path: "Benchmarks/MillraceBench",
      swiftSettings: strict),

    // A disk that fails and loses power, below SQLite and beside it.
    .target(name: "CFaultyFiles", dependencies: ["CSQLite"], path: "Tests/CFaultyFiles"),

    // What stands in front of servers and proxies that are reached through TLS.
    .target(
      name: "CTestProxy", path: "Tests/CTestProxy",
      linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),

    // What is promised of any bytes, for tests and for the fuzzer.
    module("HostileInput", ["MillraceEvents", "MillraceCore"], path: "Tests/HostileInput"),

    // Real programs, servers and disks of tests, never left behind.
    module("TestChildren", ["MillraceRuntime", "CTestProxy"], path: "Tests/TestChildren"),

    // HTTP byte by byte, at either end: what a server or a client of tests says and hears.
    module("TestWire", ["MillraceRuntime"], path: "Tests/TestWire"),

    // What every kind of sink keeps, whatever its receiver does.
    module(
      "SinkContracts", ["MillraceCore", "MillraceRuntime", "MillraceSinks"],
      path: "Tests/SinkContracts"),

    tests("MillraceCoreTests", ["MillraceCore"]),
    tests("MillraceRuntimeTests", ["MillraceRuntime", "MillraceCore"]),
    tests("MillraceCryptoTests", ["MillraceCrypto", "TestChildren"]),
    tests(
      "MillraceEventsTests",
      [
        "MillraceEvents", "MillraceCore", "MillracePseudonyms", "HostileInput", "CMillraceScan",
      ]),
    tests(
      "MillracePseudonymsTests", ["MillracePseudonyms", "MillraceEvents", "MillraceCrypto"]),
    tests(
      "MillraceStoreTests",
      ["MillraceStore", "MillraceCore", "MillraceRuntime", "MillraceSchemas", "TestChildren"]),
    tests(
      "MillraceHTTPTests",
      [
        "MillraceHTTP", "MillraceCore", "MillraceRuntime", "TestChildren", "TestWire",
      ]),
    tests(
      "MillraceSourceTests",
      [
        "MillraceSource", "MillraceHTTP", "MillraceCore", "MillraceRuntime", "MillraceCrypto",
        "MillraceSimulator", "TestChildren", "TestWire",
      ]),
    tests(
      "MillraceStreamsTests",
      ["MillraceStreams", "MillraceCore", "MillraceRuntime", "TestChildren"]),
    tests(
      "MillraceSinksTests",
      [
        "MillraceSinks", "MillraceStreams", "MillraceEvents", "MillraceCore", "MillraceRuntime",
        "MillraceCompression", "SinkContracts", "TestChildren",
      ]),
    tests(
      "MillraceHTTPSinksTests",
      [
        "MillraceHTTPSinks", "MillraceReceivers", "MillraceSinks", "MillraceEvents",
        "MillraceHTTP", "MillraceCore", "MillraceRuntime", "MillraceCrypto", "TestChildren",
        "SinkContracts",
      ]),
    tests(
      "MillraceKafkaSinkTests",
      [
        "MillraceKafkaSink", "MillraceSinks", "MillraceCore", "MillraceRuntime", "TestChildren",
        "SinkContracts",
        .target(name: "CRDKafka", condition: withKafka),
      ]),
    tests(
      "MillracePipelineTests",
      [
        "MillracePipeline", "MillraceSimulator", "MillraceConfiguration", "MillraceStore",
        "MillraceHTTP", "MillraceSource", "MillraceSinks", "MillraceEvents", "MillraceCore",
        "MillraceRuntime", "MillraceCampaign", "MillraceReceivers", "TestChildren", "millrace",
      ]),
    tests(
      "MillraceImportTests",
      ["MillraceImport", "MillraceCompression", "MillraceEvents", "MillraceCore"]),
    tests(
      "MillraceLocationTests",
      ["MillraceLocation", "MillraceEvents", "MillraceCore", "MillraceRuntime"]),
    tests("MillraceConfigurationTests", ["MillraceConfiguration", "MillraceCore"]),
    tests(
      "MillraceSimulatorTests",
      [
        "MillraceSimulator", "MillraceConfiguration", "MillraceHTTP", "MillraceCore",
        "MillraceRuntime", "TestChildren", "TestWire",
      ]),
    tests(
      "CommandTests",
      [
        "millrace", "MillracePipeline", "MillraceSimulator", "MillraceHTTP", "MillraceCore",
        "MillraceRuntime", "MillraceStore", "MillraceReceivers", "TestChildren",
      ]),
    tests(
      "PowerTests",
      [
        "CFaultyFiles", "MillracePipeline", "MillraceStore", "MillraceSinks", "MillraceCore",
        "MillraceRuntime", "MillraceCompression",
      ]),
    tests("TidyTests", []),
  ]
)

// The fuzzer has its `main` from libFuzzer, so that it builds with `--sanitize fuzzer` alone.
if Context.environment["MILLRACE_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "MillraceFuzz", dependencies: ["HostileInput", "MillraceCore"], path: "Tests/Fuzz",
      swiftSettings: strict))
}

/// A target and all that it is built from.
@MainActor func closure(_ names: [String]) -> Set<String> {
  var found: Set<String> = []
  var open = names
  while let name = open.popLast() {
    guard found.insert(name).inserted,
      let target = package.targets.first(where: { $0.name == name })
    else { continue }
    for dependency in target.dependencies {
      switch dependency {
      case .byNameItem(let name, _), .targetItem(let name, _): open.append(name)
      default: continue
      }
    }
  }
  return found
}

// Tests under a sanitizer: the modules that handle memory by hand or run several threads.
if let names = Context.environment["MILLRACE_SANITIZED"] {
  let kept = closure(names.split(separator: " ").map(String.init))
  package.targets.removeAll { !kept.contains($0.name) }
  package.products.removeAll()
}
