/// Files of devices: what endpoints report (record type 63), and what the clients of information
/// protection report of labels (83, 84 and 93 to 97).
extension Normalizer {
  mutating func readEndpoint() {
    guard recordType == 63 else { return }
    readLocalFile()
    liftSize(.fileSize)
    lift(.fileExtension, to: .fileExt)
    if let hash = text(.sha256) {
      event.set(.fileSha256, arena.lowercase(hash))
      members.lift(.sha256)
    }
    lift(.targetFilePath, to: .fileDestPath)
    liftIfSame(.application, .appName)
    readPlatform(.platform)
    readEnforcement(members.value(.enforcementMode))
    let data = members.value(.endpointMetaData) ?? ByteView("")
    readEndpointData(data)
    liftIfSame(.justification, .dlpJustification)
    readEnforcement(ObjectCursor.value(of: "EnforcementMode", in: data))
    readMatch(
      members.value(.policyMatchInfo) ?? ObjectCursor.value(of: "PolicyMatchInfo", in: data))
    readTypes(
      members.value(.sensitiveInfoTypeData)
        ?? ObjectCursor.value(of: "SensitiveInfoTypeData", in: data))
  }

  /// What some devices say in an object of its own instead.
  private mutating func readEndpointData(_ data: ByteView) {
    let taken = takeMembers(of: data) { (self: inout Normalizer, key, value) in
      if key == "DeviceName" { return self.take(text: value, .deviceName) }
      if key == "Sha256" || key == "SHA256" { return self.take(id: value, .fileSha256) }
      if key == "FileExtension" { return self.take(text: value, .fileExt) }
      if key == "TargetFilePath" { return self.take(text: value, .fileDestPath) }
      if key == "Application" { return self.take(text: value, .appName) }
      if key == "FileSize" { return self.take(count: value, .fileSize) }
      if key == "Justification" { return self.take(text: value, .dlpJustification) }
      return .none
    }
    lift(.endpointMetaData, taken)
  }

  /// The policy that matched, where the device names one instead of a list.
  private mutating func readMatch(_ match: ByteView?) {
    guard let match, match.first == Ascii.openBrace, !event.has(.policies) else { return }
    var policy: (id: ByteView?, name: ByteView?)
    var rule: (id: ByteView?, name: ByteView?)
    let taken = takeMembers(of: match) { (self: inout Normalizer, key, value) in
      if key == "PolicyId" { return self.take(text: value, into: &policy.id) }
      if key == "PolicyName" { return self.take(text: value, into: &policy.name) }
      if key == "RuleId" { return self.take(text: value, into: &rule.id) }
      return key == "RuleName" ? self.take(text: value, into: &rule.name) : .none
    }
    let rules = listOfOne { (self: inout Normalizer) in
      self.append("id", rule.id)
      self.append("name", rule.name)
    }
    let policies = listOfOne { (self: inout Normalizer) in
      self.append("id", policy.id)
      self.append("name", policy.name)
      self.append("rules", json: rules)
    }
    set(.policies, list: policies)
    if members.value(.policyMatchInfo) != nil { lift(.policyMatchInfo, taken) }
  }

  /// What the device found in the file.
  private mutating func readTypes(_ types: ByteView?) {
    guard let types, let list = elements(of: types), !event.has(.dlpSensitiveTypes) else { return }
    let start = beginList()
    let taken = takeElements(of: list) { (self: inout Normalizer, element) in
      var type = SensitiveType()
      let taken = self.takeSensitiveType(element, &type)
      self.append(type)
      return taken
    }
    set(.dlpSensitiveTypes, list: endList(start))
    if members.value(.sensitiveInfoTypeData) != nil { lift(.sensitiveInfoTypeData, taken) }
  }

  mutating func readLabels() {
    guard family == .informationProtection else { return }
    lift(.labelId, to: .fileLabelID)
    liftIfSame(.sensitivityLabelId, .fileLabelID)
    lift(.oldLabelId, to: .filePrevLabelID)
    // A label on a mail.
    if recordType == 43 { return lift(.itemName, to: .emailSubject) }
    readLabelledFile()
    readPlatform(.platform)
    if let value = members.value(.common) {
      let taken = takeMembers(of: value) { (self: inout Normalizer, key, value) in
        if key == "ApplicationId" { return self.take(id: value, .appID) }
        if key == "ApplicationName" { return self.take(text: value, .appName) }
        if key == "ProcessName" { return self.take(text: value, .appProcess) }
        if key == "DeviceName" { return self.take(text: value, .deviceName) }
        if key == "Platform" { return Taken(self.takePlatform(value)) }
        return .none
      }
      lift(.common, taken)
    }
    liftIfSame(.deviceName, .deviceName)
    liftIfSame(.application, .appName)
    if let value = members.value(.sensitivityLabelEventData) {
      let taken = takeMembers(of: value) { (self: inout Normalizer, key, value) in
        if key == "SensitivityLabelId" { return self.take(text: value, .fileLabelID) }
        if key == "OldSensitivityLabelId" { return self.take(text: value, .filePrevLabelID) }
        return .none
      }
      lift(.sensitivityLabelEventData, taken)
    }
  }

  /// What has the label: a file of SharePoint, or one on a device.
  private mutating func readLabelledFile() {
    readSite()
    readFileNames()
    readFileDetails()
    readFilePath()
    guard !event.has(.targetType), let object = text(.objectId) else { return }
    guard object.hasPrefix(anyCase: "http"), object.firstIndex(ofAnyCase: "://") != nil else {
      return readLocalFile()
    }
    setFileURL(object)
    guard let name = event.text(.fileName) else { return }
    event.set(.targetType, "file")
    event.set(.targetName, name)
    if let id = event.text(.fileItemID) { event.set(.targetID, id) }
    for member in [RawMember.sourceFileName, .listItemUniqueId] { members.lift(member) }
  }

  /// `ObjectId`, which is a path on the device, or the address of a page.
  private mutating func readLocalFile() {
    guard let object = text(.objectId), !event.has(.targetType) else { return }
    if object.hasPrefix(anyCase: "http"), recordType == 63 {
      event.set(.targetType, "link")
      return event.set(.targetName, object)
    }
    let separator = object.lastIndex(of: Ascii.backslash) ?? object.lastIndex(of: Ascii.slash)
    let name = object.dropFirst(separator.map { $0 + 1 } ?? 0)
    if name.isEmpty { return }
    event.setIfAbsent(.fileName, name)
    if separator != nil { event.setIfAbsent(.filePath, object) }
    event.set(.targetType, "file")
    event.set(.targetName, name)
  }

  private mutating func liftSize(_ member: RawMember) {
    guard !event.has(.fileSize), let size = integer(member), size >= 0 else { return }
    event.set(.fileSize, size)
    members.lift(member)
  }

  /// Numbers of the clients of information protection.
  private static let platforms: [StaticString] = [
    "Unknown", "Windows", "MacOS", "iOS", "Android", "Web Browser",
  ]

  private mutating func readPlatform(_ member: RawMember) {
    guard let value = members.value(member), takePlatform(value) else { return }
    members.lift(member)
  }

  private mutating func takePlatform(_ value: ByteView) -> Bool {
    guard let text = cleanText(value) else { return isEmptyScalar(value) }
    guard let number = LenientNumber.integer(text) else {
      event.setIfAbsent(.devicePlatform, text)
      return agrees(text, .devicePlatform)
    }
    guard Normalizer.platforms.indices.contains(number) else { return false }
    if number > 0, !event.has(.devicePlatform) {
      event.set(.devicePlatform, Normalizer.platforms[number])
    }
    return true
  }

  /// What the device did about it: 1 audit, 2 warn, 3 warn and bypass, 4 block, 5 allow. A warning
  /// does not say how it ended. The number stays, as it says more.
  private mutating func readEnforcement(_ value: ByteView?) {
    guard let mode = cleanText(value).flatMap(LenientNumber.integer) else { return }
    if mode == 4 { setBlocked(true) }
    if mode == 1 || mode == 3 || mode == 5 { setBlocked(false) }
    if mode == 3 { event.set(.dlpIsOverride, true) }
  }
}
