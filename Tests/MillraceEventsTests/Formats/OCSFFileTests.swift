import Foundation
import MillraceEvents
import Testing

/// Files of events, of findings and of mail in OCSF.
@Suite struct `Files in OCSF` {
  private let old =
    #""SiteUrl":"https://x.example/s/","SourceRelativeUrl":"Docs","SourceFileName":"Old.docx","#
    + #""ItemType":"File","UserId":"a@x.example""#

  private func file(_ members: String, _ operation: String) throws -> Event {
    try event(record(old + members, type: 6, operation: operation), in: .ocsf)
  }

  // MARK: What a file became

  @Test func `what was renamed has its old name in file and its new one in file_result`() throws {
    let renamed = try file(#","DestinationFileName":"New.locked""#, "FileRenamed")
    #expect(renamed["file.name"] == "Old.docx" && renamed["file.path"] == "/s/Docs/Old.docx")
    #expect(renamed["file_result.name"] == "New.locked")
    #expect(renamed["file_result.path"] == "/s/Docs/New.locked")
    #expect(renamed["file_result.ext"] == "locked")
    #expect(renamed.number("file_result.type_id") == 1)
  }

  @Test(arguments: [("FileMoved", 7), ("FileCopied", 6)])
  func `what was moved or copied has its new place`(_ operation: String, _ id: Int) throws {
    let whole = try file(
      #","DestinationFileName":"New.docx","DestinationRelativeUrl":"Archive/2026""#, operation)
    #expect(whole.number("activity_id") == id)
    #expect(whole["file_result.path"] == "/s/Archive/2026/New.docx")
    // Where the folder alone is told, the name is as it was.
    let folder = try file(#","DestinationRelativeUrl":"Archive/2026""#, operation)
    #expect(folder["file_result.name"] == "Old.docx")
    #expect(folder["file_result.path"] == "/s/Archive/2026/Old.docx")
    // Where the name alone is, nobody knows in which folder.
    let name = try file(#","DestinationFileName":"New.docx""#, operation)
    #expect(name["file_result.name"] == "New.docx" && !name.has("file_result.path"))
  }

  @Test(arguments: [
    (#"E:\\new.xlsx"#, "new.xlsx", #"E:\new.xlsx"#), (#"E:\\"#, "a.xlsx", #"E:\a.xlsx"#),
    ("/media/new.xlsx", "new.xlsx", "/media/new.xlsx"),
  ])
  func `what a device copied has its place there`(
    _ target: String, _ name: String, _ path: String
  ) throws {
    let copied = try event(
      record(
        #""ObjectId":"C:\\Users\\ana\\a.xlsx","TargetFilePath":"\#(target)""#, type: 63,
        operation: "FileCopiedToRemovableMedia"), in: .ocsf)
    #expect(copied["file.name"] == "a.xlsx")
    #expect(copied["file_result.name"] == name && copied["file_result.path"] == path)
  }

  @Test func `a folder becomes a folder, and what only was read becomes nothing`() throws {
    let folder = try event(
      record(
        #""SourceFileName":"Old","ItemType":"Folder","DestinationFileName":"v1.2","UserId":"a""#,
        type: 6, operation: "FolderRenamed"), in: .ocsf)
    #expect(folder.number("file_result.type_id") == 2 && !folder.has("file_result.ext"))
    #expect(try !file("", "FileAccessed").has("file_result"))
  }

  // MARK: Files of findings

  @Test func `a match of a policy has the file that it is about`() throws {
    let match = try event(
      record(
        #"""
        "UserId":"a@x.example","SharePointMetaData":{"FileName":"cards.xlsx","FileSize":512,\#
        "UniqueId":"13131313-0000-4000-8000-000000000033",\#
        "FilePathUrl":"https://x.example/s/Docs/cards.xlsx"}
        """#, type: 11, operation: "DlpRuleMatch"), in: .ocsf)
    #expect(match.meaning == "2006/1")
    #expect(match["file.name"] == "cards.xlsx" && match["file.path"] == "/s/Docs/cards.xlsx")
    #expect(match.number("file.type_id") == 1 && match.number("file.size") == 512)
    #expect(match["file.uid"] == "13131313-0000-4000-8000-000000000033")
    #expect(match["file.url.url_string"] == "https://x.example/s/Docs/cards.xlsx")
    #expect(match["file.url.hostname"] == "x.example")
    let mail = try event(
      record(
        #""ExchangeMetaData":{"MessageID":"<m@x.example>","From":"a@x.example"}"#, type: 13,
        operation: "DlpRuleMatch"), in: .ocsf)
    #expect(mail.meaning == "2006/1" && !mail.has("file"))
  }

  @Test func `a file that was found is a regular one, whatever the finding is on`() throws {
    let found = try event(
      record(
        #""AlertId":"a","UserId":"a@x.example","SourceFileName":"a.exe""#, type: 6,
        operation: "FileMalwareDetected"), in: .ocsf)
    let file = try #require(found.objects("evidences").first?["file"] as? [String: Any])
    #expect(file["type_id"] as? Int == 1)
  }

  // MARK: Hashes and attachments

  static let hash = String(repeating: "ab12", count: 16)

  @Test func `the file of a device has its hash`() throws {
    let copied = try event(
      record(
        #""ObjectId":"C:\\a.xlsx","Sha256":"\#(Self.hash.uppercased())""#, type: 63,
        operation: "FileDeleted"), in: .ocsf)
    let hashes = copied.object("file")?["hashes"] as? [[String: Any]]
    #expect(hashes?.count == 1 && hashes?.first?["algorithm_id"] as? Int == 3)
    #expect(hashes?.first?["value"] as? String == Self.hash)
  }

  @Test func `a mail that was found has its attachments with their hashes`() throws {
    let mail = try event(
      record(
        #"""
        "P2Sender":"boss@evil.example","Recipients":["ana@x.example"],"AttachmentData":[\#
        {"FileName":"a.zip","FileSize":20480,"SHA256":"\#(Self.hash)"},{"FileVerdict":1},\#
        {"FileName":"b.txt"}]
        """#, type: 28, operation: "TIMailData"), in: .ocsf)
    let email = mail.objects("evidences").first?["email"] as? [String: Any]
    let files = try #require(email?["files"] as? [[String: Any]])
    #expect(files.map { $0["name"] as? String } == ["a.zip", "b.txt"])
    #expect(files.map { $0["type_id"] as? Int } == [1, 1])
    #expect(files.first?["size"] as? Int == 20480)
    let hashes = files.first?["hashes"] as? [[String: Any]]
    #expect(hashes?.first?["value"] as? String == Self.hash)
    #expect(mail.observed("evidences.email.files.hashes.value") == [Self.hash])
  }

  @Test func `a mail that was sent has its attachments`() throws {
    let mail = try event(
      record(
        #"""
        "UserId":"ana@x.example","MailboxOwnerUPN":"ana@x.example",\#
        "Item":{"InternetMessageId":"<m@x.example>","Attachments":"a (1).txt (12b); b.pdf (34b)"}
        """#, type: 2, operation: "Send"), in: .ocsf)
    #expect(mail.meaning == "4009/1")
    let files = try #require(mail.object("email")?["files"] as? [[String: Any]])
    #expect(files.map { $0["name"] as? String } == ["a (1).txt", "b.pdf"])
    #expect(files.map { $0["size"] as? Int } == [12, 34])
  }
}
