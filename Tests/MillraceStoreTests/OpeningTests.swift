import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSchemas
import Testing

@testable import MillraceStore

struct OpeningTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A database as the store's writer has it.
  private func database(in folder: String) throws -> Connection {
    let connection = try Connection(path: folder + "/millrace.db", mode: .readWrite)
    try connection.configureForWriting()
    try Migrations.migrate(connection)
    return connection
  }

  // MARK: Files

  @Test func `folders are made, and all that is in them is for their owner alone`() async throws {
    let path = folder.path + "/a/b/store"
    // The mask is the process's, so a process of its own sets it.
    await #expect(processExitsWith: .success) { [path = path as String] in
      umask(0)
      let store = try Store(folder: path)
      try await store.list([1], of: try feed())
      for made in [path, path + "/..", path + "/../.."] {
        try #require(try TemporaryFolder.mode(of: made) == 0o700, "\(made)")
      }
      let names = try TemporaryFolder.names(in: path)
      try #require(names == ["lock", "millrace.db", "millrace.db-shm", "millrace.db-wal"])
      for name in names {
        try #require(try TemporaryFolder.mode(of: path + "/" + name) == 0o600, "\(name)")
      }
    }
  }

  @Test func `a store whose making was cut short is made to its end`() async throws {
    let making = folder.path + "/making"
    mkdir(making, 0o700)
    mkdir(folder.store, 0o700)
    do {
      // More than the cache holds: the database is written to before the commit, with a journal
      // that says how it was.
      let connection = try Connection(path: making + "/millrace.db", mode: .readWrite)
      try connection.execute("PRAGMA cache_size = 1")
      try connection.execute("BEGIN; CREATE TABLE half (made); INSERT INTO half VALUES (1)")
      for _ in 0..<12 {
        try connection.execute("INSERT INTO half SELECT randomblob(900) FROM half")
      }
      for name in ["millrace.db", "millrace.db-journal"] {
        try FileManager.default.copyItem(
          atPath: making + "/" + name, toPath: folder.store + "/" + name)
      }
      try connection.execute("ROLLBACK")
    }
    #expect(throws: StoreError.self) {
      try Migrations.checkIsOurs(Connection(path: folder.store + "/millrace.db", mode: .readOnly))
    }
    try await withStore(folder.store) { (store) throws in
      try await store.list([1], of: try feed())
      #expect(try await store.status().feeds.count == 1)
    }
    let names = try TemporaryFolder.names(in: folder.store)
    #expect(!names.contains("millrace.db-journal"))
  }

  @Test func `the writer keeps a commit through a power cut`() async throws {
    try await withStore(folder.store) { (store) throws in
      func pragma(_ name: String) async throws -> String? {
        try await store.write { (connection) throws(StoreError) in
          try connection.text("PRAGMA \(name)")
        }
      }
      let expected = [
        "journal_mode": "wal", "synchronous": "2", "page_size": "16384", "secure_delete": "0",
        "auto_vacuum": "2", "foreign_keys": "1", "busy_timeout": "10000",
        "application_id": String(StoreSchema.applicationID),
        "user_version": String(StoreSchema.steps.count), "integrity_check": "ok",
      ]
      for (name, value) in expected {
        let found = try await pragma(name)
        #expect(found == value, "\(name)")
      }
    }
    // What the file remembers must be the same when it is opened again.
    try await withStore(folder.store) { (store) throws in
      let synchronous = try await store.write { (connection) throws(StoreError) in
        try connection.text("PRAGMA synchronous")
      }
      #expect(synchronous == "2")
    }
  }

  @Test func `looking needs no lock, changes nothing and creates nothing`() async throws {
    #expect(refusal(folder.store, .inspect)?.kind == .inputOutput)
    #expect(try TemporaryFolder.names(in: folder.path) == [])
    mkdir(folder.store, 0o700)
    do {
      // Closed when this block ends, which a store's threads are only some time later.
      let writer = try database(in: folder.store)
      try writer.execute(
        "INSERT INTO feed (tenant, content_type) VALUES ('\(Tenants.id(1))', 'Audit.Exchange')")
    }
    let before = try TemporaryFolder.names(in: folder.store)
    let bytes = try #require(FileManager.default.contents(atPath: folder.store + "/millrace.db"))
    let looking = try Store(folder: folder.store, access: .inspect)
    #expect(try await looking.status().feeds.map(\.feed) == [try feed()])
    let exchange = try feed()
    let error = await failure { () throws(StoreError) in
      try await looking.recordStart(
        of: exchange, at: noon)
    }
    #expect(error?.kind == .inputOutput)
    looking.close()
    #expect(try TemporaryFolder.names(in: folder.store) == before)
    #expect(FileManager.default.contents(atPath: folder.store + "/millrace.db") == bytes)
  }

  @Test func `after closing nothing is accepted, and what was accepted is done`() async throws {
    let store = try Store(folder: folder.store)
    try await store.list([1], of: try feed())
    store.close()
    store.close()
    let exchange = try feed()
    let error = await failure { () throws(StoreError) in
      try await store.list([2], of: exchange)
    }
    #expect(error?.kind == .closed)
    let reading = await failure { () throws(StoreError) in
      try await store.owedCount(of: exchange.tenant)
    }
    #expect(reading?.kind == .closed)
  }

  @Test(.timeLimit(.minutes(10)))
  func `stores open and close in numbers, and leave no thread behind`() async throws {
    let exchange = try feed()
    for number in 1...40 {
      let store = try Store(folder: folder.store)
      try await store.list([number], of: exchange)
      // Every other one is only let go of, as a forgotten one would be.
      if number % 2 == 0 { store.close() }
    }
    try await withStore(folder.store) { (store) throws in
      #expect(try await store.owedCount(of: exchange.tenant) == 40)
      #expect(try !openFiles().isEmpty)
    }
    // A thread that stays keeps its connection, and so its files, open. Each ends on its own time.
    while try openFiles().count > 0 {
      try Task.checkCancellation()
      await Pulse().wait(beyond: 0, atMost: .milliseconds(10))
    }
  }

  /// The files of this test's store that the process has open.
  private func openFiles() throws -> [String] {
    let descriptors = "/proc/self/fd"
    return try FileManager.default.contentsOfDirectory(atPath: descriptors).compactMap { name in
      // One that is closed between the listing and the look is not open.
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\(name)")
    }.filter { $0.contains(folder.store) }
  }

  // MARK: Refusals

  @Test func `a database of a newer version is refused and left as it is`() throws {
    let writer = try database(in: folder.path)
    try writer.execute("PRAGMA user_version = 99")
    // A copy of what a killed process leaves: most of it waits in the write-ahead log.
    let names = ["millrace.db", "millrace.db-wal"]
    try FileManager.default.createDirectory(
      atPath: folder.store, withIntermediateDirectories: false)
    for name in names {
      try FileManager.default.copyItem(
        atPath: folder.path + "/" + name, toPath: folder.store + "/" + name)
    }
    func contents() -> [Data?] {
      names.map { FileManager.default.contents(atPath: folder.store + "/" + $0) }
    }
    let before = contents()
    for access in [Store.Access.collect, .inspect] {
      let error = try #require(refusal(folder.store, access))
      #expect(error.kind == .newer)
      #expect(error.message.contains("99") && !error.hint.isEmpty)
      #expect(contents() == before)
    }
  }

  @Test func `another program's database is refused and left as it is`() throws {
    let path = folder.path + "/millrace.db"
    do {
      let connection = try Connection(path: path, mode: .readWrite)
      try connection.execute("CREATE TABLE theirs (x)")
    }
    let bytes = try #require(FileManager.default.contents(atPath: path))
    for access in [Store.Access.collect, .inspect] {
      let error = try #require(refusal(folder.path, access))
      #expect(error.kind == .damaged && error.hint.contains("store.path"))
      #expect(FileManager.default.contents(atPath: path) == bytes)
    }
    let connection = try Connection(path: path, mode: .readWrite)
    try connection.execute("DROP TABLE theirs")
    try connection.execute("PRAGMA application_id = 7")
    #expect(refusal(folder.path)?.kind == .damaged, "an empty one of theirs, too")
  }

  @Test(arguments: [100, 5000])
  func `a file that is no database is refused and left as it is`(count: Int) throws {
    let path = folder.path + "/millrace.db"
    let bytes = Data(repeating: 0x41, count: count)
    try bytes.write(to: URL(filePath: path))
    for access in [Store.Access.collect, .inspect] {
      #expect(refusal(folder.path, access)?.kind == .damaged)
      #expect(FileManager.default.contents(atPath: path) == bytes)
    }
  }

  @Test func `a folder that cannot be written is named, with what to do`() async throws {
    let closed = folder.path + "/closed"
    try FileManager.default.createDirectory(
      atPath: closed, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o555])
    chmod(folder.path, 0o755)
    await #expect(processExitsWith: .success) { [closed = closed as String] in
      // The superuser may write anywhere, so this process becomes nobody.
      if geteuid() == 0 { try #require(seteuid(65_534) == 0) }
      for path in [closed, closed + "/store"] {
        let error = try #require(refusal(path))
        try #require(error.kind == .inputOutput, "\(error)")
        try #require(error.operation.contains(closed), "\(error)")
        try #require(error.message.contains("Permission denied"), "\(error)")
        try #require(!error.hint.isEmpty)
      }
    }
  }

  @Test func `a file where a folder should be is named`() throws {
    let path = folder.path + "/file"
    try Data().write(to: URL(filePath: path))
    for below in [path, path + "/store"] {
      let error = try #require(refusal(below))
      #expect(error.kind == .inputOutput && error.operation.contains(path), "\(error)")
    }
    #expect(refusal(path + "/store", .inspect)?.kind == .inputOutput)
  }

  @Test func `a database that is a link to elsewhere is refused`() throws {
    symlink("/dev/null", folder.path + "/millrace.db")
    #expect(refusal(folder.path)?.kind == .inputOutput)
  }

  // MARK: The lock

  @Test func `looking is possible beside the collector`() throws {
    let store = try Store(folder: folder.store)
    defer { store.close() }
    #expect(refusal(folder.store, .inspect) == nil)
  }

  @Test func `a second store in this process is refused and told who holds it`() throws {
    let store = try Store(folder: folder.store)
    defer { store.close() }
    let error = try #require(refusal(folder.store))
    #expect(error.kind == .locked)
    #expect(error.message == "in use by process \(getpid())")
    #expect(!error.hint.isEmpty)
  }

  @Test func `a store in another process is refused and told who holds it`() async throws {
    let store = try Store(folder: folder.store)
    defer { store.close() }
    let holder = getpid()
    await #expect(processExitsWith: .success) {
      [path = folder.store as String, holder = holder as Int32] in
      try #require(getpid() != holder)
      let error = try #require(refusal(path))
      try #require(error.kind == .locked)
      try #require(error.message == "in use by process \(holder)")
      try #require(refusal(path, .inspect) == nil)
    }
  }

  @Test func `the lock of a killed process is no obstacle`() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.store as String] in
      let store = try Store(folder: path)
      try await store.list([1], of: try feed())
      kill(getpid(), SIGKILL)
    }
    #expect(try TemporaryFolder.names(in: folder.store).contains("lock"))
    try await withStore(folder.store) { (store) throws in
      #expect(try await store.owedCount(of: try Tenants.id(1)) == 1)
    }
  }
}

struct StoreErrorTests {
  @Test func `an error reads as operation, message and hint`() {
    let error = StoreError(kind: .full, operation: "write", message: "no room", hint: "make some")
    #expect(error.description == "store: write: no room (make some)")
    #expect(
      StoreError(kind: .other, operation: "write", message: "odd").description
        == "store: write: odd")
  }

  @Test(
    arguments: [
      (StoreError.Kind.full, true), (.inputOutput, true), (.locked, false), (.damaged, false),
      (.newer, false), (.closed, false), (.other, false),
    ])
  func `what time may mend is told from what it may not`(kind: StoreError.Kind, passes: Bool) {
    #expect(StoreError(kind: kind, operation: "", message: "").isPassing == passes)
  }

  @Test func `values never appear in an error`() async throws {
    let folder = try TemporaryFolder()
    try await withStore(folder.store) { (store) throws in
      let exchange = try feed()
      try await store.list([1], of: exchange)
      let content = try #require(try await store.owed(exchange).first)
      let error = await failure { () throws(StoreError) in
        try await store.commitFetched(
          content,
          parts: [
            PackedBody(byteCount: 0, sha256: Array("hunter2".utf8), storedBytes: 0, chunks: [])
          ], at: noon)
      }
      #expect(error != nil && error?.description.contains("hunter2") == false)
    }
  }
}
