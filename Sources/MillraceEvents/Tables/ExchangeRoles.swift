/// Roles of Exchange Online that give access to everybody's mailbox, or to roles (management roles
/// and application roles in Exchange Online), in lower case. Data.
enum ExchangeRoles {
  static let privileged = NameTable<Bool>([
    ("applicationimpersonation", true), ("mailbox import export", true),
    ("mailbox search", true), ("role management", true), ("organization configuration", true),
    ("application mail.read", true), ("application mail.readwrite", true),
    ("application mail.send", true), ("application mail full access", true),
    ("application exchange full access", true), ("application ews.accessasapp", true),
  ])
}
