extension CloudConfiguration {
  /// What is wrong with addresses that belong to different clouds; nil when nothing is known to be.
  ///
  /// The login service would say AADSTS500011, 90002 or 900382, and the API no more than 401.
  var mixture: (message: String, hint: String)? {
    let hosts = Name.allCases.map { CloudConfiguration($0) }
    if login.hasSuffix(".microsoftonline.de") {
      return ("the German cloud was closed in October 2021", "use the cloud the tenant moved to")
    }
    let loginClouds = hosts.filter {
      $0.login == login || ($0.name == .worldwide && login == "https://login.windows.net")
    }
    guard let apiCloud = hosts.first(where: { $0.api == api }), let apiName = apiCloud.name else {
      return nil
    }
    if resource != api, hosts.contains(where: { $0.resource == resource }) {
      return (
        "resource is that of another cloud than api (\(apiName.rawValue))",
        "leave resource out, or write cloud: \(apiName.rawValue)"
      )
    }
    let fitting = loginClouds.contains {
      $0.name == apiName || ($0.name == .worldwide && apiName == .gcc)
    }
    guard !loginClouds.isEmpty, !fitting else { return nil }
    return (
      "login and api belong to different clouds (api is that of \(apiName.rawValue))",
      "write cloud: \(apiName.rawValue)"
    )
  }
}
