/// What the operations of alerts and threats mean (record types 28, 29, 40, 41, 47, 51, 64, 65,
/// 78, 90, 98, 113 and 294).
enum AlertOperations {
  /// The rows.
  static let rows: [OperationRow] = [
    .init("alerttriggered", .alert, "alert.create", .detect),
    .init("alertentitygenerated", .alert, "alert.entity.add", .detect),
    .init("alertupdated", .alert, "alert.update", .update),
    .init("timaildata", .threat, "threat.mail", .detect),
    .init("tiurlclickdata", .threat, "threat.url.click", .detect),
    .init("atpdetection", .threat, "threat.file", .detect),
    .init("airinvestigationdata", .threat, "investigation.update", .update),
    .init("airmanualinvestigationdata", .threat, "investigation.update", .update),
    .init("listed", .threat, "sender.restrict", .disable),
    .init("delisted", .threat, "sender.release", .enable),
    .init("quarantinepreview", .email, "quarantine.preview", .read),
    .init("quarantinepreviewmessage", .email, "quarantine.preview", .read),
    .init("quarantineviewheader", .email, "quarantine.preview", .read),
    .init("quarantinedelete", .email, "quarantine.delete", .delete),
    .init("quarantinedeletemessage", .email, "quarantine.delete", .delete),
    .init("quarantinerelease", .email, "quarantine.release", .update),
    .init("quarantinereleasemessage", .email, "quarantine.release", .update),
    .init("quarantinereleaserequest", .email, "quarantine.request.create", .create),
    .init("quarantinereleaserequestdeny", .email, "quarantine.request.reject", .update),
    .init("quarantineexport", .email, "quarantine.export", .export),
    .init("adminsubmission", .email, "mail.submit", .create),
    .init("usersubmission", .email, "mail.submit", .create),
    .init("adminsubmissionsubmitted", .email, "mail.submit", .create),
    .init("usersubmissionsubmitted", .email, "mail.submit", .create),
  ]
}
