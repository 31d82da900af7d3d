/// What members of records, properties and parameters hold by their names, wherever they stand in
/// what no field of the event took up. Data.
enum PseudonymNames {
  /// What a member holds.
  enum Content: Sendable {
    /// The whole value belongs to a group.
    case group(PseudonymGroups)
    /// A word or number of the service, even inside something that belongs to a group.
    case word
    /// A version, a number of the service, a message's id: only known values are replaced.
    case number
  }

  /// What a member called `name` holds; nil when that cannot be told. `TargetId.UserPrincipalName`
  /// is found by what follows its last dot.
  static func content(_ name: ByteView, in arena: inout Arena) -> Content? {
    var name = name
    if let dot = name.lastIndex(of: Ascii.dot), dot + 1 < name.count {
      name = name.dropFirst(dot + 1)
    }
    return table[arena.lowercase(name)]
  }

  private static let table: NameTable<Content> = {
    func rows(
      _ content: Content, _ names: [StaticString]
    ) -> [(name: StaticString, value: Content)] {
      names.map { (name: $0, value: content) }
    }
    return NameTable(
      rows(.group(.users), users) + rows(.group(.addresses), addresses)
        + rows(.group(.ids), ids) + rows(.group(.devices), devices) + rows(.word, words)
        + rows(.number, numbers))
  }()

  private static let users: [StaticString] = [
    "userid", "user", "users", "userkey", "userprincipalname", "upn", "userupn", "actorupn",
    "targetupn", "mailboxownerupn", "destmailboxownerupn", "owner", "owners", "fileowner",
    "siteowner", "sender", "senders", "from", "fromaddress", "p1sender", "p2sender", "to", "cc",
    "bcc", "recipient", "recipients", "receivers", "member", "members", "addedmembers",
    "removedmembers", "displayname", "userdisplayname", "firstname", "lastname", "givenname",
    "surname", "sn", "fullname", "mail", "mailnickname", "alias", "othermails",
    "proxyaddresses", "primarysmtpaddress", "emailaddress", "emailaddresses", "email", "emails",
    "windowsemailaddress", "windowsliveid", "microsoftonlineservicesid", "externalemailaddress",
    "forwardingsmtpaddress", "forwardingaddress", "forwardto", "redirectto",
    "forwardasattachmentto", "copyto", "blindcopyto", "grantsendonbehalfto", "trustee",
    "delegate", "delegates", "identity", "mailbox", "mailboxes", "targetmailbox",
    "sourcemailbox", "sentto", "sentby", "managedby", "moderatedby", "manager", "createdby",
    "modifiedby", "lastmodifiedby", "invitedby", "inviteduser", "inviteduseremailaddress",
    "telephonenumber", "phonenumber", "mobile", "mobilephone", "homephone", "otherphone",
    "alternativeemail", "alternativephonenumber", "alternatephonenumber", "voiceonlyphonenumber",
    "facsimiletelephonenumber", "streetaddress", "loginname", "logonname", "samaccountname",
    "onpremisessamaccountname", "onpremisesuserprincipalname", "username", "usernames",
    "usersharedwith", "targetuserorgroupname", "targetuser", "targetusername",
    "logonuserdisplayname", "sendasusersmtp", "sendonbehalfofusersmtp", "organizer", "attendee",
    "attendees", "participants", "assignedto", "requestor", "requester", "requestedby",
    "reviewer", "reviewers", "approver", "approvers", "senderaddress", "recipientaddress",
    "accountname", "account", "accountupn", "contact", "contacts", "f3u", "suser",
    "alertentityid", "exchangelocation", "onedrivelocation", "signinname", "signinnames",
    "issuerassignedid", "person", "author", "editor", "searcher",
  ]

  private static let addresses: [StaticString] = [
    "clientip", "clientipaddress", "actoripaddress", "actorip", "userip", "senderip",
    "ipaddress", "ipaddresses", "ip", "sourceip", "sourceipaddress", "remoteip", "deviceip",
    "xforwardedfor", "x-forwarded-for", "originalclientip", "proxyip", "clientaddress",
    "callerip", "calleripaddress", "callingip", "publicip", "privateip", "egressip",
  ]

  private static let ids: [StaticString] = [
    "puid", "netid", "usersid", "sid", "logonusersid", "mailboxownersid", "mailboxguid",
    "userobjectid", "useroid", "oid", "tokenobjectid", "immutableid", "onpremisesimmutableid",
    "securityidentifier", "onpremisessecurityidentifier", "deviceid", "machineid", "sessionid",
    "aadsessionid", "uniquetokenid", "uniquetokenidentifier", "uti", "mailboxid", "exchangeguid",
    "archiveguid", "masteraccountsid", "userguid", "passportid", "deviceobjectid",
    "mobiledeviceid", "imei", "serialnumber", "employeeid", "destmailboxid",
    "destmailboxownersid", "destmailboxownermasteraccountsid", "mailboxownermasteraccountsid",
    "sendasusermailboxguid", "sendonbehalfofusermailboxguid",
  ]

  private static let devices: [StaticString] = [
    "devicename", "devicedisplayname", "machinename", "clientmachinename", "hostname",
    "computername", "workstation", "workstationname",
  ]

  private static let words: [StaticString] = [
    "type", "kind", "role_id", "tenant_id", "tenantid", "organizationid", "usertype",
    "itemtype", "recordtype", "workload",
  ]

  private static let numbers: [StaticString] = [
    "version", "clientversion", "browserversion", "appversion", "productversion", "useragent",
    "internetmessageid", "message_id", "messageid", "networkmessageid", "appid",
    "applicationid", "clientappid", "clientapplicationid", "policyid", "ruleid", "labelid",
    "label_id", "sensitivitylabelid", "roledefinitionid", "templateid", "planid", "skuid",
    "correlationid", "requestid", "clientinfostring", "resourceid",
    "apiid",
  ]
}
