import MillraceConfiguration
import MillraceCore
import Testing

struct YAMLTests {
  @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n", "~", "\u{FEFF}"])
  func `an empty file is said to be empty`(text: String) {
    check(text, says: ": it is empty; \"millrace init\" writes a commented one")
  }

  @Test func `a tab is named as such`() {
    check(
      "store:\n\tpath: x\n", says: ":2:1: a tab stands where YAML wants spaces; indent with spaces")
  }

  @Test func `syntax errors have their place and a hint`() {
    check(
      "store:\n  path: a: b\n",
      says: ":2:10: not valid YAML: mapping values are not allowed in this context; "
        + "check the indentation; a value that contains a colon and a blank needs quotes")
    check(
      "store:\n  path: a\n retention: 1d\n",
      says: ":3:2: not valid YAML: did not find expected key, while parsing a block mapping "
        + "that begins in line 1; "
        + "check the indentation; keys of one mapping begin in the same column")
    #expect(complaints("store: \"x\n")[0].contains("a quote may not be closed"))
    #expect(complaints("a: [1, 2\n").count == 1)
    #expect(complaints("a: @x\n")[0].contains("needs quotes"))
  }

  @Test func `a path that begins with a brace is explained`() {
    let said = complaints(oneTenant + "sinks:\n  a:\n    type: file\n    path: {tenant}-{date}\n")
    #expect(said.count == 1)
    #expect(said[0].hasPrefix("millrace.yaml:8:19: not valid YAML: "))
  }

  @Test func `aliases, anchors, tags, second documents and odd keys are refused`() {
    check(
      "a: &x 1\n",
      says: ":1:4: anchors (&name) are not supported; "
        + "write the value out, or quote it if it begins with &")
    check(
      "a: *x\n",
      says: ":1:4: aliases (*name) are not supported; "
        + "write the value out, or quote it if it begins with *")
    #expect(complaints("a: !env X\n")[0].hasPrefix("millrace.yaml:1:4: tags (!name)"))
    #expect(complaints("&x a: 1\n")[0].hasPrefix("millrace.yaml:1:1: anchors"))
    check(
      "a: 1\n---\nb: 2\n",
      says: ":2:1: a second document begins here; a configuration is one document")
    #expect(complaints("{[a]: 1}\n")[0].hasPrefix("millrace.yaml:1:2: a key must be a word"))
    #expect(complaints("[a]\n")[0].contains("this is a list"))
    #expect(complaints("hello\n")[0].contains("this is a single value"))
  }

  @Test func `encodings other than UTF-8 are told with their place`() {
    #expect(
      complaints(bytes: [0xFF, 0xFE, 0x61, 0x00]) == [
        "millrace.yaml: it is encoded as UTF-16; save it as UTF-8"
      ])
    #expect(
      complaints(bytes: Array("# ä\nname: ".utf8) + [0xE4, 0x0A]) == [
        "millrace.yaml:2:7: this character is not UTF-8; save the file as UTF-8"
      ])
    #expect(
      complaints(bytes: Array("a: b\u{0}".utf8)) == [
        "millrace.yaml:1:5: a control character (U+0) stands here; "
          + "remove it, or write it as an escape in double quotes"
      ])
  }

  @Test func `a byte order mark and Windows line ends do no harm`() throws {
    let text = "\u{FEFF}" + (oneTenant + oneSink).replacing("\n", with: "\r\n")
    #expect(try parsed(text).sinks.count == 1)
    #expect(complaints("\u{FEFF}x: 1\r\n" + oneTenant + oneSink)[0].hasPrefix("millrace.yaml:1:1:"))
  }

  @Test func `depth and size end somewhere`() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(
      complaints("a: " + deep) == ["millrace.yaml:1:35: nested more than 32 levels deep"])
    let block = (0..<200).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    #expect(complaints(block).count == 1)
    let large = [UInt8](repeating: UInt8(ascii: "#"), count: Limits.configurationBytesMax + 1)
    #expect(complaints(bytes: large) == ["millrace.yaml: it is larger than 1048576 bytes"])
  }

  @Test func `no bytes bring it down`() {
    // A fixed generator, so that a failure comes back.
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let original = Array((oneTenant + SampleConfiguration.text).utf8)
    let pieces = Array("{}[]:,-&*!|>'\"%@`#\t\n ?~$0a\u{0}\u{FF}".utf8)
    var refusals = 0
    for _ in 0..<400 {
      var bytes = original
      for _ in 0...random(6) {
        let index = random(bytes.count)
        switch random(3) {
        case 0: bytes[index] = pieces[random(pieces.count)]
        case 1: bytes.insert(pieces[random(pieces.count)], at: index)
        default: bytes.removeSubrange(index..<min(bytes.count, index + random(40)))
        }
      }
      do {
        _ = try Configuration.parse(bytes, name: "x", environment: [:])
      } catch {
        #expect(!error.issues.isEmpty)
        refusals += 1
      }
    }
    #expect(refusals > 0)
  }
}
