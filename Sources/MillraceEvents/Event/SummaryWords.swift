/// How an action is told in a summary.
struct SummaryPhrase: Sendable {
  /// After who did it: "downloaded".
  let done: StaticString
  /// After "failed to": "download".
  let infinitive: StaticString
  /// What stands before the object's name, when there is one.
  let link: StaticString

  init(_ done: StaticString, _ infinitive: StaticString, link: StaticString = " ") {
    self.done = done
    self.infinitive = infinitive
    self.link = link
  }
}

/// The words of summaries, in data: by action where an action has words of its own, else by verb.
enum SummaryWords {
  /// By `action`; what is not here is told by its verb, and by the noun that the action begins
  /// with.
  static let actions = NameTable<SummaryPhrase>(rows)

  static let rows: [(name: StaticString, value: SummaryPhrase)] = [
    // Accounts and rights.
    ("user.login", SummaryPhrase("signed in", "sign in", link: " to ")),
    ("user.logout", SummaryPhrase("signed out", "sign out", link: " of ")),
    ("mailbox.login", SummaryPhrase("signed in", "sign in", link: " to ")),
    ("teams.session.start", SummaryPhrase("signed in", "sign in", link: " to ")),
    (
      "user.password.change",
      SummaryPhrase("changed the password", "change the password", link: " of ")
    ),
    (
      "user.password.reset",
      SummaryPhrase("reset the password", "reset the password", link: " of ")
    ),
    ("user.invite", SummaryPhrase("invited user", "invite user")),
    (
      "user.session.revoke",
      SummaryPhrase("revoked the sessions", "revoke the sessions", link: " of ")
    ),
    ("role.member.add", SummaryPhrase("granted", "grant", link: " to ")),
    ("role.member.remove", SummaryPhrase("revoked", "revoke", link: " from ")),
    (
      "group.member.add",
      SummaryPhrase("added a group member", "add a group member", link: ": ")
    ),
    (
      "group.member.remove",
      SummaryPhrase("removed a group member", "remove a group member", link: ": ")
    ),
    ("app.consent", SummaryPhrase("consented", "consent", link: " to ")),
    // Mailboxes.
    ("mailbox.item.access", SummaryPhrase("read mail", "read mail", link: " of ")),
    ("mailbox.folder.access", SummaryPhrase("opened a folder", "open a folder", link: " of ")),
    ("mailbox.item.create", SummaryPhrase("created items", "create items", link: " of ")),
    ("mailbox.item.update", SummaryPhrase("changed items", "change items", link: " of ")),
    ("mailbox.item.move", SummaryPhrase("moved items", "move items", link: " of ")),
    ("mailbox.item.copy", SummaryPhrase("copied items", "copy items", link: " of ")),
    (
      "mailbox.item.trash",
      SummaryPhrase("moved items to deleted ones", "delete items", link: " of ")
    ),
    ("mailbox.item.delete", SummaryPhrase("deleted items", "delete items", link: " of ")),
    ("mailbox.item.purge", SummaryPhrase("purged items", "purge items", link: " of ")),
    ("mailbox.search", SummaryPhrase("searched mail", "search mail", link: " of ")),
    ("email.send", SummaryPhrase("sent", "send")),
    ("email.send_as", SummaryPhrase("sent as another", "send as another", link: ": ")),
    (
      "email.send_on_behalf",
      SummaryPhrase("sent on behalf of another", "send on behalf of another", link: ": ")
    ),
    (
      "mailbox.forwarding.set",
      SummaryPhrase("set up forwarding", "set up forwarding", link: " of ")
    ),
    // Files and sharing.
    ("file.access", SummaryPhrase("opened", "open")),
    ("file.preview", SummaryPhrase("previewed", "preview")),
    ("file.download", SummaryPhrase("downloaded", "download")),
    ("file.upload", SummaryPhrase("uploaded", "upload")),
    ("file.update", SummaryPhrase("changed", "change")),
    ("file.rename", SummaryPhrase("renamed", "rename")),
    ("file.move", SummaryPhrase("moved", "move")),
    ("file.copy", SummaryPhrase("copied", "copy")),
    ("file.restore", SummaryPhrase("restored", "restore")),
    ("file.trash", SummaryPhrase("recycled", "recycle")),
    ("file.delete", SummaryPhrase("deleted", "delete")),
    ("file.purge1", SummaryPhrase("purged", "purge")),
    ("file.purge2", SummaryPhrase("purged", "purge")),
    ("file.lock", SummaryPhrase("checked out", "check out")),
    ("file.unlock", SummaryPhrase("checked in", "check in")),
    ("label.apply", SummaryPhrase("applied a label", "apply a label", link: " to ")),
    ("label.update", SummaryPhrase("changed the label", "change the label", link: " of ")),
    ("label.remove", SummaryPhrase("removed the label", "remove the label", link: " of ")),
    ("label.open", SummaryPhrase("opened", "open")),
    ("label.rename", SummaryPhrase("renamed", "rename")),
    ("file.label.apply", SummaryPhrase("applied a label", "apply a label", link: " to ")),
    ("file.label.change", SummaryPhrase("changed the label", "change the label", link: " of ")),
    ("file.label.remove", SummaryPhrase("removed the label", "remove the label", link: " of ")),
    ("malware.detect", SummaryPhrase("touched malware", "touch malware", link: " in ")),
    ("page.view", SummaryPhrase("viewed", "view")),
    ("list.view", SummaryPhrase("viewed", "view")),
    ("share.grant", SummaryPhrase("shared", "share")),
    ("share.revoke", SummaryPhrase("stopped sharing", "stop sharing")),
    ("share.link.create", SummaryPhrase("created a link", "create a link", link: " to ")),
    ("share.link.update", SummaryPhrase("changed a link", "change a link", link: " to ")),
    ("share.link.delete", SummaryPhrase("removed a link", "remove a link", link: " to ")),
    ("share.link.use", SummaryPhrase("used a link", "use a link", link: " to ")),
    (
      "share.invite.create", SummaryPhrase("sent an invitation", "send an invitation", link: " to ")
    ),
    (
      "share.invite.accept",
      SummaryPhrase("accepted an invitation", "accept an invitation", link: " to ")
    ),
    (
      "sync.enable", SummaryPhrase("connected a sync client", "connect a sync client", link: " to ")
    ),
    // The rest.
    ("ai.interact", SummaryPhrase("used an assistant", "use an assistant", link: " in ")),
    ("report.view", SummaryPhrase("viewed", "view")),
    ("portal.query", SummaryPhrase("queried the portal", "query the portal", link: " for ")),
    ("team.member.add", SummaryPhrase("added team members", "add team members", link: " to ")),
    (
      "team.member.remove",
      SummaryPhrase("removed team members", "remove team members", link: " from ")
    ),
    (
      "ediscovery.search",
      SummaryPhrase("searched content", "search content", link: " in ")
    ),
    (
      "ediscovery.purge",
      SummaryPhrase("purged what a search found", "purge what a search found", link: ": ")
    ),
    (
      "ediscovery.export",
      SummaryPhrase("exported what a search found", "export what a search found", link: ": ")
    ),
    ("risk.detect", SummaryPhrase("was found at risk", "be found at risk", link: " in ")),
    ("threat.mail", SummaryPhrase("reported mail", "report mail", link: ": ")),
    ("threat.file", SummaryPhrase("reported a file", "report a file", link: ": ")),
    ("threat.url.click", SummaryPhrase("clicked a link", "click a link", link: ": ")),
    ("message.create", SummaryPhrase("sent a message", "send a message", link: " in ")),
    ("dlp.rule.match", SummaryPhrase("matched policy", "match policy", link: " in ")),
    ("dlp.rule.undo", SummaryPhrase("no longer matched policy", "match policy", link: " in ")),
  ]

  /// By `verb`: the noun of the action stands before the object's name.
  static let verbs = NameTable<SummaryPhrase>([
    ("create", SummaryPhrase("created", "create")), ("read", SummaryPhrase("read", "read")),
    ("update", SummaryPhrase("changed", "change")),
    ("delete", SummaryPhrase("deleted", "delete")),
    ("grant", SummaryPhrase("granted", "grant", link: ": ")),
    ("revoke", SummaryPhrase("revoked", "revoke", link: ": ")),
    ("share", SummaryPhrase("shared", "share")),
    ("unshare", SummaryPhrase("stopped sharing", "stop sharing")),
    ("login", SummaryPhrase("signed in to", "sign in to")),
    ("logout", SummaryPhrase("signed out of", "sign out of")),
    ("send", SummaryPhrase("sent", "send")), ("search", SummaryPhrase("searched", "search")),
    ("export", SummaryPhrase("exported", "export")),
    ("import", SummaryPhrase("imported", "import")),
    ("install", SummaryPhrase("installed", "install")),
    ("uninstall", SummaryPhrase("removed", "remove")),
    ("enable", SummaryPhrase("enabled", "enable")),
    ("disable", SummaryPhrase("disabled", "disable")),
    ("detect", SummaryPhrase("reported", "report", link: ": ")),
    ("execute", SummaryPhrase("ran", "run")),
  ])

  /// Of what has neither: the operation itself is named.
  static let other = SummaryPhrase("performed", "perform", link: " on ")
}
