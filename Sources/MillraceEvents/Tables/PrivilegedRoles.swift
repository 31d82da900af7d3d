/// Roles of Entra that Microsoft marks as privileged (Microsoft Entra built-in roles), in lower
/// case. Data.
enum PrivilegedRoles {
  static let table = NameTable<Bool>([
    ("global administrator", true), ("company administrator", true), ("tenantadmins", true),
    ("privileged role administrator", true), ("privileged authentication administrator", true),
    ("security administrator", true), ("conditional access administrator", true),
    ("application administrator", true), ("cloud application administrator", true),
    ("authentication administrator", true), ("authentication policy administrator", true),
    ("exchange administrator", true), ("exchange service administrator", true),
    ("sharepoint administrator", true), ("sharepoint service administrator", true),
    ("user administrator", true), ("user account administrator", true),
    ("helpdesk administrator", true), ("hybrid identity administrator", true),
    ("intune administrator", true), ("intune service administrator", true),
    ("domain name administrator", true), ("external identity provider administrator", true),
    ("partner tier2 support", true), ("partner tier1 support", true),
    ("password administrator", true), ("security operator", true), ("security reader", true),
    ("directory writers", true), ("global reader", true),
    ("directory synchronization accounts", true), ("cloud device administrator", true),
    ("application developer", true), ("b2c ief keyset administrator", true),
    ("authentication extensibility administrator", true),
    ("on premises directory sync account", true),
    ("identity governance administrator", true), ("lifecycle workflows administrator", true),
  ])
}
