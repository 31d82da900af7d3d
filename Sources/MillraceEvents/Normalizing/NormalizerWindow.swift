import MillraceCore

/// When long activities began and ended, where records say it beside `CreationTime`.
extension Normalizer {
  private static let windows: [(RawMember, EventField)] = [
    (.startTime, .timeStart), (.startTimeUtc, .timeStart), (.timeOfClick, .timeStart),
    (.activityDateTime, .timeStart), (.joinTime, .timeStart), (.endTime, .timeEnd),
    (.endTimeUtc, .timeEnd), (.leaveTime, .timeEnd),
  ]

  /// Of searches and cmdlets, of investigations, clicks and risks, and of meetings that are over
  /// and who was in them.
  /// Other records have members of these names that mean something else: the begin of a shift.
  mutating func readWindow() {
    switch family {
    case .discovery, .threat, .alert: break
    case .exchangeAdmin where recordType == 18: break
    case .teams where operationKey == "meetingdetail": break
    case .teams where operationKey == "meetingparticipantdetail": break
    default: return
    }
    for (member, field) in Normalizer.windows {
      guard !event.has(field), let text = text(member), let time = RecordTime.read(text)
      else { continue }
      event.set(field, time)
      members.lift(member)
    }
  }
}
