/// The rows of actions on applications that are no objects of the directory: what Teams installs is
/// a program, what Power Apps makes is called, what Exchange knows of an application is a setting.
/// They count before the rows of the same actions that hold for all services.
extension ActionClasses {
  /// The rows of one service, or of all others.
  typealias ServiceRows = (service: StaticString, rows: [Row])

  /// Stands for every service that has no rows of its own.
  static let otherServices: StaticString = "*"

  static let applications: [ServiceRows] = [
    ("teams", [("app.update", "configuration: change", "6002/8")]),
    (
      "power_apps",
      [
        ("app.create", "api: creation", "6003/1"),
        ("app.update", "api: change", "6003/3"),
        ("app.delete", "api: deletion", "6003/4"),
      ]
    ),
    (
      otherServices,
      [
        ("app.create", "configuration: creation", "6003/1"),
        ("app.update", "configuration: change", "6003/3"),
        ("app.delete", "configuration: deletion", "6003/4"),
      ]
    ),
  ]
}
