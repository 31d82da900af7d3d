import MillraceConfiguration
import MillraceCore
import Testing

struct SubstitutionTests {
  private func path(_ written: String, _ environment: [String: String] = [:]) throws -> String {
    try parsed("store: {path: \"\(written)\"}\n" + oneTenant + oneSink, environment: environment)
      .store.path
  }

  @Test func `variables, defaults and escapes are filled in`() throws {
    let environment = ["A": "one", "EMPTY": "", "B": "${A} $$ {x: [*y"]
    #expect(try path("${A}", environment) == "one")
    #expect(try path("/x/${A}/${A}.db", environment) == "/x/one/one.db")
    #expect(try path("${NOT_SET:-two}", environment) == "two")
    #expect(try path("${EMPTY:-two}", environment) == "two")
    #expect(try path("${A:-two}", environment) == "one")
    #expect(try path("x${EMPTY}", environment) == "x")
    #expect(try path("x${NOT_SET:-}", environment) == "x")
    #expect(try path("$${A}$$", environment) == "${A}$")
    #expect(try path("a$b$", environment) == "a$b$")
    // What a variable holds is neither YAML nor filled in again.
    #expect(try path("${B}", environment) == "${A} $$ {x: [*y")
  }

  @Test func `numbers, durations and lists take variables`() throws {
    let configuration = try parsed(
      "store: {max_size: \"${SIZE}\"}\n" + oneTenant
        + "    poll_interval: ${POLL}\n    content_types: [\"${TYPE}\"]\n" + oneSink,
      environment: ["SIZE": "2GiB", "POLL": "90s", "TYPE": "DLP.All"])
    #expect(configuration.store.maxSize == 2 << 30)
    #expect(configuration.tenants[0].pollInterval == .seconds(90))
    #expect(configuration.tenants[0].contentTypes == [.dlp])
  }

  @Test func `a variable cannot add structure`() {
    let said = complaints(
      oneTenant.replacing("{client_secret: \"file:/run/secret\"}", with: "${CREDENTIAL}") + oneSink,
      environment: ["CREDENTIAL": "{client_secret: hunter2}"])
    #expect(said.count == 1)
    #expect(said[0].contains("a mapping (key: value) is expected") && !said[0].contains("hunter2"))
  }

  @Test func `mistakes name the variable`() {
    check(
      "store: {path: \"${HOEM}/x\"}\n" + oneTenant + oneSink,
      says: ":1:15: store.path: the environment variable HOEM is not set; "
        + "set it, or give a default: ${HOEM:-default}")
    check(
      "store: {path: \"${A\"}\n" + oneTenant + oneSink,
      says: ":1:15: store.path: \"${\" without \"}\"; write $$ for a dollar sign that stays")
    let forms = "the forms are ${NAME} and ${NAME:-default}; write $$ for a dollar sign that stays"
    for wrong in ["${}", "${1A}", "${A B}", "${A-x}", "${A:x}"] {
      check(
        "store: {path: \"\(wrong)\"}\n" + oneTenant + oneSink,
        says: ":1:15: store.path: \"${\" is not followed by the name of a variable; \(forms)",
        environment: ["A": "a"])
    }
    check(
      "store: {path: \"${A:-${B}}\"}\n" + oneTenant + oneSink,
      says: ":1:15: store.path: the default of ${A} contains a dollar sign; "
        + "a default is plain text; variables do not nest")
  }

  @Test func `what a variable holds is not shown in an error`() {
    check(
      "store: {retention: \"${KEEP}\", when_full: \"${FULL}\"}\n" + oneTenant + oneSink,
      says: ":1:20: store.retention: \"${KEEP}\" is not \(Quantity.durationForms)",
      ":1:42: store.when_full: \"${FULL}\" is none of pause, drop_oldest",
      environment: ["KEEP": "12345", "FULL": "hunter2"])
  }
}
