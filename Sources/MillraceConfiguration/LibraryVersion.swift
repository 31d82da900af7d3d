internal import CYAML

extension Configuration {
  /// The version of libyaml in use.
  package static var libraryVersion: String { String(cString: yaml_get_version_string()) }
}
