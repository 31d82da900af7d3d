import Testing

/// The package keeps its own house rules.
struct TidyTests {
  private func check(_ rule: Rules.Rule, _ files: [SourceFile] = Package.swiftFiles) {
    let broken = files.flatMap(rule)
    #expect(broken.isEmpty, "\n\(broken.map(\.description).joined(separator: "\n"))")
  }

  @Test func `the sources are found`() {
    let targets = Set(Package.swiftFiles.map(\.target))
    #expect(targets.isSuperset(of: ["MillraceCore", "MillraceStore", "TidyTests", "Schemas"]))
    #expect(Package.textFiles.contains { $0.path == "Makefile" })
    #expect(Package.swiftFiles.count > 50)
  }

  @Test func `modules import what they may and nothing else`() { check(Rules.imports) }

  @Test func `banned calls stay out of the program`() { check(Rules.calls) }

  @Test func `whoever overrules the compiler proves it`() { check(Rules.uncheckedSendable) }

  @Test func `nothing is left for later`() { check(Rules.reminders, Package.textFiles) }

  @Test func `lines end at column 100`() { check(Rules.lineLength) }

  @Test func `files have one purpose`() { check(Rules.fileLength) }

  @Test func `functions fit on a screen`() { check(Rules.functionLength) }

  @Test func `what other modules use is documented`() { check(Rules.documentation) }

  @Test func `tests do not wait for the clock`() { check(Rules.sleeping) }

  @Test func `no file names a path of one machine`() {
    check(Rules.machinePaths, Package.textFiles)
  }
}

/// Each rule can fail, and does not fail for what is right.
struct RuleTests {
  private func lines(
    _ rule: Rules.Rule, _ text: String, in path: String = "Sources/MillraceCore/Sample.swift"
  ) -> [Int] {
    rule(SourceFile(path: path, text: text)).map(\.line)
  }

  @Test func `imports are held to the directions`() {
    let text = """
      import Glibc
      import CSQLite
      package import Foundation
      @testable import MillraceRuntime
      internal import FoundationEssentials
      import struct Foundation.Data
      // import CCurl
      let text = "import CYAML"
      """
    #expect(lines(Rules.imports, text) == [2, 3, 4, 5, 6])
    #expect(lines(Rules.imports, text, in: "Tests/MillraceCoreTests/Sample.swift") == [])
    let store = "Sources/MillraceStore/Sample.swift"
    #expect(lines(Rules.imports, "import CSQLite\nimport MillraceHTTP", in: store) == [2])
    let pipeline = "Sources/MillracePipeline/Sample.swift"
    #expect(lines(Rules.imports, "import MillraceStore\nimport millrace", in: pipeline) == [2])
    let source = "Sources/MillraceSource/Sample.swift"
    #expect(lines(Rules.imports, "import MillraceHTTP\nimport MillraceStore", in: source) == [2])
  }

  @Test func `every module of the package has its directions stated`() {
    let modules = Set(
      Package.swiftFiles.filter { $0.path.hasPrefix("Sources/") }.map(\.target)
        .filter { $0.hasPrefix("Millrace") })
    let wiring: Set = ["MillracePipeline"]
    #expect(modules.subtracting(Rules.directions.keys) == modules.intersection(wiring))
  }

  @Test func `banned calls are found in code alone`() {
    let text = """
      let a = try! f()
      let b = a as! Int
      fatalError("no")
      preconditionFailure("yes")
      print("hello")
      footprint(a)
      // try! in a comment
      let c = "try! in a literal"
      let d = "\\(try! f())"
      """
    #expect(lines(Rules.calls, text) == [1, 2, 3, 5, 9])
    #expect(lines(Rules.calls, text, in: "Sources/millrace/main.swift") == [1, 2, 3, 9])
    #expect(lines(Rules.calls, text, in: "Tests/TidyTests/Sample.swift") == [])
  }

  @Test func `overruling the compiler needs a proof within five lines`() {
    let text = """
      final class A: @unchecked Sendable {}
      // Sound: nobody else has it.
      final class B: @unchecked Sendable {}
      // @unchecked Sendable in a comment
      //
      //
      //
      nonisolated(unsafe) var c = 0
      """
    #expect(lines(Rules.uncheckedSendable, text) == [1, 8])
  }

  @Test func `reminders are found wherever they hide`() {
    #expect(lines(Rules.reminders, "a\n// TO" + "DO: b\nlet c = \"FIX" + "ME\"") == [2, 3])
  }

  @Test func `long lines are found unless a literal makes them long`() {
    let long = String(repeating: "a", count: 101)
    #expect(lines(Rules.lineLength, "\(long)\nlet b = \"\(long)\"\n// \(long)") == [1, 3])
    #expect(lines(Rules.lineLength, String(repeating: "a", count: 100)) == [])
    #expect(lines(Rules.lineLength, "let \(long) = \"b\"") == [1])
    let spaced = String(repeating: "a b ", count: 50)
    #expect(lines(Rules.lineLength, "let b = \"\(spaced)\"") == [])
    #expect(lines(Rules.lineLength, "let b = \"c\\(\(long))\"") == [], "an interpolation, too")
    let quoted = "let b = #\"\"\"c\"#\n\(long)"
    #expect(lines(Rules.lineLength, quoted) == [2], "a literal that begins with quotes ends")
  }

  @Test func `long files are found`() {
    #expect(lines(Rules.fileLength, String(repeating: "\n", count: 500)) == [])
    #expect(lines(Rules.fileLength, String(repeating: "\n", count: 501)) == [501])
  }

  @Test func `long functions are found, whatever their kind`() {
    func function(_ head: String, _ count: Int) -> String {
      "\(head) {\n" + String(repeating: "  f { \"}\" } // }\n", count: count - 2) + "}\n"
    }
    #expect(lines(Rules.functionLength, function("func a()", 80)) == [])
    #expect(lines(Rules.functionLength, function("func a()", 81)) == [1])
    #expect(lines(Rules.functionLength, function("  package init(b: Int)", 81)) == [1])
    #expect(lines(Rules.functionLength, function("struct S", 300)) == [])
    #expect(
      lines(Rules.functionLength, "protocol P {\n func a()\n}\n" + function("struct S", 300)) == [])
  }

  @Test func `undocumented declarations are found`() {
    let text = """
      package struct A: Equatable {
        /// Right.
        package let b: Int
        package var c: Int
        package static func == (left: A, right: A) -> Bool { true }
        package init(_ d: Int) {}
        func e() {}
        /// Right.
        @discardableResult
        package func f() -> Int { 1 }
      }
      /// Right.
      package enum B {
        package static func description() {}
        package(set) var g = 1
      }
      package import C
      package struct D: Sendable,
        CustomStringConvertible
      {
        package var description: String { "" }
        package var other: String { "" }
      }
      """
    #expect(lines(Rules.documentation, text) == [1, 4, 6, 14, 18, 22])
  }

  @Test func `sleeping is found in tests alone`() {
    let text =
      "try await Task.sleep(for: .seconds(1))\nusleep(1)\nsleep(1)\nnosleep(1)\n// sleep(1)"
    #expect(lines(Rules.sleeping, text, in: "Tests/TidyTests/Sample.swift") == [1, 2, 3])
    #expect(lines(Rules.sleeping, text) == [])
  }

  @Test func `paths of a machine are found wherever they stand`() {
    let text = "a\nlet b = \"/" + "work/c\"\n// /" + "root/d\n/net" + "work/e"
    #expect(lines(Rules.machinePaths, text) == [2, 3])
  }

  @Test func `literals of all kinds are told from code`() {
    let text = ##"""
      let a = #"try! " try! "# + f("\(g("try!") + "\"")")
      let b = """
        try! "quoted" try!
        """
      /* try! /* try! */ try! */ let c = 1
      let d = try! e()
      """##
    #expect(lines(Rules.calls, text) == [6])
  }
}
