import MillraceCore

/// A key of the extension of CEF.
struct CEFKey: Sendable {
  let name: StaticString
  /// Bytes that a text may have before it is escaped: no more than the dictionary of ArcSight has
  /// for the key, but for `externalId`.
  let bytesMax: Int
  /// What the value is, for keys whose meaning is everybody's own choice: a second key says it.
  let label: StaticString?

  private init(
    _ name: StaticString, atMost bytesMax: Int = Limits.cefNameBytesMax,
    label: StaticString? = nil
  ) {
    self.name = name
    self.bytesMax = bytesMax
    self.label = label
  }
}

extension CEFKey {
  /// The dictionary has 40 bytes for it, and ids have 36 commonly. One that is longer is not cut to
  /// that: receivers drop repeats by it, and two events could become one.
  static let externalId = CEFKey("externalId")

  static let start = CEFKey("start")
  static let end = CEFKey("end")
  /// The whole operation is in the header.
  static let act = CEFKey("act", atMost: 63)
  static let cat = CEFKey("cat")
  static let outcome = CEFKey("outcome", atMost: 63)
  static let reason = CEFKey("reason")
  static let cnt = CEFKey("cnt")
  static let msg = CEFKey("msg")

  static let suser = CEFKey("suser")
  static let suid = CEFKey("suid")
  static let spriv = CEFKey("spriv")
  static let sntdom = CEFKey("sntdom", atMost: 255)
  static let duser = CEFKey("duser")
  static let duid = CEFKey("duid")

  static let src = CEFKey("src")
  static let c6a2 = CEFKey("c6a2", label: "Source IPv6 Address")
  static let spt = CEFKey("spt")
  static let shost = CEFKey("shost")
  static let slat = CEFKey("slat")
  static let slong = CEFKey("slong")
  static let requestClientApplication = CEFKey("requestClientApplication")
  static let destinationServiceName = CEFKey("destinationServiceName")
  static let deviceExternalId = CEFKey("deviceExternalId", atMost: 255)

  static let request = CEFKey("request")
  static let fname = CEFKey("fname")
  static let filePath = CEFKey("filePath")
  static let oldFilePath = CEFKey("oldFilePath")
  static let fsize = CEFKey("fsize")
  static let fileId = CEFKey("fileId")
  static let fileHash = CEFKey("fileHash", atMost: 255)

  // The dictionary has 4000 bytes for texts of these; few of that length would fill a line.
  static let cs1 = CEFKey("cs1", label: "RecordType")
  static let cs2 = CEFKey("cs2", label: "Rule")
  static let cs3 = CEFKey("cs3", label: "SessionId")
  static let cs4 = CEFKey("cs4", label: "AppId")
  static let cs5 = CEFKey("cs5", label: "CorrelationId")
  static let cs6 = CEFKey("cs6", label: "Target")
  static let cn1 = CEFKey("cn1", label: "RecordTypeId")
  static let cn2 = CEFKey("cn2", label: "ErrorNumber")
  static let deviceCustomDate1 = CEFKey("deviceCustomDate1", label: "CollectedTime")
}
