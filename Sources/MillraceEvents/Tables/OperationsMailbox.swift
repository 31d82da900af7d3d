/// What the operations on mailboxes and their items mean (record types 2, 3, 19, 50 and 101). The
/// names are short; they mean this in these record types alone.
enum MailboxOperations {
  /// The rows.
  static let rows: [OperationRow] = [
    .init("mailitemsaccessed", .mailbox, "mailbox.item.access", .read),
    .init("messagebind", .mailbox, "mailbox.item.access", .read),
    .init("folderbind", .mailbox, "mailbox.folder.access", .read),
    .init("send", .email, "email.send", .send),
    .init("sendas", .email, "email.send_as", .send),
    .init("sendonbehalf", .email, "email.send_on_behalf", .send),
    .init("create", .mailbox, "mailbox.item.create", .create),
    .init("update", .mailbox, "mailbox.item.update", .update),
    .init("move", .mailbox, "mailbox.item.move", .update),
    .init("copy", .mailbox, "mailbox.item.copy", .create),
    .init("movetodeleteditems", .mailbox, "mailbox.item.trash", .delete),
    .init("softdelete", .mailbox, "mailbox.item.delete", .delete),
    .init("harddelete", .mailbox, "mailbox.item.purge", .delete),
    .init("recorddelete", .mailbox, "mailbox.item.retention", .update),
    .init("applyrecord", .mailbox, "mailbox.item.retention", .update),
    .init("applyprioritycleanup", .mailbox, "mailbox.item.retention", .update),
    .init("mailboxlogin", .authentication, "mailbox.login", .login),
    .init("updateinboxrules", .mailbox, "mailbox.rule.update", .update),
    .init("addfolderpermissions", .mailbox, "mailbox.folder.permission.grant", .grant),
    .init("modifyfolderpermissions", .mailbox, "mailbox.folder.permission.grant", .grant),
    .init("updatefolderpermissions", .mailbox, "mailbox.folder.permission.grant", .grant),
    .init("removefolderpermissions", .mailbox, "mailbox.folder.permission.revoke", .revoke),
    .init("updatecalendardelegation", .mailbox, "mailbox.delegate.update", .grant),
    .init("searchqueryinitiatedexchange", .mailbox, "mailbox.search", .search),
    .init("attachmentaccess", .mailbox, "mailbox.attachment.access", .read),
  ]
}
